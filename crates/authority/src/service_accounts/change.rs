//! Creating and editing service accounts.

use tokenry_domain::{
    User, UserId, UserType,
    audit::{Action, Target, user_facts},
    user::Profile,
};
use tokenry_store::{Work, audit, users};

use super::{NewServiceAccount, ServiceAccountChange, find, require, require_held};
use crate::{
    Authority, Caller, Error, Thing, places::Standing, tokens::require_no_bot, users::noreply,
};

/// What a service account is called where nobody says.
const NAME: &str = "Service account user";

impl Authority {
    /// Creates a service account of a place, for those who manage tokens
    /// there, or of the instance, for administrators.
    ///
    /// # Errors
    /// [`Error::AdminOnly`], [`Error::RoleTooLow`], [`Error::NotPermitted`]
    /// for bots, [`Error::Invalid`], [`Error::Taken`], or a fault of ours.
    pub async fn create_service_account(
        &self,
        caller: &Caller,
        home: Option<Standing>,
        new: NewServiceAccount,
    ) -> Result<User, Error> {
        require(caller, home.as_ref())?;
        require_no_bot(caller)?;
        let profile = self.new_profile(caller, home, new)?.checked()?;
        let take_over = self.taking_over(self.turn().await);
        let mut entry = self.entry(caller, Action::UserCreated, Target::Instance);
        let caller = caller.clone();
        self.store
            .write(
                move |conn| -> Work<'_, User, Error> {
                    Box::pin(async move {
                        require_held(conn, &caller, home, entry.at).await?;
                        let place = home.map(|standing| standing.place);
                        let sort = UserType::ServiceAccount;
                        let user = users::insert_bot(conn, sort, place, &profile, entry.at).await?;
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

    /// Edits a service account.
    ///
    /// # Errors
    /// [`Error::AdminOnly`], [`Error::RoleTooLow`], [`Error::NotFound`],
    /// [`Error::Invalid`], [`Error::Taken`], or a fault of ours.
    pub async fn update_service_account(
        &self,
        caller: &Caller,
        home: Option<Standing>,
        id: UserId,
        change: ServiceAccountChange,
    ) -> Result<User, Error> {
        require(caller, home.as_ref())?;
        let take_over = self.taking_over(self.turn().await);
        let mut entry = self.entry(caller, Action::UserUpdated, Target::User(id));
        let caller = caller.clone();
        self.store
            .write(
                move |conn| -> Work<'_, User, Error> {
                    Box::pin(async move {
                        require_held(conn, &caller, home, entry.at).await?;
                        let before = find(conn, home, id).await?;
                        entry.before = user_facts(&before);
                        let profile = changed(before.into(), change).checked()?;
                        let after = users::update(conn, id, &profile, None).await?;
                        let after = after.ok_or(Error::NotFound(Thing::User))?;
                        entry.after = user_facts(&after);
                        audit::insert(conn, &entry).await?;
                        Ok(after)
                    })
                },
                take_over,
            )
            .await
    }

    /// Who a new service account is to be: as much from outside as its maker.
    fn new_profile(
        &self,
        caller: &Caller,
        home: Option<Standing>,
        new: NewServiceAccount,
    ) -> Result<Profile, Error> {
        let stem = match home.map(|standing| standing.place.parts()) {
            None => "service_account".to_owned(),
            Some((sort, id)) => format!("service_account_{sort}_{id}"),
        };
        let username = match new.username {
            Some(username) => username,
            None => self.machine_username(&stem)?,
        };
        let email = new.email;
        Ok(Profile {
            email: email.unwrap_or_else(|| noreply(&username, new.host.as_deref())),
            username,
            name: new.name.unwrap_or_else(|| NAME.to_owned()),
            admin: false,
            external: caller.user().is_some_and(|user| user.external),
        })
    }
}

fn changed(before: Profile, change: ServiceAccountChange) -> Profile {
    Profile {
        username: change.username.unwrap_or(before.username),
        name: change.name.unwrap_or(before.name),
        email: change.email.unwrap_or(before.email),
        ..before
    }
}
