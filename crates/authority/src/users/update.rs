//! Editing a user.

use tokenry_domain::{
    User, UserId,
    audit::{Action, Target, user_facts},
    user::Profile,
};
use tokenry_store::{Work, audit, users};

use super::UserChange;
use crate::{Authority, Caller, Error, Thing, password};

impl Authority {
    /// Edits a user, for administrators. Nobody can take away their own
    /// administrator's rights, so that the last administrator stays one.
    ///
    /// # Errors
    /// [`Error::AdminOnly`], [`Error::NotFound`], [`Error::NotPermitted`],
    /// [`Error::Invalid`], [`Error::Taken`], or a fault of ours.
    pub async fn update_user(
        &self,
        caller: &Caller,
        id: UserId,
        change: UserChange,
    ) -> Result<User, Error> {
        caller.require_admin()?;
        if caller.is(id) && change.admin == Some(false) {
            return Err(Error::NotPermitted(
                "take away your own administrator's rights",
            ));
        }
        let password = match &change.password {
            Some(password) => Some(password::hash(password.clone()).await?),
            None => None,
        };
        let turn = self.turn().await;
        let mut entry = self.entry(caller, Action::UserUpdated, Target::User(id));
        let directory = self.directory.clone();
        self.store
            .write(
                move |conn| -> Work<'_, User, Error> {
                    Box::pin(async move {
                        let before = users::by_id(conn, id)
                            .await?
                            .ok_or(Error::NotFound(Thing::User))?;
                        entry.before = user_facts(&before);
                        let profile = changed(before.into(), change).checked()?;
                        let after = users::update(conn, id, &profile, password.as_deref()).await?;
                        let after = after.ok_or(Error::NotFound(Thing::User))?;
                        entry.after = user_facts(&after);
                        audit::insert(conn, &entry).await?;
                        Ok(after)
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

fn changed(before: Profile, change: UserChange) -> Profile {
    Profile {
        username: change.username.unwrap_or(before.username),
        name: change.name.unwrap_or(before.name),
        email: change.email.unwrap_or(before.email),
        admin: change.admin.unwrap_or(before.admin),
        external: change.external.unwrap_or(before.external),
    }
}
