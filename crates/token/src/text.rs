//! The secret itself.

use std::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::{Fingerprint, Hint};

/// The text of a token, which whoever holds it can use.
///
/// It can't be copied, printed or compared, and its memory is overwritten when
/// it is dropped. Only [`TokenText::reveal`] shows it.
///
/// ```compile_fail,E0599
/// tokenry_token::TokenText::new("glpat-secret".into()).to_string();
/// ```
///
/// ```compile_fail,E0599
/// tokenry_token::TokenText::new("glpat-secret".into()).clone();
/// ```
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct TokenText(String);

impl TokenText {
    /// Takes charge of a secret, whether it is well-formed or not.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The secret: the one door out of this type. It is for the one answer that
    /// hands the token to its owner, and for recognising and hashing it; never
    /// for a log, an error or a row.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What the token is found by, together with a server key.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.0)
    }

    /// What may be shown of the token, given the prefix that it starts with.
    #[must_use]
    pub fn hint(&self, prefix: &str) -> Hint {
        Hint::of(&self.0, prefix)
    }
}

impl fmt::Debug for TokenText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenText(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing() {
        let text = TokenText::new("glpat-secret".into());
        assert_eq!(format!("{text:?} {text:#?}"), "TokenText(…) TokenText(…)");
    }

    #[test]
    fn zeroizing_empties_it() {
        let mut text = TokenText::new("glpat-secret".into());
        text.zeroize();
        assert_eq!(text.reveal(), "");
    }

    #[test]
    fn fingerprint_and_hint_are_of_the_whole_text() {
        let text = TokenText::new("glpat-abcdefghijklmnopqrst".into());
        assert_eq!(text.fingerprint(), Fingerprint::of(text.reveal()));
        assert_eq!(text.hint("glpat-").as_str(), "glpat-…qrst");
    }
}
