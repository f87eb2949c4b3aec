//! Roles: how much a member may do in a project or group.

use serde::Serialize;

/// A member's role. A higher one may do all that a lower one may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AccessLevel {
    /// Sees it.
    Guest,
    /// Plans work.
    Planner,
    /// Reads all of it.
    Reporter,
    /// Looks after its security.
    SecurityManager,
    /// Works on it; may add projects to a group.
    Developer,
    /// Runs a project: its members, settings and tokens.
    Maintainer,
    /// May do everything, removing included.
    Owner,
}

impl AccessLevel {
    /// Every role, the lowest first.
    pub const ALL: [Self; 7] = [
        Self::Guest,
        Self::Planner,
        Self::Reporter,
        Self::SecurityManager,
        Self::Developer,
        Self::Maintainer,
        Self::Owner,
    ];

    /// The number on the wire and in the database.
    #[must_use]
    pub const fn number(self) -> i64 {
        match self {
            Self::Guest => 10,
            Self::Planner => 15,
            Self::Reporter => 20,
            Self::SecurityManager => 25,
            Self::Developer => 30,
            Self::Maintainer => 40,
            Self::Owner => 50,
        }
    }

    /// The role with this number.
    #[must_use]
    pub fn from_number(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.number() == number)
    }

    /// The role as people call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Guest => "Guest",
            Self::Planner => "Planner",
            Self::Reporter => "Reporter",
            Self::SecurityManager => "Security Manager",
            Self::Developer => "Developer",
            Self::Maintainer => "Maintainer",
            Self::Owner => "Owner",
        }
    }

    /// The role as programs call it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Guest => "guest",
            Self::Planner => "planner",
            Self::Reporter => "reporter",
            Self::SecurityManager => "security_manager",
            Self::Developer => "developer",
            Self::Maintainer => "maintainer",
            Self::Owner => "owner",
        }
    }

    /// This role and those beneath it, the lowest first.
    pub fn and_lower(self) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |level| *level <= self)
    }
}

impl Serialize for AccessLevel {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_read_back_from_their_numbers_and_are_ordered_like_them() {
        for level in AccessLevel::ALL {
            assert_eq!(AccessLevel::from_number(level.number()), Some(level));
        }
        assert!(AccessLevel::ALL.is_sorted());
        assert!(AccessLevel::ALL.is_sorted_by_key(|level| level.number()));
        for unknown in [-10, 0, 5, 11, 35, 60, i64::MAX] {
            assert_eq!(AccessLevel::from_number(unknown), None, "{unknown}");
        }
    }
}
