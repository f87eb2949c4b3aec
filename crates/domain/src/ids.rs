//! Typed ids, so that a user's id can't stand where a token's is wanted.
//!
//! Ids come from the database's own sequence, are never used twice, and stay
//! below 2^53, so that JavaScript clients read them exactly.

use serde::{Deserialize, Serialize};

/// The largest integer a JavaScript number holds exactly.
const MOST: i64 = (1 << 53) - 1;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(i64);

        impl $name {
            /// The id with this number, or `None` where no row can have it.
            #[must_use]
            pub const fn new(number: i64) -> Option<Self> {
                if number > 0 && number <= MOST { Some(Self(number)) } else { None }
            }

            /// An id the database answered with.
            #[must_use]
            pub const fn from_row(number: i64) -> Self {
                Self(number)
            }

            /// The number as databases and clients see it.
            #[must_use]
            pub const fn get(self) -> i64 {
                self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id! {
    /// Names one row of the token ledger.
    TokenId
}
id! {
    /// Names one user.
    UserId
}
id! {
    /// Names one holder of tokens: an application, agent, runner, client or job.
    HolderId
}
id! {
    /// Names one manager of a runner.
    RunnerManagerId
}
id! {
    /// Names one purge.
    PurgeId
}
id! {
    /// Names one namespace: a group's, or a person's.
    NamespaceId
}
id! {
    /// Names one group. Its namespace has the same number.
    GroupId
}
id! {
    /// Names one project.
    ProjectId
}

impl NamespaceId {
    /// The group of this namespace, which must be a group's.
    #[must_use]
    pub const fn group(self) -> GroupId {
        GroupId(self.0)
    }
}

impl GroupId {
    /// The namespace that the group is.
    #[must_use]
    pub const fn namespace(self) -> NamespaceId {
        NamespaceId(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_numbers_a_row_can_have_are_ids() {
        assert!(TokenId::new(1).is_some());
        assert!(TokenId::new(MOST).is_some());
        for number in [0, -1, i64::MIN, MOST + 1, i64::MAX] {
            assert_eq!(TokenId::new(number), None, "{number}");
        }
    }
}
