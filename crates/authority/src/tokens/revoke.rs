//! Ending tokens: the row stays, the token works no more. Whichever way a token
//! was named, by its id or by its text, it ends as its kind says.

use jiff::Timestamp;
use tokenry_domain::{
    Token, TokenId,
    audit::{Action, Origin, Target, token_facts},
    kind::Ending,
};
use tokenry_store::{Conn, StoreError, Work, audit, tokens};

use super::Grounds;
use crate::{Authority, Caller, Error};

impl Authority {
    /// Ends a token: it is revoked, and where its kind says so, another takes
    /// its place, whose text isn't told, or what it belongs to ends with it.
    /// What is revoked already stays so, and nothing is written. Today's rules
    /// are never held against the row: a token that breaks them can be revoked
    /// like any other.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::NotPermitted`], or a fault of ours.
    pub async fn revoke_token(&self, caller: &Caller, id: TokenId) -> Result<(), Error> {
        self.end_on(caller, id, Grounds::Rights).await
    }

    /// Ends a token as its kind says, if the grounds hold.
    pub(super) async fn end_on(
        &self,
        caller: &Caller,
        id: TokenId,
        grounds: Grounds,
    ) -> Result<(), Error> {
        // A token's kind never changes; whether the grounds hold, each asks.
        match self.recall_token(id).await?.kind.descriptor().ending {
            Ending::Revoke => self.revoke_on(caller, id, grounds).await,
            Ending::Reset => self.reset_on(caller, id, grounds).await.map(drop),
            Ending::Finish => self.cancel_job_of(caller, id, grounds).await,
        }
    }

    /// Revokes a token and nothing else, if the grounds hold.
    pub(crate) async fn revoke_on(
        &self,
        caller: &Caller,
        id: TokenId,
        grounds: Grounds,
    ) -> Result<(), Error> {
        let mut entry = self.entry(caller, Action::TokenRevoked, Target::Token(id));
        let (caller, index) = (caller.clone(), self.index.clone());
        self.store
            .write(
                move |conn| -> Work<'_, Token, Error> {
                    Box::pin(async move {
                        let token = grounds.held(conn, &caller, id, entry.at).await?;
                        if tokens::revoke(conn, id, entry.at).await? {
                            entry.before = token_facts(&token);
                            entry.after = token_facts(&revoked(&token, entry.at));
                            audit::insert(conn, &entry).await?;
                        }
                        Ok(token)
                    })
                },
                move |token| index.revoke(token.digest),
            )
            .await
            .map(drop)
    }

    /// Revokes every token of a family: somebody presented a revoked one where
    /// only the holder of its successor should be (spec/rest.md section 2.9).
    pub(crate) async fn revoke_family(&self, id: TokenId, origin: Origin) -> Result<(), Error> {
        let server = Caller::console(origin);
        let mut entry = self.entry(&server, Action::TokenFamilyRevoked, Target::Token(id));
        entry.actor.token = Some(id);
        let index = self.index.clone();
        self.store
            .write(
                move |conn| -> Work<'_, Vec<Token>, Error> {
                    Box::pin(async move {
                        let Some(presented) = tokens::by_id(conn, id).await? else {
                            return Ok(Vec::new());
                        };
                        let revoked = revoke_all(conn, presented.family_head(), entry.at).await?;
                        if !revoked.is_empty() {
                            entry.before = revoked.iter().map(token_facts).collect();
                            entry.tokens = revoked.iter().map(|token| token.id).collect();
                            audit::insert(conn, &entry).await?;
                        }
                        Ok(revoked)
                    })
                },
                move |family| {
                    for token in family {
                        index.revoke(token.digest);
                    }
                },
            )
            .await
            .map(drop)
    }
}

/// Revokes a family until nothing of it is left: while one is revoked, it may
/// be rotated, and its successor seen only at the next look.
async fn revoke_all(
    conn: &mut Conn,
    head: TokenId,
    now: Timestamp,
) -> Result<Vec<Token>, StoreError> {
    let mut revoked = Vec::new();
    loop {
        let family = tokens::unrevoked_family(conn, head).await?;
        if family.is_empty() {
            return Ok(revoked);
        }
        for token in family {
            if tokens::revoke(conn, token.id, now).await? {
                revoked.push(token);
            }
        }
    }
}

/// The row as it is after its revocation.
pub(super) fn revoked(token: &Token, at: Timestamp) -> Token {
    let mut after = token.clone();
    after.life.revoked_at = Some(at);
    after
}
