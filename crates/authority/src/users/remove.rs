//! Removing a user, with all their tokens.

use std::sync::Arc;

use serde_json::json;
use tokenry_domain::{
    TokenId, User, UserId,
    audit::{Action, Target, user_facts},
};
use tokenry_store::{Work, audit, tokens, tokens::Removed, users};

use crate::{Authority, Caller, Error, Thing, authority::Turn, directory::Directory};

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
        let turn = self.turn().await;
        let user = self.show_user(id).await?;
        // From here on a check finds no owner.
        let suspended = Suspended::new(self.directory.clone(), user, turn);
        while self.remove_chunk(caller, id).await? == CHUNK as usize {}
        self.remove_rest(caller, id, suspended).await
    }

    /// Removes tokens of a user who has more than one transaction should
    /// carry; answers how many. The last chunk is left to the last step.
    async fn remove_chunk(&self, caller: &Caller, id: UserId) -> Result<usize, Error> {
        let mut entry = self.entry(caller, Action::UserTokensDeleted, Target::User(id));
        let index = self.index.clone();
        self.store
            .write(
                move |conn| -> Work<'_, Vec<Removed>, Error> {
                    Box::pin(async move {
                        if tokens::count_of(conn, id, CHUNK + 1).await? <= i64::from(CHUNK) {
                            return Ok(Vec::new());
                        }
                        let gone = tokens::delete_some_of(conn, id, CHUNK).await?;
                        entry.before = json!({ "token_ids": ids(&gone) });
                        audit::insert(conn, &entry).await?;
                        Ok(gone)
                    })
                },
                move |gone| gone.iter().for_each(|token| index.remove(token.digest)),
            )
            .await
            .map(|gone| gone.len())
    }

    /// Removes the user and the tokens that are left.
    async fn remove_rest(
        &self,
        caller: &Caller,
        id: UserId,
        suspended: Suspended,
    ) -> Result<(), Error> {
        let mut entry = self.entry(caller, Action::UserDeleted, Target::User(id));
        let index = self.index.clone();
        self.store
            .write(
                move |conn| -> Work<'_, Vec<Removed>, Error> {
                    Box::pin(async move {
                        let user = users::by_id(conn, id)
                            .await?
                            .ok_or(Error::NotFound(Thing::User))?;
                        let gone = tokens::delete_some_of(conn, id, CHUNK).await?;
                        users::delete(conn, id).await?;
                        entry.before = user_facts(&user);
                        if let Some(facts) = entry.before.as_object_mut() {
                            facts.insert("token_ids".to_owned(), json!(ids(&gone)));
                        }
                        audit::insert(conn, &entry).await?;
                        Ok(gone)
                    })
                },
                move |gone| {
                    suspended.for_good();
                    for token in gone {
                        index.remove(token.digest);
                    }
                },
            )
            .await
            .map(drop)
    }
}

fn ids(gone: &[Removed]) -> Vec<TokenId> {
    gone.iter().map(|token| token.id).collect()
}

/// A user taken out of the directory. Should a step fail, or whoever asked go
/// away half-way, the user is put back; the last step holds on to this until
/// its commit is decided.
struct Suspended {
    directory: Arc<Directory>,
    /// The user to put back; none when the removal is on disk.
    user: Option<User>,
    /// Ends after the user was put back, so that a newer state comes later.
    #[expect(dead_code, reason = "it is held, not used")]
    turn: Turn,
}

impl Suspended {
    fn new(directory: Arc<Directory>, user: User, turn: Turn) -> Self {
        directory.remove(user.id);
        Self {
            directory,
            user: Some(user),
            turn,
        }
    }

    fn for_good(mut self) {
        self.user = None;
    }
}

impl Drop for Suspended {
    fn drop(&mut self) {
        if let Some(user) = self.user.take() {
            self.directory.put(user);
        }
    }
}
