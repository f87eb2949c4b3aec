//! Why somebody ends a token: what the trail and the tombstone repeat.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::invalid::{Invalid, readable};

/// The longest reason, in characters.
pub const LONGEST_REASON: usize = 500;

/// A reason that a person gave, or the server itself: not blank, short enough
/// to be read, without control characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Reason(String);

impl Reason {
    /// The reason with this text.
    ///
    /// # Errors
    /// [`Invalid`] for what people couldn't read.
    pub fn new(text: impl Into<String>) -> Result<Self, Invalid> {
        let text = text.into();
        readable("reason", &text, LONGEST_REASON)?;
        Ok(Self(text))
    }

    /// A reason the server itself has. Its text must keep to the rules.
    #[must_use]
    pub fn ours(text: &'static str) -> Self {
        Self(text.to_owned())
    }

    /// A reason as it was stored; its text is not examined.
    #[must_use]
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Reason {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        Self::new(text)
    }
}

impl From<Reason> for String {
    fn from(reason: Reason) -> Self {
        reason.0
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_can_be_read() {
        let longest = "é".repeat(LONGEST_REASON);
        for good in ["x", "found in a public repository ✓", &longest] {
            assert_eq!(Reason::new(good).unwrap().as_str(), good);
        }
        for bad in ["", "  ", "a\nb", "a\u{0}b", &format!("{longest}x")] {
            assert_eq!(Reason::new(bad).unwrap_err().problems[0].field, "reason");
        }
    }

    #[test]
    fn what_is_read_from_json_keeps_to_the_rules() {
        assert_eq!(
            serde_json::from_str::<Reason>(r#""x""#).unwrap().as_str(),
            "x"
        );
        assert!(serde_json::from_str::<Reason>(r#""a\nb""#).is_err());
        assert_eq!(serde_json::to_string(&Reason::ours("x")).unwrap(), r#""x""#);
    }
}
