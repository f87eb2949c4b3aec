//! The file of digest keys: a line for each, its id and its bytes in hex. The
//! first one is in use, the others are kept for the tokens made with them.

use std::{fmt::Write as _, io, path::PathBuf};

use data_encoding::HEXLOWER_PERMISSIVE as HEX;
use tokenry_authority::Entropy;
use tokenry_token::{DigestKey, KeyId, KeyRing};
use zeroize::Zeroizing;

use super::durable;
use crate::exit::Failure;

const NAME: &str = "keys";
const HEADER: &str = "\
# The keys that tokenry's token digests are made with; without them no token can be found.
# Back them up apart from the database. The first is in use, former ones follow.
";

/// The file of keys of one data directory.
#[derive(Debug, Clone)]
pub(crate) struct KeysFile {
    dir: PathBuf,
}

impl KeysFile {
    pub(super) const fn in_dir(dir: PathBuf) -> Self {
        Self { dir }
    }

    /// The keys, or `None` where there is no file.
    pub(crate) fn read(&self) -> Result<Option<KeyRing>, Failure> {
        match std::fs::read_to_string(self.path()) {
            Ok(text) => Ok(Some(self.parse(&Zeroizing::new(text))?)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.broken(&format!("can't be read: {error}"))),
        }
    }

    /// Makes the first key, and answers when it is on disk.
    pub(crate) fn create(&self, entropy: &dyn Entropy) -> Result<KeyRing, Failure> {
        let mut secret = Zeroizing::new([0; 32]);
        entropy
            .fill(secret.as_mut_slice())
            .map_err(|error| Failure::fault("no_entropy", error.to_string()))?;
        let ring = KeyRing::new(DigestKey::new(KeyId::new(1), *secret), Vec::new());
        self.write(&ring)?;
        Ok(ring)
    }

    /// Writes the keys, and answers when they are on disk.
    pub(crate) fn write(&self, ring: &KeyRing) -> Result<(), Failure> {
        durable::replace(&self.dir, NAME, text_of(ring).as_bytes())
            .map_err(|error| self.broken(&format!("can't be written: {error}")))
    }

    fn parse(&self, text: &str) -> Result<KeyRing, Failure> {
        let mut keys: Vec<DigestKey> = Vec::new();
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let key = key_of(line)
                .filter(|key| keys.iter().all(|other| other.id() != key.id()))
                .ok_or_else(|| {
                    self.broken(&format!(
                        "can't be used: line {number} is not an id of its own and 64 hex digits"
                    ))
                })?;
            keys.push(key);
        }
        let mut keys = keys.into_iter();
        let current = keys
            .next()
            .ok_or_else(|| self.broken("can't be used: there is no key in it"))?;
        Ok(KeyRing::new(current, keys.collect()))
    }

    pub(super) fn path(&self) -> PathBuf {
        self.dir.join(NAME)
    }

    fn broken(&self, why: &str) -> Failure {
        let message = format!("the file of keys {} {why}", self.path().display());
        Failure::unavailable("bad_keys", message)
    }
}

fn text_of(ring: &KeyRing) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::from(HEADER));
    for key in ring.keys() {
        let secret = Zeroizing::new(HEX.encode(key.secret_bytes()));
        // Writing to a string can't fail.
        let _ = writeln!(text, "{} {}", key.id(), secret.as_str());
    }
    text
}

fn key_of(line: &str) -> Option<DigestKey> {
    let (id, secret) = line.split_once(char::is_whitespace)?;
    let id = id.parse().ok()?;
    let secret = Zeroizing::new(HEX.decode(secret.trim().as_bytes()).ok()?);
    let secret = <[u8; 32]>::try_from(secret.as_slice()).ok()?;
    Some(DigestKey::new(KeyId::new(id), secret))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tokenry_authority::SystemEntropy;

    use super::*;

    fn facts(ring: &KeyRing) -> Vec<(u32, [u8; 32])> {
        ring.keys()
            .map(|key| (key.id().get(), *key.secret_bytes()))
            .collect()
    }

    #[test]
    fn keys_come_back_in_their_order() {
        let home = tempfile::tempdir().unwrap();
        let file = KeysFile::in_dir(home.path().to_owned());
        assert!(file.read().unwrap().is_none());
        let first = file.create(&SystemEntropy).unwrap();
        assert_eq!(facts(&file.read().unwrap().unwrap()), facts(&first));
        let two = first.with_new(DigestKey::new(KeyId::new(2), [0xab; 32]));
        file.write(&two).unwrap();
        let read = file.read().unwrap().unwrap();
        assert_eq!(facts(&read), facts(&two));
        assert_eq!(read.current().id(), KeyId::new(2));
    }

    #[test]
    fn a_broken_file_is_refused_by_its_line_without_its_content() {
        let home = tempfile::tempdir().unwrap();
        let file = KeysFile::in_dir(home.path().to_owned());
        let good = "ab".repeat(32);
        for (text, told) in [
            (String::new(), "no key"),
            ("# only words\n\n".to_owned(), "no key"),
            (good.clone(), "line 1 "),
            (format!("1 {good}\n\n1 {good}"), "line 3 "),
            (format!("1 {good}ab"), "line 1 "),
            (format!("# x\n-1 {good}"), "line 2 "),
            (format!("1 {}", "zz".repeat(32)), "line 1 "),
        ] {
            fs::write(home.path().join("keys"), &text).unwrap();
            let failure = file.read().unwrap_err();
            assert!(failure.message.contains(told), "{text}: {failure}");
            assert!(!failure.message.contains("abab"), "{failure}");
        }
        fs::write(home.path().join("keys"), [0xff, 0xfe]).unwrap();
        assert_eq!(file.read().unwrap_err().code, "bad_keys");
    }
}
