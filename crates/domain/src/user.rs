//! Users: whom tokens act as.

use jiff::Timestamp;

use crate::{
    ids::UserId,
    invalid::{Invalid, readable},
    namespace::check_path,
    place::Place,
};

/// Whether a user may use the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserState {
    /// May.
    Active,
    /// Shut out by an administrator.
    Blocked,
    /// Shut out for misconduct.
    Banned,
    /// Put to rest; comes back by `activate`.
    Deactivated,
}

impl UserState {
    /// The word on the wire and in the database.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Blocked => "blocked",
            Self::Banned => "banned",
            Self::Deactivated => "deactivated",
        }
    }

    /// The state with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Active, Self::Blocked, Self::Banned, Self::Deactivated]
            .into_iter()
            .find(|state| state.name() == name)
    }
}

/// What sort of user it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserType {
    /// A person.
    Human,
    /// What the token of a project or group acts as.
    ProjectBot,
    /// A machine's account.
    ServiceAccount,
    /// Stands for users who are gone.
    Ghost,
}

impl UserType {
    /// Every sort.
    pub const ALL: [Self; 4] = [
        Self::Human,
        Self::ProjectBot,
        Self::ServiceAccount,
        Self::Ghost,
    ];

    /// The word in the database.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::ProjectBot => "project_bot",
            Self::ServiceAccount => "service_account",
            Self::Ghost => "ghost",
        }
    }

    /// The sort with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sort| sort.name() == name)
    }
}

/// What an administrator does to a user's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StateChange {
    /// Shut out.
    Block,
    /// Let in again after a block.
    Unblock,
    /// Shut out for misconduct.
    Ban,
    /// Let in again after a ban.
    Unban,
    /// Wake up.
    Activate,
    /// Put to rest.
    Deactivate,
}

/// Refusal to change a user's state.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct StateRefused(pub String);

impl StateChange {
    /// The verb: also the last part of the route.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Block => "block",
            Self::Unblock => "unblock",
            Self::Ban => "ban",
            Self::Unban => "unban",
            Self::Activate => "activate",
            Self::Deactivate => "deactivate",
        }
    }

    /// The state after the change. What is asked for twice is done once.
    ///
    /// # Errors
    /// [`StateRefused`] where another verb is the right one.
    pub fn apply(self, from: UserState) -> Result<UserState, StateRefused> {
        use UserState::{Active, Banned, Blocked, Deactivated};
        match (self, from) {
            (Self::Block, Active | Deactivated | Blocked) => Ok(Blocked),
            (Self::Ban, Active | Banned) => Ok(Banned),
            (Self::Deactivate, Active | Deactivated) => Ok(Deactivated),
            (Self::Unblock, Blocked | Active)
            | (Self::Unban, Banned | Active)
            | (Self::Activate, Deactivated | Active) => Ok(Active),
            (Self::Activate, Blocked) => refuse("A blocked user must be unblocked to be activated"),
            (Self::Deactivate, Blocked) => {
                refuse("A blocked user cannot be deactivated by the API")
            }
            (verb, state) => refuse(&format!(
                "A {} user can't be subject to {}",
                state.name(),
                verb.name()
            )),
        }
    }
}

fn refuse(why: &str) -> Result<UserState, StateRefused> {
    Err(StateRefused(why.to_owned()))
}

/// A user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The row's id.
    pub id: UserId,
    /// The name in URLs; unique whatever the case.
    pub username: String,
    /// The name people read.
    pub name: String,
    /// Unique whatever the case.
    pub email: String,
    /// Whether the user is an administrator.
    pub admin: bool,
    /// Whether the user is from outside the organisation.
    pub external: bool,
    /// Whether the user may use the API.
    pub state: UserState,
    /// What sort of user it is.
    pub user_type: UserType,
    /// The project or group that a bot or service account belongs to.
    pub home: Option<Place>,
    /// When the user was created.
    pub created_at: Timestamp,
}

impl User {
    /// Whether the user may use the API.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.state == UserState::Active
    }

    /// Whether the user is a person.
    #[must_use]
    pub fn is_human(&self) -> bool {
        self.user_type == UserType::Human
    }

    /// Whether the user may create groups, and projects in a namespace of
    /// their own: a person who isn't from outside.
    #[must_use]
    pub fn may_found(&self) -> bool {
        self.is_human() && !self.external
    }

    /// Any user, for tests.
    #[doc(hidden)]
    #[must_use]
    pub fn sample(username: &str, admin: bool) -> Self {
        Self {
            id: UserId::from_row(3),
            username: username.to_owned(),
            name: username.to_owned(),
            email: format!("{username}@example.com"),
            admin,
            external: false,
            state: UserState::Active,
            user_type: UserType::Human,
            home: None,
            created_at: Timestamp::UNIX_EPOCH,
        }
    }
}

/// What is settled of a user by whoever creates or edits one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// The name in URLs.
    pub username: String,
    /// The name people read.
    pub name: String,
    /// The address mail goes to.
    pub email: String,
    /// Whether the user is an administrator.
    pub admin: bool,
    /// Whether the user is from outside the organisation.
    pub external: bool,
}

impl Profile {
    /// The profile, if the rules allow it.
    ///
    /// # Errors
    /// [`Invalid`] with everything that is wrong.
    pub fn checked(self) -> Result<Self, Invalid> {
        Invalid::unless_all([
            check_email(&self.email),
            check_path("username", &self.username),
            readable("name", &self.name, 255),
        ])?;
        Ok(self)
    }
}

impl From<User> for Profile {
    fn from(user: User) -> Self {
        let User {
            username,
            name,
            email,
            admin,
            external,
            ..
        } = user;
        Self {
            username,
            name,
            email,
            admin,
            external,
        }
    }
}

/// Not a parser of RFC 5321: one `@` with something on either side.
fn check_email(text: &str) -> Result<(), Invalid> {
    readable("email", text, 255)?;
    match text.split_once('@') {
        Some((local, host))
            if !local.is_empty()
                && !host.is_empty()
                && !host.contains('@')
                && !text.contains(char::is_whitespace) =>
        {
            Ok(())
        }
        _ => Err(Invalid::field("email", "is invalid")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asking_twice_changes_nothing_more() {
        for (verb, state) in [
            (StateChange::Block, UserState::Blocked),
            (StateChange::Ban, UserState::Banned),
            (StateChange::Deactivate, UserState::Deactivated),
            (StateChange::Unblock, UserState::Active),
            (StateChange::Unban, UserState::Active),
            (StateChange::Activate, UserState::Active),
        ] {
            assert_eq!(verb.apply(state), Ok(state), "{verb:?}");
        }
    }

    #[test]
    fn a_ban_is_not_lifted_by_unblocking_or_activating() {
        assert!(StateChange::Unblock.apply(UserState::Banned).is_err());
        assert!(StateChange::Activate.apply(UserState::Banned).is_err());
        assert!(StateChange::Activate.apply(UserState::Blocked).is_err());
    }

    #[test]
    fn states_read_back_from_their_names() {
        for state in [
            UserState::Active,
            UserState::Blocked,
            UserState::Banned,
            UserState::Deactivated,
        ] {
            assert_eq!(UserState::from_name(state.name()), Some(state));
        }
    }

    #[test]
    fn sorts_read_back_from_their_names() {
        for sort in UserType::ALL {
            assert_eq!(UserType::from_name(sort.name()), Some(sort));
        }
    }

    #[test]
    fn people_of_the_house_found_groups() {
        let ida = User::sample("ida", false);
        assert!(ida.may_found());
        let outside = User {
            external: true,
            ..ida.clone()
        };
        let bot = User {
            user_type: UserType::ProjectBot,
            ..ida
        };
        assert!(!outside.may_found() && !bot.may_found());
    }

    #[test]
    fn profiles_are_checked_whole() {
        let profile = |username: &str, email: &str| Profile {
            username: username.into(),
            name: "Ida".into(),
            email: email.into(),
            admin: false,
            external: false,
        };
        assert!(profile("ida.b_2-x", "ida@example.com").checked().is_ok());
        for bad in [
            "", "-ida", ".ida", "i da", "ida/x", "ida.git", "ida.", "idä", "i\0",
        ] {
            assert!(
                profile(bad, "ida@example.com").checked().is_err(),
                "{bad:?}"
            );
        }
        for bad in ["", "ida", "@x", "ida@", "a@b@c", "i da@example.com"] {
            assert!(profile("ida", bad).checked().is_err(), "{bad:?}");
        }
        assert_eq!(profile("-", "x").checked().unwrap_err().problems.len(), 2);
    }
}
