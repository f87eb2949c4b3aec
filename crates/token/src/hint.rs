//! What people are shown of a token.

use std::fmt;

/// A prefix, an ellipsis and the last characters of a token, such as
/// `glpat-…x3f9`: enough to tell one's tokens apart, too little to use.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Hint(String);

/// Stands for all that a hint doesn't show.
const ELLIPSIS: char = '…';

/// The shortest body of which a hint shows anything.
const MIN_BODY_CHARS: usize = 12;

impl Hint {
    /// How many characters of the body a hint shows at most.
    pub const SHOWN_CHARS: usize = 4;

    /// The hint for a token's text. A text that doesn't start with `prefix` is
    /// taken to be all body.
    pub(crate) fn of(text: &str, prefix: &str) -> Self {
        let body = text.strip_prefix(prefix).unwrap_or(text);
        Self(format!("{prefix}{ELLIPSIS}{}", ending(body)))
    }

    /// A hint as it was stored; its content is not examined.
    #[must_use]
    pub fn from_stored(hint: String) -> Self {
        Self(hint)
    }

    /// The hint as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands before the ellipsis.
    #[must_use]
    pub fn prefix(&self) -> &str {
        self.0.split_once(ELLIPSIS).map_or("", |(prefix, _)| prefix)
    }

    /// What stands behind the ellipsis.
    #[must_use]
    pub fn ending(&self) -> &str {
        self.0
            .rsplit_once(ELLIPSIS)
            .map_or("", |(_, ending)| ending)
    }
}

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The last characters of a body, or none of a short one, since four characters
/// of few give too much away.
fn ending(body: &str) -> &str {
    let Some(hidden) = body.chars().count().checked_sub(Hint::SHOWN_CHARS) else {
        return "";
    };
    if hidden + Hint::SHOWN_CHARS < MIN_BODY_CHARS {
        return "";
    }
    body.char_indices()
        .nth(hidden)
        .and_then(|(at, _)| body.get(at..))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_the_last_four_characters_of_long_bodies_only() {
        let cases = [
            ("glpat-abcdefghijklmnopqrst", "glpat-", "glpat-…qrst"),
            ("glpat-abcdefghijkl", "glpat-", "glpat-…ijkl"),
            ("glpat-abcdefghijk", "glpat-", "glpat-…"),
            ("glpat-abc", "glpat-", "glpat-…"),
            ("glpat-", "glpat-", "glpat-…"),
            ("", "", "…"),
            ("abcdefghijkl", "", "…ijkl"),
        ];
        for (text, prefix, expected) in cases {
            let hint = Hint::of(text, prefix);
            assert_eq!(hint.to_string(), expected);
            assert_eq!(hint.prefix(), prefix);
            assert_eq!(format!("{}…{}", hint.prefix(), hint.ending()), expected);
        }
    }

    #[test]
    fn counts_characters_and_not_bytes() {
        assert_eq!(Hint::of("x-ééééééééàèìò", "x-").as_str(), "x-…àèìò");
        assert_eq!(Hint::of("x-éééééé", "x-").as_str(), "x-…");
    }

    #[test]
    fn a_foreign_prefix_reveals_no_more() {
        assert_eq!(
            Hint::of("abcdefghijklmnop", "glpat-").as_str(),
            "glpat-…mnop"
        );
    }

    #[test]
    fn a_stored_hint_comes_back_as_it_was() {
        let hint = Hint::of("glpat-abcdefghijklmnopqrst", "glpat-");
        assert_eq!(Hint::from_stored(hint.as_str().to_owned()), hint);
    }
}
