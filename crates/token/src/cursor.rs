//! Cursors that nobody but the server can make: a text and its HMAC under a key
//! that follows from a server key.

use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::{DigestKey, KeyRing};

/// Names the purpose of the derived key.
const LABEL: &[u8] = b"tokenry cursors, HMAC-SHA-256";
/// Stands between the text and what proves it; base64 has none.
const SEPARATOR: char = '.';
/// Enough that nobody guesses one, and short enough for an address.
const PROOF_BYTES: usize = 16;

impl KeyRing {
    /// Signs a cursor of a list. Of whatever other list, it isn't one.
    #[must_use]
    pub fn sign_cursor(&self, list: &str, cursor: &str) -> String {
        let proof = BASE64URL_NOPAD.encode(&proof(self.current(), list, cursor));
        format!("{cursor}{SEPARATOR}{proof}")
    }

    /// The cursor of a list that was signed under any of the keys.
    #[must_use]
    pub fn signed_cursor<'c>(&self, list: &str, signed: &'c str) -> Option<&'c str> {
        let (cursor, shown) = signed.rsplit_once(SEPARATOR)?;
        let shown = BASE64URL_NOPAD.decode(shown.as_bytes()).ok()?;
        let proven = |key| {
            shown.len() == PROOF_BYTES
                && keyed(key, list, cursor)
                    .verify_truncated_left(&shown)
                    .is_ok()
        };
        self.keys().any(proven).then_some(cursor)
    }
}

fn proof(key: &DigestKey, list: &str, cursor: &str) -> [u8; PROOF_BYTES] {
    let bytes = keyed(key, list, cursor).finalize().into_bytes();
    std::array::from_fn(|at| bytes.get(at).copied().unwrap_or_default())
}

/// The length of the list's name comes first, so that no name and text run into
/// each other.
fn keyed(key: &DigestKey, list: &str, cursor: &str) -> Hmac<Sha256> {
    let derived = key.derive(LABEL);
    let block: [u8; 64] = std::array::from_fn(|at| derived.get(at).copied().unwrap_or_default());
    Hmac::<Sha256>::new((&block).into())
        .chain_update((list.len() as u64).to_be_bytes())
        .chain_update(list)
        .chain_update(cursor)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::KeyId;

    fn key(number: u8) -> DigestKey {
        DigestKey::new(KeyId::new(number.into()), [number; 32])
    }

    #[test]
    fn a_cursor_serves_its_list_also_after_the_key_changed() {
        let ring = KeyRing::new(key(1), Vec::new());
        let signed = ring.sign_cursor("tokens", "abc");
        assert_eq!(ring.signed_cursor("tokens", &signed), Some("abc"));
        assert_eq!(ring.signed_cursor("audit", &signed), None);
        let later = ring.with_new(key(2));
        assert_eq!(later.signed_cursor("tokens", &signed), Some("abc"));
        let stranger = KeyRing::new(key(3), Vec::new());
        assert_eq!(stranger.signed_cursor("tokens", &signed), None);
    }

    #[test]
    fn nothing_else_is_one() {
        let ring = KeyRing::new(key(1), Vec::new());
        let signed = ring.sign_cursor("tokens", "abc");
        for at in 0..signed.len() {
            let mut bytes = signed.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let forged = String::from_utf8(bytes).unwrap();
            assert_eq!(ring.signed_cursor("tokens", &forged), None, "{forged}");
        }
        for bad in ["", ".", "abc", "abc.", "é.é", &signed[..signed.len() - 2]] {
            assert_eq!(ring.signed_cursor("tokens", bad), None, "{bad}");
        }
        let shorter = ring.sign_cursor("token", "sabc");
        assert_ne!(
            shorter.rsplit_once('.').unwrap().1,
            signed.rsplit_once('.').unwrap().1
        );
    }
}
