//! Ending tokens: the row stays, the token works no more.

use tokenry_domain::{
    Token, TokenId,
    audit::{Action, Origin, Target, token_facts},
    token::Card,
};
use tokenry_store::{Work, audit, tokens};

use crate::{Authority, Caller, Error, Thing};

impl Authority {
    /// Revokes a token. What is revoked already stays so, and nothing is
    /// written. Today's rules are never held against the row: a token that
    /// breaks them can be revoked like any other.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::NotPermitted`], or a fault of ours.
    pub async fn revoke_token(&self, caller: &Caller, id: TokenId) -> Result<(), Error> {
        let mut entry = self.entry(caller, Action::TokenRevoked, Target::Token(id));
        let (caller, index) = (caller.clone(), self.index.clone());
        self.store
            .write(
                move |conn| -> Work<'_, Token, Error> {
                    Box::pin(async move {
                        let token = manageable(conn, &caller, id, "revoke").await?;
                        if tokens::revoke(conn, id, entry.at).await? {
                            entry.before = token_facts(&token);
                            entry.after = token_facts(&revoked(&token, entry.at));
                            audit::insert(conn, &entry).await?;
                        }
                        Ok(token)
                    })
                },
                move |token| index.revoke(token.digest, Card::from(token.clone())),
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
                        let family =
                            tokens::unrevoked_family(conn, presented.family_head()).await?;
                        for token in &family {
                            tokens::revoke(conn, token.id, entry.at).await?;
                        }
                        if !family.is_empty() {
                            entry.before = family.iter().map(token_facts).collect();
                            audit::insert(conn, &entry).await?;
                        }
                        Ok(family)
                    })
                },
                move |family| {
                    for token in family {
                        index.revoke(token.digest, Card::from(token.clone()));
                    }
                },
            )
            .await
            .map(drop)
    }
}

/// The token with this id, if the caller may do `what` to it.
pub(super) async fn manageable(
    conn: &mut tokenry_store::Conn,
    caller: &Caller,
    id: TokenId,
    what: &'static str,
) -> Result<Token, Error> {
    let token = tokens::by_id(conn, id)
        .await?
        .ok_or(Error::NotFound(Thing::Token))?;
    if caller.may_manage(&token) {
        Ok(token)
    } else {
        Err(Error::NotPermitted(what))
    }
}

/// The row as it is after its revocation.
pub(super) fn revoked(token: &Token, at: jiff::Timestamp) -> Token {
    let mut after = token.clone();
    after.life.revoked_at = Some(at);
    after
}
