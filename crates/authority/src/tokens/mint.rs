//! Texts of new tokens, and what is kept of them.

use tokenry_domain::{
    HolderId, Kind, Place, Subject, UserId,
    holder::{Details, RunnerType},
    token::Draft,
};
use tokenry_store::{Conn, holders, sealed_copies, tokens, tokens::Mark};
use tokenry_token::{Payload, Sealed, TokenText, mint};
use zeroize::Zeroizing;

use crate::{Authority, Caller, Error, Thing, once::Answer};

/// Every instance is one organisation; the number goes into token texts.
const ORGANIZATION: u64 = 1;

/// What is kept of a new token's text.
#[derive(Debug)]
pub(crate) struct Kept {
    /// How it is found and told apart.
    pub(crate) mark: Mark,
    /// The text itself, sealed, if its kind is shown again.
    sealed: Option<Sealed>,
    /// The answer that hands it over, if its request may come again.
    answer: Option<Answer>,
}

impl Kept {
    /// Of a text that isn't shown again.
    pub(crate) const fn unsealed(mark: Mark) -> Self {
        Self {
            mark,
            sealed: None,
            answer: None,
        }
    }

    /// The same, for a request that may come again.
    pub(crate) fn answering(self, answer: Option<Answer>) -> Self {
        Self { answer, ..self }
    }

    /// Adds the token to the ledger.
    pub(crate) async fn insert(
        self,
        conn: &mut Conn,
        draft: &Draft,
        now: jiff::Timestamp,
    ) -> Result<tokenry_domain::Token, Error> {
        let token = tokens::insert(conn, draft, self.mark, now).await?;
        if let Some(sealed) = &self.sealed {
            sealed_copies::insert(conn, token.id, sealed).await?;
        }
        if let Some(answer) = self.answer {
            answer.keep(conn, &token, now).await?;
        }
        Ok(token)
    }
}

/// Whom a token's text says it belongs to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Belonging {
    place: Option<Place>,
    runner: Option<RunnerType>,
    user: Option<UserId>,
}

impl Belonging {
    /// To a user, and to a place if there is one.
    const fn of(user: UserId, place: Option<Place>) -> Self {
        Self {
            place,
            runner: None,
            user: Some(user),
        }
    }

    /// To a holder, who needn't be there yet (spec/token-information-api.md
    /// sections 2.6, 2.7).
    pub(crate) const fn of_holder(
        details: &Details,
        creator: UserId,
        place: Option<Place>,
    ) -> Self {
        match details {
            Details::Runner(_) => Self {
                runner: Some(RunnerType::of(place)),
                ..Self::of(creator, place)
            },
            Details::ClusterAgent(_) => Self {
                user: None,
                ..Self::of(creator, place)
            },
            _ => Self::of(creator, place),
        }
    }
}

impl Authority {
    /// A fresh text for a token that this caller is handed, and what is kept of it.
    ///
    /// # Errors
    /// [`Error::NotFound`] if the token is to belong to what isn't there, or a
    /// fault of ours.
    pub(crate) async fn mint(
        &self,
        caller: &Caller,
        draft: &Draft,
    ) -> Result<(TokenText, Kept), Error> {
        let belonging = match draft.subject {
            Some(Subject::Holder(id)) => self.belonging(id).await?,
            Some(Subject::Place(place)) => Belonging::of(draft.owner, Some(place)),
            None => Belonging::of(draft.owner, None),
        };
        self.mint_for(caller, draft.kind, belonging)
    }

    /// A fresh text for a token that belongs so, and what is kept of it.
    pub(crate) fn mint_for(
        &self,
        caller: &Caller,
        kind: Kind,
        belonging: Belonging,
    ) -> Result<(TokenText, Kept), Error> {
        let text = self.text(kind, belonging)?;
        let answer = self.keeping(caller)?.map(|keeping| keeping.of(&text));
        let kept = self.keep(kind, &text)?.answering(answer);
        Ok((text, kept))
    }

    async fn belonging(&self, id: HolderId) -> Result<Belonging, Error> {
        let holder = holders::by_id(&mut self.store.read().await?, id).await?;
        let holder = holder.ok_or(Error::NotFound(Thing::Token))?;
        let creator = holder.creator;
        Ok(Belonging::of_holder(&holder.details, creator, holder.place))
    }

    /// A fresh text for a user's own token.
    pub(crate) fn text_of(&self, kind: Kind, owner: UserId) -> Result<TokenText, Error> {
        self.text(kind, Belonging::of(owner, None))
    }

    fn text(&self, kind: Kind, belonging: Belonging) -> Result<TokenText, Error> {
        let prefix = self.settings().prefix(kind);
        let random = Zeroizing::new(self.random::<16>()?);
        Ok(mint(&prefix, &self.payload(belonging), &random))
    }

    /// What is kept of a text.
    pub(crate) fn keep(&self, kind: Kind, text: &TokenText) -> Result<Kept, Error> {
        let mark = self.mark(text);
        let sealed = if kind.descriptor().shown_again {
            let sealed = self.keys.load().seal(text, mark.digest, self.random()?)?;
            Some(sealed)
        } else {
            None
        };
        Ok(Kept {
            mark,
            sealed,
            answer: None,
        })
    }

    fn mark(&self, text: &TokenText) -> Mark {
        let keys = self.keys.load();
        let prefixes = self.prefixes.load();
        let prefix = prefixes
            .find(text.reveal())
            .map_or("", |prefix| prefix.as_str());
        Mark {
            digest: keys.current().digest(&text.fingerprint()),
            key: keys.current().id(),
            hint: text.hint(prefix),
        }
    }

    fn payload(&self, belonging: Belonging) -> Payload {
        let number = |id: i64| u64::try_from(id).ok();
        let (group, project) = match belonging.place {
            Some(Place::Group(id)) => (number(id.get()), None),
            Some(Place::Project(id)) => (None, number(id.get())),
            None => (None, None),
        };
        Payload {
            cell: self.options.cell,
            group,
            organization: Some(ORGANIZATION),
            project,
            runner_type: belonging.runner.map(RunnerType::number),
            user: belonging.user.and_then(|user| number(user.get())),
        }
    }
}
