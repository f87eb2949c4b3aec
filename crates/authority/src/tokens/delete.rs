//! Delete that deletes: the row goes. The audit trail keeps who and when.

use serde_json::json;
use tokenry_domain::{
    DeleteMeans, Token, TokenId, UserId,
    access::Need,
    audit::{Action, Target, token_facts},
};
use tokenry_store::{Work, audit, bury};

use super::{bots, rights::manageable};
use crate::{Authority, Caller, Error, Thing, jobs::stop_with};

impl Authority {
    /// Ends a token as [`Authority::revoke_token`] does, or deletes it.
    ///
    /// # Errors
    /// As [`Authority::revoke_token`] and [`Authority::delete_token`].
    pub async fn end_token(
        &self,
        caller: &Caller,
        id: TokenId,
        means: DeleteMeans,
    ) -> Result<(), Error> {
        match means {
            DeleteMeans::Revoke => self.revoke_token(caller, id).await,
            DeleteMeans::Delete => self.delete_token(caller, id).await,
        }
    }

    /// Removes a token's row; an active token stops working in the same step,
    /// and a job that ran with it is canceled. Unlike revoking, this takes away
    /// the record, so no token may do it to itself without the scope for
    /// changes. With its last token goes a bot.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::NotFound`], [`Error::NotPermitted`], or a fault of ours.
    pub async fn delete_token(&self, caller: &Caller, id: TokenId) -> Result<(), Error> {
        caller.require_scope(Need::Write)?;
        let bot = self.bot_of(&self.recall_token(id).await?).map(|bot| bot.id);
        let turn = match bot {
            Some(_) => Some(self.turn().await),
            None => None,
        };
        let mut entry = self.entry(caller, Action::TokenDeleted, Target::Token(id));
        let (caller, index, last_used) =
            (caller.clone(), self.index.clone(), self.last_used.clone());
        let (directory, beside) = (self.directory.clone(), self.beside.clone());
        self.store
            .write(
                move |conn| -> Work<'_, (Token, Option<UserId>), Error> {
                    Box::pin(async move {
                        let token = manageable(conn, &caller, id, "delete", entry.at).await?;
                        let stopped = stop_with(conn, &token, entry.at).await?;
                        if !bury::one(conn, id, &entry.burial()).await? {
                            return Err(Error::NotFound(Thing::Token));
                        }
                        entry.before = token_facts(&token);
                        let gone = match bot {
                            Some(bot) if bots::remove_if_idle(conn, bot).await? => Some(bot),
                            _ => None,
                        };
                        if let Some(facts) = entry.before.as_object_mut() {
                            if gone.is_some() {
                                facts.insert("bot_deleted".to_owned(), json!(true));
                            }
                            if let Some(job) = stopped {
                                facts.insert("job_canceled".to_owned(), json!(job.id));
                            }
                        }
                        audit::insert(conn, &entry).await?;
                        Ok((token, gone))
                    })
                },
                move |(token, gone)| {
                    let _turn = turn;
                    index.remove(token.digest);
                    last_used.forget(token.id);
                    beside.forget_with(token.id, token.subject);
                    if let Some(bot) = gone {
                        directory.remove(*bot);
                    }
                },
            )
            .await
            .map(drop)
    }
}
