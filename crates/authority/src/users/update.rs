//! Editing a user.

use jiff::Timestamp;
use tokenry_domain::{
    Invalid, Token, User, UserId, UserType,
    audit::{Action, Target, user_facts},
    namespace::Title,
    user::Profile,
};
use tokenry_store::{Conn, Work, audit, namespaces, users};

use super::{UserChange, create::username_taken};
use crate::{
    Authority, Caller, Error, Thing,
    sessions::{end_sessions, with_ended},
};

impl Authority {
    /// Edits a user, for administrators. Nobody can take away their own
    /// administrator's rights, so that the last administrator stays one. A new
    /// password ends the sessions that began with the old one.
    ///
    /// # Errors
    /// [`Error::AdminOnly`], [`Error::NotFound`], [`Error::NotPermitted`],
    /// [`Error::Invalid`], [`Error::Taken`], or a fault of ours.
    pub async fn update_user(
        &self,
        caller: &Caller,
        id: UserId,
        mut change: UserChange,
    ) -> Result<User, Error> {
        caller.require_admin()?;
        if caller.is(id) && change.admin == Some(false) {
            return Err(Error::NotPermitted(
                "take away your own administrator's rights",
            ));
        }
        let password = match change.password.take() {
            Some(password) => Some(self.passwords.hash(password).await?),
            None => None,
        };
        let take_over = self.taking_over(self.turn().await);
        let mut entry = self.entry(caller, Action::UserUpdated, Target::User(id));
        let (index, beside) = (self.index.clone(), self.beside.clone());
        self.store
            .write(
                move |conn| -> Work<'_, (User, Vec<Token>), Error> {
                    Box::pin(async move {
                        let before = users::by_id(conn, id)
                            .await?
                            .ok_or(Error::NotFound(Thing::User))?;
                        check_sort(&before, &change, password.is_some())?;
                        entry.before = user_facts(&before);
                        let profile = changed(before.into(), change).checked()?;
                        let after = users::update(conn, id, &profile, password.as_deref()).await?;
                        let after = after.ok_or(Error::NotFound(Thing::User))?;
                        rename_namespace(conn, &after, entry.at).await?;
                        let mut ended = Vec::new();
                        if password.is_some() {
                            ended = end_sessions(conn, id, entry.at).await?;
                        }
                        entry.after = with_ended(user_facts(&after), &ended);
                        entry.tokens = ended.iter().map(|session| session.id).collect();
                        audit::insert(conn, &entry).await?;
                        Ok((after, ended))
                    })
                },
                move |(user, ended)| {
                    for session in ended {
                        index.revoke(session.digest);
                    }
                    // Their own namespace is called as they are.
                    beside.projects.forget_all();
                    take_over(user);
                },
            )
            .await
            .map(|(user, _)| user)
    }
}

/// Who acts by tokens alone has no password, and what belongs to a project or
/// group doesn't rule over the instance. Nobody becomes the ghost.
fn check_sort(user: &User, change: &UserChange, password: bool) -> Result<(), Error> {
    if user.user_type == UserType::Ghost {
        return Err(Error::NotPermitted(
            "change who stands for users that are gone",
        ));
    }
    if user.user_type == UserType::Human {
        return Ok(());
    }
    let password = if password {
        let problem = "is for people; bots and service accounts act by their tokens";
        Err(Invalid::field("password", problem))
    } else {
        Ok(())
    };
    let local = user.user_type == UserType::ProjectBot || user.home.is_some();
    let admin = if local && change.admin == Some(true) {
        let problem = "can't be given to what belongs to a project or group";
        Err(Invalid::field("admin", problem))
    } else {
        Ok(())
    };
    Ok(Invalid::unless_all([password, admin])?)
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

/// A person's namespace is called as the person.
async fn rename_namespace(conn: &mut Conn, user: &User, now: Timestamp) -> Result<(), Error> {
    let Some(own) = namespaces::of_user(conn, user.id).await? else {
        return Ok(());
    };
    let title = Title::from(user);
    if (&title.name, &title.path) == (&own.name, &own.path) {
        return Ok(());
    }
    namespaces::hold(conn, own.id).await?;
    let renamed = namespaces::rename(conn, own.id, &title, now).await;
    renamed.map(drop).map_err(username_taken)
}
