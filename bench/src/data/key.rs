//! The key that a data directory's token digests are made with.

use std::{fs, path::Path};

use data_encoding::HEXLOWER_PERMISSIVE as HEX;
use tokenry_token::{DigestKey, KeyId, KeyRing};

use crate::fault::{Outcome, fault};

/// The key in use: the first line of the directory's `keys` that is no remark,
/// an id and 64 hexadecimal digits.
pub(crate) fn digest_key(directory: &Path) -> Outcome<DigestKey> {
    let text = fs::read_to_string(directory.join("keys"))?;
    first_key(&text)
        .ok_or_else(|| fault("the file of keys has another form than this program reads"))
}

/// That key with all that follows from it: the server signs with it, and seals.
pub(crate) fn key_ring(directory: &Path) -> Outcome<KeyRing> {
    Ok(KeyRing::new(digest_key(directory)?, Vec::new()))
}

fn first_key(text: &str) -> Option<DigestKey> {
    let line = text
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty() && !line.starts_with('#'))?;
    let (id, secret) = line.split_once(' ')?;
    let secret: [u8; 32] = HEX.decode(secret.as_bytes()).ok()?.try_into().ok()?;
    Some(DigestKey::new(KeyId::new(id.parse().ok()?), secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_key_is_the_one_in_use() {
        let text = format!("# remark\n\n2 {}\n1 {}\n", "ab".repeat(32), "cd".repeat(32));
        let key = first_key(&text).unwrap();
        assert_eq!((key.id().get(), *key.secret_bytes()), (2, [0xab; 32]));
        assert!(first_key("2 abc").is_none());
    }
}
