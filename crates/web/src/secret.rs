//! A secret on its way through a request or an answer.

use std::fmt;

use serde::Serialize;

/// A token's text or a password, as a request sends it or an answer holds it.
/// What is kept of a request or an answer for a log shows nothing of it.
#[derive(Clone, Copy, Serialize)]
#[serde(transparent)]
pub(crate) struct Secret<'t>(&'t str);

impl<'t> Secret<'t> {
    pub(crate) const fn new(text: &'t str) -> Self {
        Self(text)
    }

    /// The secret: for whom it is meant, and never for a log.
    pub(crate) const fn reveal(self) -> &'t str {
        self.0
    }
}

impl fmt::Debug for Secret<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
