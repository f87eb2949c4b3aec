//! Delete that deletes: the row goes. The audit trail keeps who and when.

use tokenry_domain::{
    Token, TokenId,
    access::Need,
    audit::{Action, Target, token_facts},
};
use tokenry_store::{Work, audit, tokens};

use super::rights::manageable;
use crate::{Authority, Caller, Error, Thing};

impl Authority {
    /// Removes a token's row; an active token stops working in the same step.
    /// Unlike revoking, this takes away the record, so no token may do it to
    /// itself without the scope for changes.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::NotFound`], [`Error::NotPermitted`], or a fault of ours.
    pub async fn delete_token(&self, caller: &Caller, id: TokenId) -> Result<(), Error> {
        caller.require_scope(Need::Write)?;
        let mut entry = self.entry(caller, Action::TokenDeleted, Target::Token(id));
        let (caller, index, last_used) =
            (caller.clone(), self.index.clone(), self.last_used.clone());
        self.store
            .write(
                move |conn| -> Work<'_, Token, Error> {
                    Box::pin(async move {
                        let token = manageable(conn, &caller, id, "delete", entry.at).await?;
                        if !tokens::delete(conn, id).await? {
                            return Err(Error::NotFound(Thing::Token));
                        }
                        entry.before = token_facts(&token);
                        audit::insert(conn, &entry).await?;
                        Ok(token)
                    })
                },
                move |token| {
                    index.remove(token.digest);
                    last_used.forget(token.id);
                },
            )
            .await
            .map(drop)
    }
}
