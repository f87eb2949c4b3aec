//! Members: who has which role in a project or group.

use jiff::Timestamp;

use crate::{access_level::AccessLevel, ids::UserId, place::Place};

/// A user's role in one place, and in all that lies beneath.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub user: UserId,
    /// Where.
    pub place: Place,
    /// The role.
    pub level: AccessLevel,
    /// When the user became a member.
    pub created_at: Timestamp,
    /// Who made the user a member; none for the server's own console.
    pub created_by: Option<UserId>,
    /// When the membership ends, at 00:00 UTC of a date.
    pub expires_at: Option<Timestamp>,
}

/// Which members of a place a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MemberFilter {
    /// Also those whose role was given in a group above.
    pub inherited: bool,
    /// Only this user.
    pub user: Option<UserId>,
    /// Name or username contains this, whatever the case.
    pub search: Option<String>,
}

/// The roles a user has in one place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Levels {
    /// The role given there, or as owner of the namespace.
    pub own: Option<AccessLevel>,
    /// The highest of the roles in the groups that it lies in.
    pub inherited: Option<AccessLevel>,
}

impl Levels {
    /// The role that counts.
    #[must_use]
    pub fn highest(self) -> Option<AccessLevel> {
        self.own.max(self.inherited)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_role_counts() {
        let levels = |own, inherited| Levels { own, inherited };
        let (guest, owner) = (Some(AccessLevel::Guest), Some(AccessLevel::Owner));
        assert_eq!(levels(None, None).highest(), None);
        assert_eq!(levels(guest, None).highest(), guest);
        assert_eq!(levels(guest, owner).highest(), owner);
        assert_eq!(levels(owner, guest).highest(), owner);
    }
}
