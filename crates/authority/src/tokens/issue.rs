//! Issuing a token.

use tokenry_domain::{
    Kind, Scopes,
    audit::{Action, Target, token_facts},
    token::{Card, Draft},
};
use tokenry_store::{Work, audit, tokens};
use tokenry_token::{Payload, TokenText, mint};

use super::{Issued, Wanted};
use crate::{Authority, Caller, Error, Thing};

/// Every instance is one organisation; the number goes into token texts.
const ORGANIZATION: u64 = 1;

impl Authority {
    /// Issues a token for any user, for administrators.
    ///
    /// # Errors
    /// [`Error::AdminOnly`], [`Error::NotFound`] for an unknown owner,
    /// [`Error::Invalid`], or a fault of ours.
    pub async fn issue_token(&self, caller: &Caller, wanted: Wanted) -> Result<Issued, Error> {
        caller.require_admin()?;
        self.issue(caller, wanted).await
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
        self.issue(caller, wanted).await
    }

    async fn issue(&self, caller: &Caller, wanted: Wanted) -> Result<Issued, Error> {
        let owner = self
            .directory
            .get(wanted.owner)
            .ok_or(Error::NotFound(Thing::User))?;
        let expires = self
            .settings()
            .expiry()
            .for_new(wanted.expires, self.today());
        let checked = Draft::new(
            wanted.kind,
            &owner,
            wanted.name,
            wanted.description,
            wanted.scopes,
            expires.clone().ok().flatten(),
        );
        let draft = both(checked, expires.map(drop))?;
        let text = self.mint(
            draft.kind,
            u64::try_from(owner.id.get()).unwrap_or_default(),
        )?;
        let mark = self.mark(&text);
        let mut entry = self.entry(caller, Action::TokenCreated, Target::Instance);
        let index = self.index.clone();
        let token = self
            .store
            .write(
                move |conn| -> Work<'_, _, Error> {
                    Box::pin(async move {
                        let token = tokens::insert(conn, &draft, mark, entry.at).await?;
                        entry.target = Target::Token(token.id);
                        entry.after = token_facts(&token);
                        audit::insert(conn, &entry).await?;
                        Ok(token)
                    })
                },
                move |token| index.insert(token.digest, Card::from(token.clone())),
            )
            .await?;
        Ok(Issued { text, token })
    }

    /// A fresh text for a token of this kind that acts as this user.
    pub(crate) fn mint(&self, kind: Kind, owner: u64) -> Result<TokenText, Error> {
        let payload = Payload {
            cell: self.options.cell,
            organization: Some(ORGANIZATION),
            user: Some(owner),
            ..Payload::default()
        };
        Ok(mint(
            &self.settings().prefix(kind),
            &payload,
            &self.random::<16>()?,
        ))
    }
}

/// The first result, or all that is wrong in either.
fn both<T>(
    first: Result<T, tokenry_domain::Invalid>,
    second: Result<(), tokenry_domain::Invalid>,
) -> Result<T, tokenry_domain::Invalid> {
    match (first, second) {
        (Err(mut invalid), Err(more)) => {
            invalid.problems.extend(more.problems);
            Err(invalid)
        }
        (first, Ok(())) => first,
        (Ok(_), Err(invalid)) => Err(invalid),
    }
}
