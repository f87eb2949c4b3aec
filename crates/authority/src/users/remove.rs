//! Removing a user, with all their tokens.

use serde_json::json;
use tokenry_domain::{
    UserId,
    audit::{Action, Target, user_facts},
};
use tokenry_store::{Work, audit, tokens, users};
use tokenry_token::Digest;

use crate::{Authority, Caller, Error, Thing};

/// Tokens removed in one transaction: keeps other writers' waits short.
const CHUNK: u32 = 500;

impl Authority {
    /// Removes a user and all their tokens, for administrators. None of the
    /// tokens works from the moment this begins. If the server is killed
    /// half-way, some of the tokens are gone; asking again finishes it.
    ///
    /// # Errors
    /// [`Error::AdminOnly`], [`Error::NotFound`], [`Error::NotPermitted`] for
    /// oneself, or a fault of ours.
    pub async fn remove_user(&self, caller: &Caller, id: UserId) -> Result<(), Error> {
        caller.require_admin()?;
        if caller.is(id) {
            return Err(Error::NotPermitted("remove yourself"));
        }
        let _turn = self.turn.lock().await;
        let user = self.show_user(id).await?;
        // From here on a check finds no owner. Should a step below fail, the
        // user is put back.
        self.directory.remove(id);
        let removed = self.remove_with_tokens(caller, id).await;
        if removed.is_err() {
            self.directory.put(user);
        }
        removed
    }

    async fn remove_with_tokens(&self, caller: &Caller, id: UserId) -> Result<(), Error> {
        let mut count = 0;
        loop {
            let gone = self.remove_some_tokens(id).await?;
            count += gone;
            if gone < CHUNK as usize {
                break;
            }
        }
        let mut entry = self.entry(caller, Action::UserDeleted, Target::User(id));
        let index = self.index.clone();
        self.store
            .write(
                move |conn| -> Work<'_, Vec<Digest>, Error> {
                    Box::pin(async move {
                        let user = users::by_id(conn, id)
                            .await?
                            .ok_or(Error::NotFound(Thing::User))?;
                        // A token issued since the last chunk.
                        let late = tokens::delete_some_of(conn, id, CHUNK).await?;
                        users::delete(conn, id).await?;
                        entry.before = user_facts(&user);
                        entry.after = json!({ "tokens_deleted": count + late.len() });
                        audit::insert(conn, &entry).await?;
                        Ok(late)
                    })
                },
                move |late| late.iter().for_each(|digest| index.remove(*digest)),
            )
            .await
            .map(drop)
    }

    async fn remove_some_tokens(&self, id: UserId) -> Result<usize, Error> {
        let index = self.index.clone();
        let gone = self
            .store
            .write(
                move |conn| -> Work<'_, Vec<Digest>, Error> {
                    Box::pin(async move { Ok(tokens::delete_some_of(conn, id, CHUNK).await?) })
                },
                move |gone| gone.iter().for_each(|digest| index.remove(*digest)),
            )
            .await?;
        Ok(gone.len())
    }
}
