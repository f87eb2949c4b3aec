//! Sessions of browsers: the cookie that carries one, and the proof that a
//! change was asked for by the page rather than by the browser alone.
//!
//! A session's text is a cookie as GitLab names it, `_gitlab_session=VALUE`:
//! responders paste such pairs, whatever the cookie is called here.

use std::borrow::Cow;

use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

/// The name of the cookie that browsers keep.
pub const SESSION_COOKIE: &str = "_tokenry_session";

/// What the text of a session begins with.
const PREFIX: &str = "_gitlab_session=";

/// Names the purpose of the proof.
const LABEL: &[u8] = b"tokenry, proof of a page";

/// The text of the session whose cookie has this value.
#[must_use]
pub fn session_text(value: &str) -> String {
    format!("{PREFIX}{value}")
}

/// The value of the cookie that carries a session; a text that isn't a
/// session's is its own.
#[must_use]
pub fn session_value(text: &str) -> &str {
    text.strip_prefix(PREFIX).unwrap_or(text)
}

/// A found text as the ledger spells it: a session may have been found under
/// the name of our own cookie.
#[must_use]
pub fn as_issued(text: &str) -> Cow<'_, str> {
    let value = text
        .strip_prefix(SESSION_COOKIE)
        .and_then(|rest| rest.strip_prefix('='));
    value.map_or(Cow::Borrowed(text), |value| session_text(value).into())
}

/// What a page sends along with a change, so that no other site can make the
/// browser ask for one. It follows from the session's text and doesn't tell it,
/// so it is as good as the session is, under whatever server key.
#[must_use]
pub fn page_proof(session: &str) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(session.as_bytes());
    // Every length is a length of a key.
    let mac = mac.map(|mac| mac.chain_update(LABEL).finalize().into_bytes());
    mac.map(|bytes| BASE64URL_NOPAD.encode(&bytes))
        .unwrap_or_default()
}

/// Whether a page that sends this knows the session.
#[must_use]
pub fn proves(session: &str, proof: &str) -> bool {
    let expected = page_proof(session);
    !expected.is_empty() && expected.as_bytes().ct_eq(proof.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_found_under_either_name() {
        assert_eq!(as_issued("_tokenry_session=abc"), "_gitlab_session=abc");
        for text in ["_gitlab_session=abc", "_tokenry_session", "glpat-x", ""] {
            assert_eq!(as_issued(text), text);
        }
        assert_eq!(session_value(&session_text("abc")), "abc");
    }

    #[test]
    fn a_proof_is_of_one_session() {
        let proof = page_proof("_gitlab_session=abc");
        assert_eq!(proof.len(), 43);
        assert!(proves("_gitlab_session=abc", &proof));
        assert!(!proves("_gitlab_session=abd", &proof));
        for other in ["", "abc", &proof[1..], &proof.to_lowercase()] {
            assert!(!proves("_gitlab_session=abc", other), "{other}");
        }
    }
}
