//! Issuing a token.

use jiff::Timestamp;
use tokenry_domain::{
    IfExists, Invalid, Kind, Particulars, Scopes, State, Subject, Token, UserType,
    audit::{Action, Target, token_facts},
    kind::{Issuing, Opens},
    token::Draft,
};
use tokenry_store::{
    Conn, Work, holders, particulars,
    unrevoked::{self, Whose},
};

use super::{
    Issued, Wanted,
    namesakes::{self, Arrival, receive},
    rights,
};
use crate::{Authority, Caller, Error, Thing, places::held};

impl Authority {
    /// Issues a token for any user, for administrators.
    ///
    /// # Errors
    /// [`Error::AdminOnly`], [`Error::NotFound`] for an unknown owner,
    /// [`Error::Invalid`], or a fault of ours.
    pub async fn issue_token(&self, caller: &Caller, wanted: Wanted) -> Result<Issued, Error> {
        caller.require_admin()?;
        self.issue(caller, self.fitting(wanted)?).await
    }

    /// Issues a personal token for the caller, with the few scopes that
    /// anybody may give themselves (spec/rest.md section 2.7).
    ///
    /// # Errors
    /// [`Error::NotPermitted`], [`Error::Invalid`], or a fault of ours.
    pub async fn issue_own_token(&self, caller: &Caller, wanted: Wanted) -> Result<Issued, Error> {
        let own = caller.is(wanted.owner) && wanted.kind == Kind::Personal;
        if !own || !wanted.scopes.within(Scopes::SELF_SERVICE) {
            return Err(Error::NotPermitted("create"));
        }
        self.issue(caller, self.fitting(wanted)?).await
    }

    /// What such a token is for its owner: service accounts have a kind of their
    /// own where people have personal ones, and bots none but those they came
    /// with.
    fn fitting(&self, wanted: Wanted) -> Result<Wanted, Error> {
        let owner = self.directory.get(wanted.owner);
        let owner = owner.ok_or(Error::NotFound(Thing::User))?;
        match (wanted.kind.descriptor().issuing, owner.user_type) {
            (Issuing::User, UserType::ProjectBot | UserType::Ghost) => {
                Err(Error::NotPermitted("create"))
            }
            (Issuing::User, UserType::ServiceAccount) if wanted.kind == Kind::Personal => {
                Ok(Wanted {
                    kind: Kind::ServiceAccount,
                    subject: owner.home.map(Subject::Place),
                    ..wanted
                })
            }
            _ => Ok(wanted),
        }
    }

    /// Issues a token. What belongs to a project or group is issued to those
    /// whose role there says so, while it is there; all else that the caller
    /// may is settled before.
    pub(crate) async fn issue(&self, caller: &Caller, wanted: Wanted) -> Result<Issued, Error> {
        self.issue_with(caller, wanted, Particulars::default())
            .await
    }

    /// As [`Authority::issue`], with what only few kinds have.
    pub(super) async fn issue_with(
        &self,
        caller: &Caller,
        wanted: Wanted,
        particulars: Particulars,
    ) -> Result<Issued, Error> {
        let if_exists = wanted.if_exists;
        let draft = self.draft(wanted)?;
        if draft.kind.descriptor().opens == Opens::Api {
            require_no_bot(caller)?;
        }
        let (text, kept) = self.mint(caller, &draft).await?;
        let mut entry = self.entry(caller, Action::TokenCreated, Target::Instance);
        let (caller, receiving) = (caller.clone(), self.receiving());
        let arrival = self
            .store
            .write(
                move |conn| -> Work<'_, Arrival, Error> {
                    Box::pin(async move {
                        hold_subject(conn, &draft).await?;
                        let own = caller.is(draft.owner) && draft.acts_as_owner();
                        if let Some(Subject::Place(place)) = draft.subject
                            && !own
                        {
                            let place = place.into();
                            let (_, standing) = held(conn, &caller, &place, entry.at).await?;
                            rights::require_manager(draft.kind, &standing)?;
                            let place = standing.place;
                            rights::require_reach(conn, &caller, draft.owner, place, entry.at)
                                .await?;
                        }
                        namesakes::check(conn, &draft, if_exists, entry.at).await?;
                        check_room(conn, &draft, if_exists, entry.at).await?;
                        let token = kept.insert(conn, &draft, entry.at).await?;
                        if particulars != Particulars::default() {
                            particulars::put(conn, token.id, &particulars).await?;
                        }
                        entry.target = Target::Token(token.id);
                        entry.after = token_facts(&token);
                        receive(conn, &caller, &draft, if_exists, token, entry).await
                    })
                },
                receiving,
            )
            .await?;
        let token = arrival.token;
        Ok(Issued { text, token })
    }

    /// The token that is asked for, if the rules allow it.
    pub(crate) fn draft(&self, wanted: Wanted) -> Result<Draft, Error> {
        let owner = self
            .directory
            .get(wanted.owner)
            .ok_or(Error::NotFound(Thing::User))?;
        let expires = self
            .settings()
            .expires(wanted.kind, wanted.expires, self.now());
        let checked = Draft::new(
            wanted.kind,
            &owner,
            wanted.name,
            wanted.description,
            wanted.scopes,
            expires.clone().ok().flatten(),
        );
        let draft = both(checked, expires.map(drop))?;
        Ok(Draft {
            subject: wanted.subject,
            ..draft
        })
    }
}

/// What a token belongs to must be there, and stays until the end.
async fn hold_subject(conn: &mut Conn, draft: &Draft) -> Result<(), Error> {
    if let Some(Subject::Holder(id)) = draft.subject
        && !holders::hold(conn, id).await?
    {
        return Err(Error::NotFound(Thing::Token));
    }
    Ok(())
}

/// What a token belongs to must have room for one more, beside those that it
/// doesn't replace.
async fn check_room(
    conn: &mut Conn,
    draft: &Draft,
    if_exists: IfExists,
    now: Timestamp,
) -> Result<(), Error> {
    let most = draft.kind.descriptor().most_at_once;
    let (Some(subject), Some(most)) = (draft.subject, most) else {
        return Ok(());
    };
    let held = unrevoked::of(conn, Whose::Subject(subject), draft.kind).await?;
    let goes = |token: &Token| if_exists == IfExists::Replace && token.name == draft.name;
    let stays = |token: &&Token| token.state(now) == State::Active && !goes(token);
    if held.iter().filter(stays).count() >= most {
        return Err(Error::TooManyTokens { most });
    }
    Ok(())
}

/// Refuses bots: a token that is to end would outlive itself in others.
pub(crate) fn require_no_bot(caller: &Caller) -> Result<(), Error> {
    let bot = caller
        .user()
        .is_some_and(|user| user.user_type == UserType::ProjectBot);
    if bot {
        return Err(Error::NotPermitted("create"));
    }
    Ok(())
}

/// The first result, or all that is wrong in either.
fn both<T>(first: Result<T, Invalid>, second: Result<(), Invalid>) -> Result<T, Invalid> {
    match (first, second) {
        (Err(mut invalid), Err(more)) => {
            invalid.problems.extend(more.problems);
            Err(invalid)
        }
        (first, Ok(())) => first,
        (Ok(_), Err(invalid)) => Err(invalid),
    }
}
