//! Creating a user.

use jiff::Timestamp;
use tokenry_domain::{
    User,
    audit::{Action, Target, user_facts},
    user::Profile,
};
use tokenry_store::{Conn, StoreError, Work, audit, namespaces, users};

use super::NewUser;
use crate::{Authority, Caller, Error};

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
            Some(password) => Some(self.passwords.hash(password).await?),
            None => None,
        };
        let take_over = self.taking_over(self.turn().await);
        let mut entry = self.entry(caller, Action::UserCreated, Target::Instance);
        self.store
            .write(
                move |conn| -> Work<'_, User, Error> {
                    Box::pin(async move {
                        let user =
                            insert_person(conn, &profile, password.as_deref(), entry.at).await?;
                        entry.target = Target::User(user.id);
                        entry.after = user_facts(&user);
                        audit::insert(conn, &entry).await?;
                        Ok(user)
                    })
                },
                take_over,
            )
            .await
    }
}

/// Adds a person, and a namespace for them.
pub(crate) async fn insert_person(
    conn: &mut Conn,
    profile: &Profile,
    password_hash: Option<&str>,
    now: Timestamp,
) -> Result<User, Error> {
    let user = users::insert(conn, profile, password_hash, now).await?;
    let added = namespaces::insert_of_user(conn, &user, now).await;
    added.map_err(username_taken)?;
    Ok(user)
}

/// A username is a path as well: a group may have it.
pub(super) fn username_taken(error: StoreError) -> Error {
    match error {
        StoreError::Duplicate("namespaces_full_path" | "projects_full_path") => {
            Error::Taken("Username")
        }
        other => other.into(),
    }
}
