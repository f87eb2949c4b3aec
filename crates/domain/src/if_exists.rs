//! What becomes of a token where another of the same name is asked for.

use serde::{Deserialize, Serialize};

/// What becomes of the tokens that a new one would share its name with: those
/// of the same kind that belong to the same subject, or else to the same user,
/// and aren't revoked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IfExists {
    /// They stay, and the new one stands beside them.
    #[default]
    Add,
    /// One that works stays, and no other is issued.
    Keep,
    /// They are deleted in the same step.
    Replace,
    /// If one works, that is a mistake.
    Refuse,
}

impl IfExists {
    /// Every way.
    pub const ALL: [Self; 4] = [Self::Add, Self::Keep, Self::Replace, Self::Refuse];

    /// The word on the wire and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Keep => "keep",
            Self::Replace => "replace",
            Self::Refuse => "refuse",
        }
    }

    /// The way of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.name() == name)
    }
}
