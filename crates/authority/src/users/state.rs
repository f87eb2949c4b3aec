//! Blocking users, and letting them in again.

use tokenry_domain::{
    User, UserId, UserType,
    audit::{Action, Target, user_facts},
    user::StateChange,
};
use tokenry_store::{Work, audit, users};

use crate::{Authority, Caller, Error, Thing};

impl Authority {
    /// Changes whether a user may use the API, for administrators. None of
    /// the user's tokens works from the moment this answers. What is asked
    /// for twice is done, and written, once.
    ///
    /// # Errors
    /// [`Error::AdminOnly`], [`Error::NotFound`], [`Error::NotPermitted`] for
    /// oneself, [`Error::WrongState`], or a fault of ours.
    pub async fn change_user_state(
        &self,
        caller: &Caller,
        id: UserId,
        change: StateChange,
    ) -> Result<User, Error> {
        caller.require_admin()?;
        if caller.is(id) {
            return Err(Error::NotPermitted("change your own state"));
        }
        let take_over = self.taking_over(self.turn().await);
        let mut entry = self.entry(caller, Action::UserStateChanged, Target::User(id));
        self.store
            .write(
                move |conn| -> Work<'_, User, Error> {
                    Box::pin(async move {
                        let before = users::by_id(conn, id)
                            .await?
                            .ok_or(Error::NotFound(Thing::User))?;
                        if before.user_type == UserType::Ghost {
                            return Err(Error::NotPermitted(
                                "change who stands for users that are gone",
                            ));
                        }
                        let next = change.apply(before.state)?;
                        let after = User {
                            state: next,
                            ..before.clone()
                        };
                        if next != before.state {
                            if !users::change_state(conn, id, before.state, next).await? {
                                return Err(Error::NotFound(Thing::User));
                            }
                            entry.before = user_facts(&before);
                            entry.after = user_facts(&after);
                            audit::insert(conn, &entry).await?;
                        }
                        Ok(after)
                    })
                },
                take_over,
            )
            .await
    }
}
