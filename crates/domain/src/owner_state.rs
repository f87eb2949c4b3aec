//! What has become of a token's owner, as filters ask for it.

use crate::user::{User, UserState, UserType};

/// What has become of an owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OwnerState {
    /// May use the API.
    Active,
    /// Shut out by an administrator.
    Blocked,
    /// Shut out for misconduct.
    Banned,
    /// Put to rest.
    Deactivated,
    /// Removed: the token went over to the ghost.
    Gone,
}

impl OwnerState {
    /// Every state.
    pub const ALL: [Self; 5] = [
        Self::Active,
        Self::Blocked,
        Self::Banned,
        Self::Deactivated,
        Self::Gone,
    ];

    /// The state of an owner.
    #[must_use]
    pub fn of(owner: &User) -> Self {
        match (owner.user_type, owner.state) {
            (UserType::Ghost, _) => Self::Gone,
            (_, UserState::Active) => Self::Active,
            (_, UserState::Blocked) => Self::Blocked,
            (_, UserState::Banned) => Self::Banned,
            (_, UserState::Deactivated) => Self::Deactivated,
        }
    }

    /// Its name: of all but [`OwnerState::Gone`] the one in the database.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => UserState::Active.name(),
            Self::Blocked => UserState::Blocked.name(),
            Self::Banned => UserState::Banned.name(),
            Self::Deactivated => UserState::Deactivated.name(),
            Self::Gone => "gone",
        }
    }

    /// The state with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}
