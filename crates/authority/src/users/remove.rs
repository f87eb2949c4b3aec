//! Removing a user, with all that goes with them.

use std::sync::Arc;

use parking_lot::Mutex;
use serde_json::{Value, json};
use tokenry_domain::{
    TokenId, User, UserId,
    audit::{Action, Target, user_facts},
};
use tokenry_store::{
    Conn, StoreError, Work, audit, members, namespaces, sweep,
    sweep::{Scope, Swept},
    tokens,
    tokens::Removed,
    users,
};

use crate::{
    Authority, Caller, Error, Thing,
    authority::Turn,
    directory::Directory,
    places::{CHUNK, with_swept},
};

impl Authority {
    /// Removes a user with all their tokens, memberships and projects, for
    /// administrators. None of the tokens works from the moment this begins.
    /// If the server is killed half-way, some of it is gone; asking again
    /// finishes it.
    ///
    /// # Errors
    /// [`Error::AdminOnly`], [`Error::NotFound`], [`Error::NotPermitted`] for
    /// oneself, or a fault of ours.
    pub async fn remove_user(&self, caller: &Caller, id: UserId) -> Result<(), Error> {
        caller.require_admin()?;
        if caller.is(id) {
            return Err(Error::NotPermitted("remove yourself"));
        }
        self.remove_whole_user(caller, id).await
    }

    /// Removes a user, whoever asks: what the caller may is settled before.
    pub(crate) async fn remove_whole_user(&self, caller: &Caller, id: UserId) -> Result<(), Error> {
        let turn = self.turn().await;
        let user = self.show_user(id).await?;
        // From here on a check finds no owner.
        let suspended = Arc::new(Suspended::new(self.directory.clone(), user, turn));
        while !self.remove_some_of(caller, id, suspended.clone()).await? {}
        Ok(())
    }

    /// Removes some of what goes with a user; answers whether that was all,
    /// and the user with it.
    async fn remove_some_of(
        &self,
        caller: &Caller,
        id: UserId,
        suspended: Arc<Suspended>,
    ) -> Result<bool, Error> {
        let mut entry = self.entry(caller, Action::UserPartlyDeleted, Target::User(id));
        let index = self.index.clone();
        self.store
            .write(
                move |conn| -> Work<'_, (Vec<Removed>, bool), Error> {
                    Box::pin(async move {
                        let user = users::by_id(conn, id).await?;
                        let user = user.ok_or(Error::NotFound(Thing::User))?;
                        let gone = Gone::some(conn, id).await?;
                        let whole = gone.rows() < CHUNK as usize;
                        if whole {
                            if let Some(own) = namespaces::of_user(conn, id).await? {
                                namespaces::delete(conn, own.id).await?;
                            }
                            users::delete(conn, id).await?;
                            entry.action = Action::UserDeleted;
                        }
                        entry.before = gone.facts(&user);
                        audit::insert(conn, &entry).await?;
                        Ok((gone.tokens, whole))
                    })
                },
                move |(gone, whole)| {
                    if *whole {
                        suspended.for_good();
                    }
                    for token in gone {
                        index.remove(token.digest);
                    }
                },
            )
            .await
            .map(|(_, whole)| whole)
    }
}

/// What went with a user in one transaction.
struct Gone {
    tokens: Vec<Removed>,
    swept: Swept,
}

impl Gone {
    /// Removes tokens first, then projects, then memberships; in all at most
    /// [`CHUNK`] rows.
    async fn some(conn: &mut Conn, id: UserId) -> Result<Self, StoreError> {
        let tokens = tokens::delete_some_of(conn, id, CHUNK).await?;
        let mut gone = Self {
            tokens,
            swept: Swept::default(),
        };
        if let Some(own) = namespaces::of_user(conn, id).await? {
            namespaces::hold(conn, own.id).await?;
            gone.swept = sweep::some(conn, Scope::Namespace(own.id), gone.room()).await?;
        }
        gone.swept.members += members::delete_some_of(conn, id, gone.room()).await?;
        Ok(gone)
    }

    fn rows(&self) -> usize {
        let swept = usize::try_from(self.swept.rows()).unwrap_or(usize::MAX);
        self.tokens.len().saturating_add(swept)
    }

    /// How many rows there is room for yet.
    fn room(&self) -> u32 {
        let rows = u32::try_from(self.rows()).unwrap_or(u32::MAX);
        CHUNK.saturating_sub(rows)
    }

    fn facts(&self, user: &User) -> Value {
        let ids: Vec<TokenId> = self.tokens.iter().map(|token| token.id).collect();
        let mut facts = with_swept(user_facts(user), &self.swept);
        if let Some(facts) = facts.as_object_mut() {
            facts.insert("token_ids".to_owned(), json!(ids));
        }
        facts
    }
}

/// A user taken out of the directory. Should a step fail, or whoever asked go
/// away half-way, the user is put back; the last step holds on to this until
/// its commit is decided.
struct Suspended {
    directory: Arc<Directory>,
    /// The user to put back; none when the removal is on disk.
    user: Mutex<Option<User>>,
    /// Ends after the user was put back, so that a newer state comes later.
    #[expect(dead_code, reason = "it is held, not used")]
    turn: Turn,
}

impl Suspended {
    fn new(directory: Arc<Directory>, user: User, turn: Turn) -> Self {
        directory.remove(user.id);
        Self {
            directory,
            user: Mutex::new(Some(user)),
            turn,
        }
    }

    fn for_good(&self) {
        *self.user.lock() = None;
    }
}

impl Drop for Suspended {
    fn drop(&mut self) {
        if let Some(user) = self.user.get_mut().take() {
            self.directory.put(user);
        }
    }
}
