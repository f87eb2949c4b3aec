//! What a token is found by: its hash, without and with the server's key.

use std::fmt;
use std::hash::{Hash, Hasher};

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq;
use thiserror::Error;

/// The plain SHA-256 of a token's text, 32 bytes.
///
/// Whoever reports a leak can send this instead of the token. It opens nothing,
/// but it does let its holder ask about the token, so its `Debug` is silent and
/// it is not what the store keeps: that is the [`Digest`] made from it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 32]);

/// The text given as a [`Fingerprint`] is not 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a fingerprint has exactly 64 hexadecimal digits")]
pub struct BadFingerprint;

impl Fingerprint {
    /// The fingerprint of a token's whole text, prefix included.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self(Sha256::digest(text).into())
    }

    /// Takes the 32 bytes of a SHA-256.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Reads 64 hexadecimal digits, in either case.
    ///
    /// # Errors
    ///
    /// [`BadFingerprint`] for any other text.
    pub fn from_hex(hex: &str) -> Result<Self, BadFingerprint> {
        let mut bytes = [0; 32];
        // Checked first, because the decoder insists on a buffer of the right size.
        if hex.len() != 2 * bytes.len() {
            return Err(BadFingerprint);
        }
        let decoded = HEXLOWER_PERMISSIVE.decode_mut(hex.as_bytes(), &mut bytes);
        decoded.map(|_| Self(bytes)).map_err(|_| BadFingerprint)
    }

    /// The 32 bytes of the SHA-256.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fingerprint(…)")
    }
}

/// The HMAC-SHA-256 of a [`Fingerprint`] under a server key, 32 bytes: the name
/// of a token in the store, of no use without the key.
///
/// Two digests are compared in constant time, so that timing tells nobody how
/// much of a guess is right.
#[derive(Clone, Copy, Eq)]
pub struct Digest([u8; 32]);

/// The bytes given as a [`Digest`] are not 32.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a digest has exactly 32 bytes, not {length}")]
pub struct BadDigest {
    /// How many bytes there were.
    pub length: usize,
}

impl Digest {
    /// Takes the 32 bytes of a digest.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl TryFrom<&[u8]> for Digest {
    type Error = BadDigest;

    fn try_from(bytes: &[u8]) -> Result<Self, BadDigest> {
        bytes.try_into().map(Self).map_err(|_| BadDigest {
            length: bytes.len(),
        })
    }
}

impl PartialEq for Digest {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Hash for Digest {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({})", HEXLOWER.encode(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    /// The first example of FIPS 180-4's published test values.
    const SHA_OF_ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn a_fingerprint_is_plain_sha_256() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        for (text, hex) in [("", empty), ("abc", SHA_OF_ABC)] {
            assert_eq!(HEXLOWER.encode(Fingerprint::of(text).as_bytes()), hex);
        }
    }

    #[test]
    fn hexadecimal_digits_of_either_case_are_read() {
        let expected = Ok(Fingerprint::of("abc"));
        assert_eq!(Fingerprint::from_hex(SHA_OF_ABC), expected);
        assert_eq!(Fingerprint::from_hex(&SHA_OF_ABC.to_uppercase()), expected);
    }

    #[test]
    fn other_texts_are_no_fingerprints() {
        let long = format!("{SHA_OF_ABC}00");
        for hex in [
            "",
            "ba",
            &long,
            &SHA_OF_ABC.replace('f', "g"),
            &"é".repeat(32),
        ] {
            assert_eq!(Fingerprint::from_hex(hex), Err(BadFingerprint), "{hex}");
        }
    }

    #[test]
    fn a_digest_has_exactly_32_bytes() {
        let taken = Digest::try_from([5; 32].as_slice());
        assert_eq!(taken, Ok(Digest::from_bytes([5; 32])));
        for length in [0, 31, 33] {
            let refused = Digest::try_from(vec![5; length].as_slice());
            assert_eq!(refused, Err(BadDigest { length }));
        }
    }

    #[test]
    fn digests_are_equal_when_all_bytes_are() {
        let mut other = [5; 32];
        other[31] = 6;
        let set = HashSet::from([[5; 32], [5; 32], other].map(Digest::from_bytes));
        assert_eq!(set.len(), 2);
    }

    #[test]
    fn debug_of_a_fingerprint_shows_nothing() {
        assert_eq!(format!("{:?}", Fingerprint::of("abc")), "Fingerprint(…)");
    }
}
