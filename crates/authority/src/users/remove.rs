//! Removing a user, with all that goes with them.

use std::sync::Arc;

use parking_lot::Mutex;
use tokenry_domain::{
    User, UserId, UserType,
    audit::{Action, Target, user_facts},
};
use tokenry_store::{Work, audit, namespaces, users};

use crate::{
    Authority, Caller, Error, Thing,
    authority::Turn,
    directory::Directory,
    places::{Gone, Steps},
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
        if user.user_type == UserType::Ghost {
            return Err(Error::NotPermitted(
                "remove who stands for those who are gone",
            ));
        }
        // From here on a check finds no owner.
        let suspended = Arc::new(Suspended::new(self.directory.clone(), user, turn));
        let mut steps = Steps::default();
        loop {
            let step = self.remove_some_of(caller, id, suspended.clone()).await;
            match steps.go_on(step) {
                Ok(true) => {}
                Ok(false) => return Ok(()),
                Err(error) => {
                    // The step that failed may hold on to its share a moment longer.
                    suspended.put_back();
                    return Err(error);
                }
            }
        }
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
        let forget = self.forgetting();
        self.store
            .write(
                move |conn| -> Work<'_, Gone, Error> {
                    Box::pin(async move {
                        let user = users::by_id(conn, id).await?;
                        let user = user.ok_or(Error::NotFound(Thing::User))?;
                        let mut gone = Gone::default();
                        let burial = entry.burial_because("its owner was removed");
                        gone.of_person(conn, id, &burial).await?;
                        if gone.is_all() {
                            if let Some(own) = namespaces::of_user(conn, id).await? {
                                namespaces::delete(conn, own.id).await?;
                            }
                            users::delete(conn, id).await?;
                            entry.action = Action::UserDeleted;
                        }
                        gone.tell(&mut entry, user_facts(&user));
                        audit::insert(conn, &entry).await?;
                        Ok(gone)
                    })
                },
                move |gone| {
                    if gone.is_all() {
                        suspended.for_good();
                    }
                    forget(gone);
                },
            )
            .await
            .map(|gone| gone.is_all())
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

    fn put_back(&self) {
        if let Some(user) = self.user.lock().take() {
            self.directory.put(user);
        }
    }
}

impl Drop for Suspended {
    fn drop(&mut self) {
        self.put_back();
    }
}
