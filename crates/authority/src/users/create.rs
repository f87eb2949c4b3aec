//! Creating a user.

use tokenry_domain::{
    User,
    audit::{Action, Target, user_facts},
};
use tokenry_store::{Work, audit, users};

use super::NewUser;
use crate::{Authority, Caller, Error, password};

impl Authority {
    /// Creates a user, for administrators.
    ///
    /// # Errors
    /// [`Error::AdminOnly`], [`Error::Invalid`], [`Error::Taken`], or a fault
    /// of ours.
    pub async fn create_user(&self, caller: &Caller, new: NewUser) -> Result<User, Error> {
        caller.require_admin()?;
        let profile = new.profile.checked()?;
        let password = match new.password {
            Some(password) => Some(password::hash(password).await?),
            None => None,
        };
        let turn = self.turn().await;
        let mut entry = self.entry(caller, Action::UserCreated, Target::Instance);
        let directory = self.directory.clone();
        self.store
            .write(
                move |conn| -> Work<'_, User, Error> {
                    Box::pin(async move {
                        let user =
                            users::insert(conn, &profile, password.as_deref(), entry.at).await?;
                        entry.target = Target::User(user.id);
                        entry.after = user_facts(&user);
                        audit::insert(conn, &entry).await?;
                        Ok(user)
                    })
                },
                move |user| {
                    let _turn = turn;
                    directory.put(user.clone());
                },
            )
            .await
    }
}
