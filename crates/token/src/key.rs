//! The server's keys, under which digests are made.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::{Digest, Fingerprint};

/// The bytes that a check value is the HMAC of. Not 32 of them, so that a check
/// value can never be the beginning of a digest.
const CHECK_LABEL: &[u8] = b"tokenry digest key, check value";

/// HMAC-SHA-256 pads its key to this many bytes (RFC 2104 section 2).
const BLOCK_BYTES: usize = 64;

/// The number of a [`DigestKey`], by which a row says which key it was made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId(u32);

impl KeyId {
    /// The id with this number.
    #[must_use]
    pub const fn new(number: u32) -> Self {
        Self(number)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A secret of 32 bytes that turns fingerprints into digests.
///
/// It can't be printed, nor copied but into another ring, and is overwritten
/// when dropped, as are the hash states derived from it.
pub struct DigestKey {
    id: KeyId,
    secret: Zeroizing<[u8; 32]>,
    /// HMAC with the key already taken in: a digest then costs two compressions
    /// of SHA-256, not four.
    keyed: Hmac<Sha256>,
}

impl DigestKey {
    /// Takes charge of a key. The bytes must come from a good random generator.
    #[must_use]
    pub fn new(id: KeyId, secret: [u8; 32]) -> Self {
        let secret = Zeroizing::new(secret);
        let block = Zeroizing::new(fit::<BLOCK_BYTES>(&secret));
        let keyed = Hmac::new((&*block).into());
        Self { id, secret, keyed }
    }

    /// The key's number.
    #[must_use]
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// The digest of a token, from its fingerprint.
    #[must_use]
    pub fn digest(&self, fingerprint: &Fingerprint) -> Digest {
        Digest::from_bytes(self.mac(fingerprint.as_bytes()))
    }

    /// Eight bytes that depend on the key and don't tell it. A store keeps them
    /// beside the id, to notice when it is opened with another key.
    #[must_use]
    pub fn check_value(&self) -> [u8; 8] {
        fit(&self.mac(CHECK_LABEL))
    }

    /// The key itself, to write it to the key file and for nothing else.
    #[must_use]
    pub fn secret_bytes(&self) -> &[u8; 32] {
        &self.secret
    }

    /// A key for another purpose, which `label` names: as secret as this one,
    /// and of no help in finding it.
    pub(crate) fn derive(&self, label: &[u8]) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.mac(label))
    }

    fn copy(&self) -> Self {
        Self {
            id: self.id,
            secret: self.secret.clone(),
            keyed: self.keyed.clone(),
        }
    }

    fn mac(&self, message: &[u8]) -> [u8; 32] {
        self.keyed
            .clone()
            .chain_update(message)
            .finalize()
            .into_bytes()
            .into()
    }
}

impl fmt::Debug for DigestKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DigestKey({}, …)", self.id)
    }
}

/// The bytes cut short, or filled up with zeros, to `N`.
fn fit<const N: usize>(bytes: &[u8; 32]) -> [u8; N] {
    std::array::from_fn(|at| bytes.get(at).copied().unwrap_or(0))
}

/// The key that new digests are made with, and those that older rows still need.
#[derive(Debug)]
pub struct KeyRing {
    current: DigestKey,
    former: Vec<DigestKey>,
}

impl KeyRing {
    /// A ring of keys; `former` in the order in which they are to be tried.
    #[must_use]
    pub fn new(current: DigestKey, former: Vec<DigestKey>) -> Self {
        Self { current, former }
    }

    /// The key that new digests are made with.
    #[must_use]
    pub fn current(&self) -> &DigestKey {
        &self.current
    }

    /// All keys, the current one first.
    pub fn keys(&self) -> impl Iterator<Item = &DigestKey> {
        std::iter::once(&self.current).chain(&self.former)
    }

    /// The key with this number.
    #[must_use]
    pub fn key(&self, id: KeyId) -> Option<&DigestKey> {
        self.keys().find(|key| key.id() == id)
    }

    /// Every digest under which a token may be stored, the current key's first.
    /// Each is made only when asked for.
    pub fn digests(&self, fingerprint: &Fingerprint) -> impl Iterator<Item = (KeyId, Digest)> {
        self.keys().map(|key| (key.id(), key.digest(fingerprint)))
    }

    /// A ring with `key` as the current one and all of these as former ones.
    #[must_use]
    pub fn with_new(&self, key: DigestKey) -> Self {
        Self::new(key, self.keys().map(DigestKey::copy).collect())
    }
}

#[cfg(test)]
mod tests {
    use data_encoding::HEXLOWER;

    use super::*;

    fn key(number: u32) -> DigestKey {
        let byte = u8::try_from(number).unwrap();
        DigestKey::new(KeyId::new(number), [byte; 32])
    }

    /// A key of less than 32 bytes is the same key as one filled up with zeros,
    /// because HMAC fills it up anyway.
    fn filled_up(short: &[u8]) -> DigestKey {
        let mut secret = [0; 32];
        secret[..short.len()].copy_from_slice(short);
        DigestKey::new(KeyId::new(1), secret)
    }

    /// RFC 4231 sections 4.2 to 4.5: those whose keys have at most 32 bytes.
    #[test]
    fn agrees_with_rfc_4231() {
        let counting: Vec<u8> = (1..=25).collect();
        let cases: [(&[u8], &[u8], &str); 4] = [
            (
                &[0x0b; 20],
                b"Hi There",
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
            ),
            (
                b"Jefe",
                b"what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (
                &[0xaa; 20],
                &[0xdd; 50],
                "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
            ),
            (
                &counting,
                &[0xcd; 50],
                "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
            ),
        ];
        for (secret, message, expected) in cases {
            assert_eq!(HEXLOWER.encode(&filled_up(secret).mac(message)), expected);
        }
    }

    #[test]
    fn a_digest_is_the_hmac_of_the_fingerprint() {
        let fingerprint = Fingerprint::of("glpat-abcdefghijklmnopqrst");
        let digest = key(7).digest(&fingerprint);
        assert_eq!(digest.as_bytes(), &key(7).mac(fingerprint.as_bytes()));
        assert_ne!(digest, key(8).digest(&fingerprint));
    }

    #[test]
    fn check_values_tell_keys_apart() {
        assert_ne!(CHECK_LABEL.len(), 32);
        assert_eq!(key(7).check_value(), key(7).check_value());
        assert_ne!(key(7).check_value(), key(8).check_value());
    }

    #[test]
    fn the_secret_comes_back_for_the_key_file() {
        assert_eq!(key(7).secret_bytes(), &[7; 32]);
    }

    #[test]
    fn debug_shows_ids_only() {
        let ring = KeyRing::new(key(0xab), vec![key(0xcd)]);
        let shown = "KeyRing { current: DigestKey(171, …), former: [DigestKey(205, …)] }";
        assert_eq!(format!("{ring:?}"), shown);
    }

    #[test]
    fn digests_come_newest_key_first() {
        let ring = KeyRing::new(key(2), vec![key(1)]).with_new(key(3));
        let fingerprint = Fingerprint::of("x");
        let digests: Vec<_> = ring.digests(&fingerprint).collect();
        let expected = [3, 2, 1].map(|n| (KeyId::new(n), key(n).digest(&fingerprint)));
        assert_eq!(digests, expected);
        assert_eq!(ring.current().id(), KeyId::new(3));
    }
}
