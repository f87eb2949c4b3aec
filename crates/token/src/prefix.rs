//! What stands in front of a token and tells its kind.

use std::cmp::Reverse;
use std::fmt;

use thiserror::Error;

/// The start of a token's text, such as `glpat-`: 1 to [`Prefix::MAX_BYTES`]
/// ASCII letters, digits, `-` and `_`. An equals sign may stand last, so that a
/// cookie is a token as well: `_gitlab_session=`.
///
/// A dot is not among them: it would break the routable form apart
/// (spec/token-information-api.md section 3). Any ending will do, since an
/// instance may be set to use a prefix that has no dash.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Prefix(Box<str>);

/// Why a text can't be a [`Prefix`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum BadPrefix {
    /// There is nothing in it; an empty prefix would match every text.
    #[error("a token prefix can't be empty")]
    Empty,
    /// It has more than [`Prefix::MAX_BYTES`] bytes.
    #[error("a token prefix has at most {} bytes", Prefix::MAX_BYTES)]
    TooLong,
    /// It has a character other than letters, digits, `-` and `_`.
    #[error(
        "a token prefix has only the letters A to Z and a to z, digits, - and _, and may end in ="
    )]
    BadCharacter,
}

impl Prefix {
    /// The most bytes that a prefix can have.
    pub const MAX_BYTES: usize = 40;

    /// Takes `text` as a prefix.
    ///
    /// # Errors
    ///
    /// [`BadPrefix`] says which rule the text breaks.
    pub fn new(text: &str) -> Result<Self, BadPrefix> {
        check(text).map(|()| Self(text.into()))
    }

    /// The prefix as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// `glpat-`, which every GitLab begins with.
impl Default for Prefix {
    fn default() -> Self {
        Self("glpat-".into())
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Says whether `text` could be a prefix, without keeping it.
pub(crate) fn check(text: &str) -> Result<(), BadPrefix> {
    if text.is_empty() {
        Err(BadPrefix::Empty)
    } else if text.len() > Prefix::MAX_BYTES {
        Err(BadPrefix::TooLong)
    } else if text.strip_suffix('=').is_none_or(|name| !name.is_empty())
        && text.strip_suffix('=').unwrap_or(text).bytes().all(is_plain)
    {
        Ok(())
    } else {
        Err(BadPrefix::BadCharacter)
    }
}

/// Whether a byte is of the URL-safe base64 alphabet: what prefixes and legacy
/// tokens consist of.
pub(crate) fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

/// Every prefix that this instance has ever used, present and former ones, so
/// that changing a prefix orphans no token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prefixes(Vec<Prefix>); // longest first, then by text; none twice

impl Prefixes {
    /// Gathers prefixes, in any order and with repetitions.
    pub fn new(prefixes: impl IntoIterator<Item = Prefix>) -> Self {
        let mut sorted: Vec<_> = prefixes.into_iter().collect();
        sorted.sort_by(|a, b| rank(a.as_str()).cmp(&rank(b.as_str())));
        sorted.dedup();
        Self(sorted)
    }

    /// The longest prefix with which `text` starts, if any.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<&Prefix> {
        self.iter().find(|prefix| text.starts_with(prefix.as_str()))
    }

    /// The prefix that is spelled exactly like `text`, if it is one of these.
    #[must_use]
    pub fn get(&self, text: &str) -> Option<&Prefix> {
        let place = self
            .0
            .binary_search_by(|prefix| rank(prefix.as_str()).cmp(&rank(text)));
        place.ok().and_then(|place| self.0.get(place))
    }

    /// All of them, the longest first.
    pub fn iter(&self) -> impl Iterator<Item = &Prefix> {
        self.0.iter()
    }
}

impl FromIterator<Prefix> for Prefixes {
    fn from_iter<I: IntoIterator<Item = Prefix>>(prefixes: I) -> Self {
        Self::new(prefixes)
    }
}

/// What prefixes are sorted by.
fn rank(text: &str) -> (Reverse<usize>, &str) {
    (Reverse(text.len()), text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefixes(texts: &[&str]) -> Prefixes {
        texts
            .iter()
            .map(|text| Prefix::new(text).unwrap())
            .collect()
    }

    #[test]
    fn takes_letters_digits_dashes_and_underscores() {
        for text in [
            "g",
            "glpat-",
            "t1_",
            "GR1348941",
            "-",
            "acme-glpat-",
            &"x".repeat(40),
        ] {
            assert_eq!(Prefix::new(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn says_what_is_wrong_with_the_others() {
        assert_eq!(Prefix::new(""), Err(BadPrefix::Empty));
        assert_eq!(Prefix::new(&"x".repeat(41)), Err(BadPrefix::TooLong));
        for text in ["a.b", "a b", "glpat\n", "é", "session=x", "a==", "=", "a\0"] {
            assert_eq!(Prefix::new(text), Err(BadPrefix::BadCharacter), "{text:?}");
        }
    }

    #[test]
    fn finds_the_longest_of_those_that_begin_one_another() {
        let known = prefixes(&["gl", "acme-", "glpat-", "acme-glpat-", "glpat-"]);
        let cases = [
            ("acme-glpat-x", Some("acme-glpat-")),
            ("acme-glpatx", Some("acme-")),
            ("glpat-", Some("glpat-")),
            ("glpat", Some("gl")),
            ("g", None),
            ("", None),
            ("Glpat-", None),
        ];
        for (text, expected) in cases {
            assert_eq!(known.find(text).map(Prefix::as_str), expected, "{text}");
        }
        assert_eq!(known.iter().count(), 4);
    }

    #[test]
    fn gets_exact_spellings_only() {
        let known = prefixes(&["gl", "glpat-", "glcbt-", "gldt-", "acme-glpat-"]);
        for prefix in known.iter() {
            assert_eq!(known.get(prefix.as_str()), Some(prefix));
        }
        for text in ["", "g", "glp", "glpat", "glpat-x"] {
            assert_eq!(known.get(text), None, "{text}");
        }
    }

    #[test]
    fn no_prefixes_find_nothing() {
        assert_eq!(Prefixes::default().find("glpat-"), None);
    }
}
