//! Texts of new tokens, and what is kept of them.

use tokenry_domain::{Kind, Place, Subject, UserId, token::Draft};
use tokenry_store::{Conn, StoreError, sealed_copies, tokens, tokens::Mark};
use tokenry_token::{Payload, Sealed, TokenText, mint};
use zeroize::Zeroizing;

use crate::{Authority, Error};

/// Every instance is one organisation; the number goes into token texts.
const ORGANIZATION: u64 = 1;

/// What is kept of a new token's text.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    /// How it is found and told apart.
    pub(crate) mark: Mark,
    /// The text itself, sealed, if its kind is shown again.
    sealed: Option<Sealed>,
}

impl Kept {
    /// Adds the token to the ledger.
    pub(crate) async fn insert(
        self,
        conn: &mut Conn,
        draft: &Draft,
        now: jiff::Timestamp,
    ) -> Result<tokenry_domain::Token, StoreError> {
        let token = tokens::insert(conn, draft, self.mark, now).await?;
        if let Some(sealed) = &self.sealed {
            sealed_copies::insert(conn, token.id, sealed).await?;
        }
        Ok(token)
    }
}

impl Authority {
    /// A fresh text for a token, and what is kept of it.
    pub(crate) fn mint(&self, draft: &Draft) -> Result<(TokenText, Kept), Error> {
        let text = self.text(draft.kind, draft.owner, draft.subject)?;
        let kept = self.keep(draft.kind, &text)?;
        Ok((text, kept))
    }

    /// A fresh text for a token of this kind, owner and subject.
    pub(crate) fn text(
        &self,
        kind: Kind,
        owner: UserId,
        subject: Option<Subject>,
    ) -> Result<TokenText, Error> {
        let prefix = self.settings().prefix(kind);
        let random = Zeroizing::new(self.random::<16>()?);
        Ok(mint(&prefix, &self.payload(owner, subject), &random))
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
        Ok(Kept { mark, sealed })
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

    /// Whom the token says it belongs to.
    fn payload(&self, owner: UserId, subject: Option<Subject>) -> Payload {
        let number = |id: i64| u64::try_from(id).ok();
        let (group, project) = match subject {
            Some(Subject::Place(Place::Group(id))) => (number(id.get()), None),
            Some(Subject::Place(Place::Project(id))) => (None, number(id.get())),
            Some(Subject::Holder(_)) | None => (None, None),
        };
        Payload {
            cell: self.options.cell,
            group,
            organization: Some(ORGANIZATION),
            project,
            runner_type: None,
            user: number(owner.get()),
        }
    }
}
