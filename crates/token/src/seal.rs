//! What is kept sealed: copies of the texts of the few kinds of token that are
//! shown again, and answers that are given again to whoever repeats a request.
//!
//! XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03) under a key that follows
//! from a server key, one for each purpose, bound to what the row is found by:
//! what is moved to another row doesn't open.

use std::fmt;

use chacha20poly1305::{
    KeyInit as _, XChaCha20Poly1305, XNonce,
    aead::{Aead as _, Payload},
};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::{Digest, DigestKey, KeyId, KeyRing, TokenText};

/// Names the purpose of the key that is derived for copies of texts.
const COPIES: &[u8] = b"tokenry sealed copies, XChaCha20-Poly1305";
/// The same for answers.
const ANSWERS: &[u8] = b"tokenry sealed answers, XChaCha20-Poly1305";

/// Bytes of the nonce; so many that random ones never meet.
const NONCE_BYTES: usize = 24;

/// A secret as the database keeps it, where it is to be shown again.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The server key it opens with.
    pub key: KeyId,
    /// The nonce, and behind it the secret, encrypted.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({}, …)", self.key)
    }
}

/// What is sealed doesn't open: its key is gone, or it is another row's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the sealed copy of the token doesn't open under the server's keys")]
pub struct Unsealable;

impl KeyRing {
    /// Seals a token's text under the current key. `nonce` must come from a
    /// good random generator and is used once.
    ///
    /// # Errors
    /// [`Unsealable`] for a text too long for the cipher, which no token is.
    pub fn seal(
        &self,
        text: &TokenText,
        digest: Digest,
        nonce: [u8; NONCE_BYTES],
    ) -> Result<Sealed, Unsealable> {
        self.enclose(COPIES, text.reveal().as_bytes(), digest, nonce)
    }

    /// The text in a sealed copy, if it is that of the token with this digest.
    ///
    /// # Errors
    /// [`Unsealable`].
    pub fn open(&self, sealed: &Sealed, digest: Digest) -> Result<TokenText, Unsealable> {
        let text = self.disclose(COPIES, sealed, digest)?;
        let text = std::str::from_utf8(&text).map_err(|_| Unsealable)?;
        Ok(TokenText::new(text.to_owned()))
    }

    /// Seals an answer that holds a token's text, as [`KeyRing::seal`] does the
    /// text alone. `mark` is what the answer is found by.
    ///
    /// # Errors
    /// [`Unsealable`] for an answer too long for the cipher, which none is.
    pub fn seal_answer(
        &self,
        answer: &[u8],
        mark: Digest,
        nonce: [u8; NONCE_BYTES],
    ) -> Result<Sealed, Unsealable> {
        self.enclose(ANSWERS, answer, mark, nonce)
    }

    /// The answer that was sealed under this mark.
    ///
    /// # Errors
    /// [`Unsealable`].
    pub fn open_answer(
        &self,
        sealed: &Sealed,
        mark: Digest,
    ) -> Result<Zeroizing<Vec<u8>>, Unsealable> {
        self.disclose(ANSWERS, sealed, mark)
    }

    fn enclose(
        &self,
        purpose: &[u8],
        secret: &[u8],
        bound_to: Digest,
        nonce: [u8; NONCE_BYTES],
    ) -> Result<Sealed, Unsealable> {
        let key = self.current();
        let payload = Payload {
            msg: secret,
            aad: bound_to.as_bytes(),
        };
        let encrypted = cipher(key, purpose).encrypt(&XNonce::from(nonce), payload);
        let mut bytes = nonce.to_vec();
        bytes.extend(encrypted.map_err(|_| Unsealable)?);
        Ok(Sealed {
            key: key.id(),
            bytes,
        })
    }

    fn disclose(
        &self,
        purpose: &[u8],
        sealed: &Sealed,
        bound_to: Digest,
    ) -> Result<Zeroizing<Vec<u8>>, Unsealable> {
        let key = self.key(sealed.key).ok_or(Unsealable)?;
        let (nonce, encrypted) = sealed.bytes.split_first_chunk().ok_or(Unsealable)?;
        let payload = Payload {
            msg: encrypted,
            aad: bound_to.as_bytes(),
        };
        let secret = cipher(key, purpose).decrypt(&XNonce::from(*nonce), payload);
        secret.map(Zeroizing::new).map_err(|_| Unsealable)
    }
}

fn cipher(key: &DigestKey, purpose: &[u8]) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new((&*key.derive(purpose)).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: u8) -> DigestKey {
        DigestKey::new(KeyId::new(number.into()), [number; 32])
    }

    fn text() -> TokenText {
        TokenText::new("glptt-secret".into())
    }

    #[test]
    fn what_is_sealed_opens_also_when_the_key_is_a_former_one() {
        let ring = KeyRing::new(key(1), Vec::new());
        let digest = Digest::from_bytes([7; 32]);
        let sealed = ring.seal(&text(), digest, [9; 24]).unwrap();
        let later = ring.with_new(key(2));
        assert_eq!(
            later.open(&sealed, digest).unwrap().reveal(),
            "glptt-secret"
        );
        assert!(!format!("{sealed:?}").contains("secret"));
    }

    #[test]
    fn nothing_else_opens() {
        let ring = KeyRing::new(key(1), Vec::new());
        let digest = Digest::from_bytes([7; 32]);
        let sealed = ring.seal(&text(), digest, [9; 24]).unwrap();
        let other = Digest::from_bytes([8; 32]);
        assert!(ring.open(&sealed, other).is_err(), "of another row");
        assert!(
            KeyRing::new(key(2), Vec::new())
                .open(&sealed, digest)
                .is_err()
        );
        for at in 0..sealed.bytes.len() {
            let mut bytes = sealed.bytes.clone();
            bytes[at] ^= 1;
            assert!(ring.open(&Sealed { bytes, ..sealed }, digest).is_err());
        }
        for length in 0..sealed.bytes.len() {
            let bytes = sealed.bytes[..length].to_vec();
            assert!(ring.open(&Sealed { bytes, ..sealed }, digest).is_err());
        }
    }

    #[test]
    fn an_answer_opens_as_an_answer_under_its_own_mark_only() {
        let ring = KeyRing::new(key(1), Vec::new());
        let mark = Digest::from_bytes([7; 32]);
        let sealed = ring.seal_answer(b"200 {}", mark, [9; 24]).unwrap();
        let later = ring.with_new(key(2));
        assert_eq!(*later.open_answer(&sealed, mark).unwrap(), b"200 {}");
        let other = Digest::from_bytes([8; 32]);
        assert!(ring.open_answer(&sealed, other).is_err());
        assert!(ring.open(&sealed, mark).is_err(), "it is no copy of a text");
    }
}
