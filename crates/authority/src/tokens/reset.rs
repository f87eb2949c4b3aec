//! Resetting: a token is ended for what it belongs to, which gets another that
//! nobody asked for and nobody has seen yet.

use tokenry_domain::{
    Token, TokenId,
    audit::{Action, Target},
};
use tokenry_store::Work;

use super::{
    Grounds, Issued,
    rotate::{replace, take_over},
};
use crate::{Authority, Caller, Error};

impl Authority {
    /// Revokes a token and issues another in its place, with the same end.
    /// If it is revoked already, nothing happens, and there is no other.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::NotPermitted`], or a fault of ours.
    pub async fn reset_token(&self, caller: &Caller, id: TokenId) -> Result<Option<Issued>, Error> {
        self.reset_on(caller, id, Grounds::Rights).await
    }

    /// As [`Authority::reset_token`], if the grounds hold.
    pub(super) async fn reset_on(
        &self,
        caller: &Caller,
        id: TokenId,
        grounds: Grounds,
    ) -> Result<Option<Issued>, Error> {
        let now = self.now();
        let mut conn = self.store.read().await?;
        let old = grounds.token(&mut conn, caller, id, now).await?;
        drop(conn);
        if old.life.revoked_at.is_some() {
            return Ok(None);
        }
        let expires = self.settings().expires_rotated(&old, None, now)?;
        let (text, kept) = self.mint(caller, &old.successor(expires)?).await?;
        let entry = self.entry(caller, Action::TokenReset, Target::Token(id));
        let (caller, index) = (caller.clone(), self.index.clone());
        let reset = self
            .store
            .write(
                move |conn| -> Work<'_, (Token, Token), Error> {
                    Box::pin(async move {
                        let old = grounds.held(conn, &caller, id, entry.at).await?;
                        let successor = old.successor(expires)?;
                        replace(conn, old, successor, kept, entry).await
                    })
                },
                move |(old, new)| take_over(&index, old, new),
            )
            .await;
        match reset {
            Ok((_, token)) => Ok(Some(Issued { text, token })),
            // Somebody else was faster.
            Err(Error::AlreadyRevoked(_)) => Ok(None),
            Err(other) => Err(other),
        }
    }
}
