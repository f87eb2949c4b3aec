//! Rotation: one token takes another's place, in one transaction.

use jiff::civil::Date;
use tokenry_domain::{
    Token, TokenId,
    audit::{Action, Target, token_facts},
    token::{AlreadyRevoked, Card},
};
use tokenry_store::{Work, audit, tokens};

use super::{Issued, revoke::manageable};
use crate::{Authority, Caller, Error};

impl Authority {
    /// Revokes a token and issues another with the same name, scopes, owner
    /// and kind (spec/rest.md section 2.8). Of two rotations at once, one
    /// wins; if anything fails, the old token stays.
    ///
    /// # Errors
    /// [`Error::AlreadyRevoked`], [`Error::NotFound`],
    /// [`Error::NotPermitted`], [`Error::Invalid`] for a bad date, or a fault
    /// of ours.
    pub async fn rotate_token(
        &self,
        caller: &Caller,
        id: TokenId,
        expires: Option<Date>,
    ) -> Result<Issued, Error> {
        let old = manageable(&mut self.store.read().await?, caller, id, "rotate").await?;
        let expires = self.settings().expires_rotated(&old, expires, self.now())?;
        let (text, kept) = self.mint(&old.successor(expires)?)?;
        let mut entry = self.entry(caller, Action::TokenRotated, Target::Token(id));
        let (caller, index) = (caller.clone(), self.index.clone());
        let (_, token) = self
            .store
            .write(
                move |conn| -> Work<'_, (Token, Token), Error> {
                    Box::pin(async move {
                        let old = manageable(conn, &caller, id, "rotate").await?;
                        let successor = old.successor(expires)?;
                        if !tokens::revoke(conn, id, entry.at).await? {
                            return Err(AlreadyRevoked.into());
                        }
                        let new = kept.insert(conn, &successor, entry.at).await?;
                        entry.before = token_facts(&old);
                        entry.after = token_facts(&new);
                        audit::insert(conn, &entry).await?;
                        Ok((old, new))
                    })
                },
                move |(old, new)| {
                    index.revoke(old.digest);
                    index.insert(new.digest, Card::from(new.clone()));
                },
            )
            .await?;
        Ok(Issued { text, token })
    }
}
