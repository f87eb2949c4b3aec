//! Signed texts: a prefix and a JSON Web Token (RFC 7519), which others can
//! check offline against the keys that the instance publishes.
//!
//! They are signed with Ed25519 (RFC 8037) under a key that follows from a
//! server key, so that there is no further secret to keep. They are only ever
//! written here: tokenry itself looks a token up in its ledger, where a
//! revocation shows.

use data_encoding::BASE64URL_NOPAD;
use ed25519_dalek::{Signer as _, SigningKey};

use crate::{DigestKey, KeyId, KeyRing, Prefix, TokenText, prefix::is_plain};

/// Names the purpose of the derived key.
const LABEL: &[u8] = b"tokenry signed tokens, Ed25519";

/// How the first two parts of every JSON Web Token begin: base64 of `{"`.
const OBJECT: &str = "eyJ";

/// What a signature is checked with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyingKey {
    /// The number by which a token names its key (`kid`).
    pub id: KeyId,
    /// The public key, 32 bytes (`x` in RFC 8037 section 2).
    pub public: [u8; 32],
}

/// Writes a token that states `claims`, a JSON object, signed under the ring's
/// current key. The claims must hold enough randomness to be unguessable: to
/// tokenry the whole text is the secret.
#[must_use]
pub fn mint_signed(prefix: &Prefix, ring: &KeyRing, claims: &str) -> TokenText {
    let key = ring.current();
    let header = format!(r#"{{"alg":"EdDSA","typ":"JWT","kid":"{}"}}"#, key.id());
    let [header, claims] = [header.as_str(), claims].map(encode);
    let statement = format!("{header}.{claims}");
    let signature = signing(key).sign(statement.as_bytes()).to_bytes();
    let signature = BASE64URL_NOPAD.encode(&signature);
    TokenText::new(format!("{prefix}{statement}.{signature}"))
}

impl KeyRing {
    /// What the signatures of all keys are checked with, the current key's first.
    pub fn verifying_keys(&self) -> impl Iterator<Item = VerifyingKey> {
        self.keys().map(|key| VerifyingKey {
            id: key.id(),
            public: signing(key).verifying_key().to_bytes(),
        })
    }
}

/// What stands before a signed text, or `None` if it isn't laid out as one.
pub(crate) fn prefix_of(text: &str) -> Option<&str> {
    let mut parts = text.split('.');
    let (header, claims, signature) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || !claims.starts_with(OBJECT) {
        return None;
    }
    let plain = |part: &str| !part.is_empty() && part.bytes().all(is_plain);
    let start = header.find(OBJECT)?;
    let (prefix, header) = header.split_at_checked(start)?;
    [header, claims, signature]
        .into_iter()
        .all(plain)
        .then_some(prefix)
}

fn signing(key: &DigestKey) -> SigningKey {
    SigningKey::from_bytes(&key.derive(LABEL))
}

fn encode(text: &str) -> String {
    BASE64URL_NOPAD.encode(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::{Signature, Verifier as _};

    use super::*;

    fn ring() -> KeyRing {
        let key = |number: u8| DigestKey::new(KeyId::new(number.into()), [number; 32]);
        KeyRing::new(key(1), vec![key(2)])
    }

    fn minted() -> TokenText {
        let prefix = Prefix::new("glcbt-").unwrap();
        mint_signed(&prefix, &ring(), r#"{"sub":"job 7"}"#)
    }

    #[test]
    fn others_can_check_it_with_the_published_key() {
        let text = minted();
        let (statement, signature) = text.reveal()["glcbt-".len()..].rsplit_once('.').unwrap();
        let key = ring().verifying_keys().next().unwrap();
        let signature = BASE64URL_NOPAD.decode(signature.as_bytes()).unwrap();
        let signature = Signature::from_slice(&signature).unwrap();
        let verifying = ed25519_dalek::VerifyingKey::from_bytes(&key.public).unwrap();
        verifying.verify(statement.as_bytes(), &signature).unwrap();
        let parts: Vec<String> = statement
            .split('.')
            .map(|part| {
                String::from_utf8(BASE64URL_NOPAD.decode(part.as_bytes()).unwrap()).unwrap()
            })
            .collect();
        let expected = [
            r#"{"alg":"EdDSA","typ":"JWT","kid":"1"}"#,
            r#"{"sub":"job 7"}"#,
        ];
        assert_eq!(parts, expected);
    }

    #[test]
    fn each_key_signs_for_itself() {
        let keys: Vec<VerifyingKey> = ring().verifying_keys().collect();
        assert_eq!([keys[0].id, keys[1].id], [KeyId::new(1), KeyId::new(2)]);
        assert_ne!(keys[0].public, keys[1].public);
    }

    #[test]
    fn the_prefix_ends_where_the_statement_begins() {
        assert_eq!(prefix_of(minted().reveal()), Some("glcbt-"));
        for other in [
            "glcbt-eyJhbGciOi.eyJzdWIi",
            "glcbt-eyJhbGciOi.eyJzdWIi.",
            "glcbt-eyJhbGciOi.eyJzdWIi.c2ln.x",
            "glcbt-eyJhbGciOi.01.0y0uz3v3n",
            "glcbt-abc.eyJzdWIi.c2ln",
            "glcbt-eyJhbGci+i.eyJzdWIi.c2ln",
            "",
            "..",
        ] {
            assert_eq!(prefix_of(other), None, "{other}");
        }
    }
}
