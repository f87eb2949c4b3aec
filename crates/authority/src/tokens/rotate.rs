//! Rotation: one token takes another's place, in one transaction.

use jiff::{Timestamp, civil::Date};
use tokenry_domain::{
    Token, TokenId,
    audit::{Action, Entry, Target, token_facts},
    kind::Opens,
    token::{AlreadyRevoked, Card, Draft},
};
use tokenry_store::{Conn, Work, audit, tokens};

use super::{Issued, mint::Kept, rights};
use crate::{Authority, Caller, Error, index::Index};

impl Authority {
    /// Revokes a token and issues another with the same name, scopes, owner
    /// and kind (spec/rest.md section 2.8). Of two rotations at once, one
    /// wins; if anything fails, the old token stays.
    ///
    /// # Errors
    /// [`Error::AlreadyRevoked`], [`Error::NotFound`],
    /// [`Error::NotPermitted`], [`Error::AboveOwnRole`], [`Error::NotRotated`],
    /// [`Error::Invalid`] for a bad date, or a fault of ours.
    pub async fn rotate_token(
        &self,
        caller: &Caller,
        id: TokenId,
        expires: Option<Date>,
    ) -> Result<Issued, Error> {
        let mut conn = self.store.read().await?;
        let old = rotatable(&mut conn, caller, id, self.now()).await?;
        drop(conn);
        let expires = self.settings().expires_rotated(&old, expires, self.now())?;
        let (text, kept) = self.mint(caller, &old.successor(expires)?).await?;
        let entry = self.entry(caller, Action::TokenRotated, Target::Token(id));
        let (caller, index) = (caller.clone(), self.index.clone());
        let (_, token) = self
            .store
            .write(
                move |conn| -> Work<'_, (Token, Token), Error> {
                    Box::pin(async move {
                        let old = rotatable(conn, &caller, id, entry.at).await?;
                        let successor = old.successor(expires)?;
                        replace(conn, old, successor, kept, entry).await
                    })
                },
                move |(old, new)| take_over(&index, old, new),
            )
            .await?;
        Ok(Issued { text, token })
    }
}

/// Puts another token in one's place, with the one row of the trail that
/// belongs to it; answers the old token and the new one. Of two at once, one
/// finds the old token revoked.
pub(crate) async fn replace(
    conn: &mut Conn,
    old: Token,
    successor: Draft,
    kept: Kept,
    mut entry: Entry,
) -> Result<(Token, Token), Error> {
    if !tokens::revoke(conn, old.id, entry.at).await? {
        return Err(AlreadyRevoked.into());
    }
    let new = kept.insert(conn, &successor, entry.at).await?;
    entry.before = token_facts(&old);
    entry.after = token_facts(&new);
    entry.tokens = vec![new.id];
    audit::insert(conn, &entry).await?;
    Ok((old, new))
}

/// Takes into memory that one token stands in another's place.
pub(crate) fn take_over(index: &Index, old: &Token, new: &Token) {
    index.revoke(old.digest);
    index.insert(new.digest, Card::from(new.clone()));
}

/// The token with this id, if the caller may rotate it.
async fn rotatable(
    conn: &mut Conn,
    caller: &Caller,
    id: TokenId,
    now: Timestamp,
) -> Result<Token, Error> {
    let token = rights::may_be_handed(conn, caller, id, "rotate", now).await?;
    if token.kind.descriptor().opens != Opens::Api {
        // When such a token ends isn't its bearer's to choose.
        return Err(Error::NotRotated(token.kind));
    }
    Ok(token)
}
