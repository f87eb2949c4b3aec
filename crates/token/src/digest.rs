//! What a token is found by: its hash, without and with the server's key.

use std::fmt;
use std::hash::{Hash, Hasher};

use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD, HEXLOWER, HEXLOWER_PERMISSIVE};
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

/// How many letters 32 bytes are in Base64, without padding.
const BASE64_LETTERS: usize = 43;

/// The text given as a [`Fingerprint`] is no SHA-256.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a SHA-256 is 64 hexadecimal digits, or 44 letters of Base64")]
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

    /// Reads 64 hexadecimal digits, or the same 32 bytes in Base64, of either
    /// alphabet, padded or not.
    ///
    /// # Errors
    ///
    /// [`BadFingerprint`] for any other text.
    pub fn from_text(text: &str) -> Result<Self, BadFingerprint> {
        let bare = text.strip_suffix('=').unwrap_or(text);
        if bare.len() != BASE64_LETTERS {
            return Self::from_hex(text);
        }
        let decoded = BASE64_NOPAD
            .decode(bare.as_bytes())
            .or_else(|_| BASE64URL_NOPAD.decode(bare.as_bytes()));
        let bytes = decoded.ok().and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or(BadFingerprint)
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
    fn base64_of_either_alphabet_is_read() {
        let expected = Ok(Fingerprint::from_bytes([0xfb; 32]));
        let plain = "+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/s=";
        let url = plain.replace('+', "-").replace('/', "_");
        for text in [plain, &url, plain.trim_end_matches('=')] {
            assert_eq!(Fingerprint::from_text(text), expected, "{text}");
        }
        assert_eq!(
            Fingerprint::from_text(SHA_OF_ABC),
            Ok(Fingerprint::of("abc"))
        );
        let mixed = plain.replacen('+', "-", 1);
        let loose = plain.replace("+/s=", "+/t=");
        for bad in [
            "",
            "=",
            &mixed,
            &loose,
            &format!("{plain}="),
            &"é".repeat(43),
        ] {
            assert_eq!(Fingerprint::from_text(bad), Err(BadFingerprint), "{bad}");
        }
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
