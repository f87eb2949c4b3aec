//! What `DELETE` does to a token on GitLab's routes.

use serde::{Deserialize, Serialize};

/// What `DELETE` does to a token where GitLab revokes it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeleteMeans {
    /// The token works no more; its row stays. This is GitLab's meaning.
    #[default]
    Revoke,
    /// The row goes, and a tombstone stays.
    Delete,
}

impl DeleteMeans {
    /// The two words, as they are written everywhere.
    pub const NAMES: &[&str] = &["revoke", "delete"];

    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Revoke => "revoke",
            Self::Delete => "delete",
        }
    }

    /// What a word stands for.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Revoke, Self::Delete]
            .into_iter()
            .find(|means| means.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_the_same_everywhere() {
        for name in DeleteMeans::NAMES {
            let means = DeleteMeans::from_name(name).unwrap();
            assert_eq!(means.name(), *name);
            assert_eq!(serde_json::to_value(means).unwrap(), *name);
        }
        assert_eq!(DeleteMeans::from_name("purge"), None);
    }
}
