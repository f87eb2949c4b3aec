//! Passwords, as people type them.

use std::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::invalid::Invalid;

/// The fewest characters.
const FEWEST: usize = 8;
/// The most bytes: bounds the work of hashing.
const MOST_BYTES: usize = 128;

/// A password, chosen or tried.
///
/// It can't be copied, printed or compared, and its memory is overwritten when
/// it is dropped. Only [`Password::reveal`] shows it.
///
/// ```compile_fail,E0277
/// format!("{}", tokenry_domain::Password::from("secret"));
/// ```
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Password(String);

impl Password {
    /// The same, if it may be chosen.
    ///
    /// # Errors
    /// [`Invalid`] for a password that is too short or too long.
    pub fn checked(self) -> Result<Self, Invalid> {
        let problem = if self.0.chars().count() < FEWEST {
            format!("is too short (minimum is {FEWEST} characters)")
        } else if !self.is_short_enough() {
            format!("is too long (maximum is {MOST_BYTES} bytes)")
        } else {
            return Ok(self);
        };
        Err(Invalid::field("password", problem))
    }

    /// Whether it may be anybody's. A longer one isn't worth hashing.
    #[must_use]
    pub fn is_short_enough(&self) -> bool {
        self.0.len() <= MOST_BYTES
    }

    /// The password: for hashing it, and nothing else.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// As much of it as is ever hashed.
    #[must_use]
    pub fn beginning(&self) -> &str {
        let length = self.0.floor_char_boundary(MOST_BYTES);
        self.0.get(..length).unwrap_or_default()
    }
}

impl From<String> for Password {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Password {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing_of_it() {
        let password = Password::from("correct horse");
        assert_eq!(format!("{password:?}"), "Password(…)");
    }

    #[test]
    fn its_length_has_bounds() {
        let allowed = |text: &str| Password::from(text).checked().is_ok();
        assert!(allowed(&"é".repeat(8)) && allowed(&"x".repeat(128)));
        assert!(!allowed("seven77") && !allowed("") && !allowed(&"é".repeat(65)));
        assert_eq!(Password::from("é".repeat(65)).beginning().len(), 128);
    }
}
