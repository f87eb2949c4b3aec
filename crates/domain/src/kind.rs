//! The kinds of token, one descriptor each.
//!
//! A kind is a line in [`KINDS`], not a module: everything that differs
//! between kinds is a field of [`Descriptor`].

use crate::scope::Scopes;

/// What sort of secret a ledger row stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Kind {
    /// A user's own access token.
    Personal = 0,
    /// An administrator's token that acts as another user, who doesn't see it.
    Impersonation = 1,
}

/// All that the rest of the house needs to know of one kind.
#[derive(Debug)]
pub struct Descriptor {
    /// The kind described.
    pub kind: Kind,
    /// Its name in the database, on the wire (`token_type`) and on the command line.
    pub name: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// The prefix of its texts where the instance sets no other.
    pub default_prefix: &'static str,
    /// Whether `personal_access_token_prefix` replaces the default
    /// (spec/token-information-api.md section 1.6).
    pub takes_personal_prefix: bool,
    /// Whether its owner sees it in their own list (spec/rest.md section 2.2).
    pub shown_to_owner: bool,
    /// Whether its owner may revoke, rotate or delete it.
    pub managed_by_owner: bool,
    /// The scopes a token of this kind may carry if its owner is no administrator.
    pub scopes: Scopes,
    /// Further scopes it may carry if its owner is an administrator.
    pub admin_scopes: Scopes,
}

/// Every kind, in the order of its number.
pub static KINDS: [Descriptor; 2] = [
    Descriptor {
        kind: Kind::Personal,
        name: "personal",
        title: "personal access token",
        default_prefix: "glpat-",
        takes_personal_prefix: true,
        shown_to_owner: true,
        managed_by_owner: true,
        scopes: Scopes::USER,
        admin_scopes: Scopes::ADMIN,
    },
    Descriptor {
        kind: Kind::Impersonation,
        name: "impersonation",
        title: "impersonation token",
        default_prefix: "glpat-",
        takes_personal_prefix: true,
        shown_to_owner: false,
        managed_by_owner: false,
        scopes: Scopes::USER,
        admin_scopes: Scopes::ADMIN,
    },
];

impl Kind {
    /// The kind's line in the table.
    #[must_use]
    #[expect(
        clippy::indexing_slicing,
        reason = "a test holds the table against the enum"
    )]
    pub fn descriptor(self) -> &'static Descriptor {
        &KINDS[self as usize]
    }

    /// Its name in the database and on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.descriptor().name
    }

    /// The kind with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        KINDS
            .iter()
            .find(|line| line.name == name)
            .map(|line| line.kind)
    }

    /// Every kind.
    pub fn all() -> impl Iterator<Item = Self> {
        KINDS.iter().map(|line| line.kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_stands_at_its_kinds_number() {
        for (place, line) in KINDS.iter().enumerate() {
            assert_eq!(line.kind as usize, place, "{}", line.name);
            assert_eq!(Kind::from_name(line.name), Some(line.kind));
        }
    }

    #[test]
    fn every_default_prefix_is_a_prefix() {
        for line in &KINDS {
            assert!(
                tokenry_token::Prefix::new(line.default_prefix).is_ok(),
                "{}",
                line.name
            );
        }
    }
}
