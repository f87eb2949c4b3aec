//! The one TOML file, whose keys are the flags' names.

use std::{
    fmt::Display,
    ops::Range,
    path::{Path, PathBuf},
};

use serde::de::DeserializeOwned;
use toml::de::DeTable;

use super::{bad, distance::nearest, keys};
use crate::exit::Failure;

/// A file whose keys are all known.
#[derive(Debug)]
pub(crate) struct SettingsFile {
    path: PathBuf,
    text: String,
}

impl SettingsFile {
    /// Reads a file and refuses unknown keys, with their place.
    pub(crate) fn open(path: &Path) -> Result<Self, Failure> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            bad(format!(
                "the configuration file {} can't be read: {error}",
                path.display()
            ))
        })?;
        let file = Self {
            path: path.to_owned(),
            text,
        };
        file.check_keys()?;
        Ok(file)
    }

    /// The settings of one struct; the other structs' are passed over.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        toml::from_str(&self.text).map_err(|error| self.broken(&error))
    }

    fn check_keys(&self) -> Result<(), Failure> {
        let table = DeTable::parse(&self.text).map_err(|error| self.broken(&error))?;
        let known = keys();
        let stranger = table
            .get_ref()
            .keys()
            .filter(|key| !known.iter().any(|name| name == key.get_ref()))
            .min_by_key(|key| key.span().start);
        let Some(key) = stranger else { return Ok(()) };
        let name = key.get_ref();
        let hint = nearest(name, &known)
            .map(|name| format!("did you mean {name}? "))
            .unwrap_or_default();
        let message = format!(
            "{name:?} is no setting; {hint}known are {}",
            known.join(", ")
        );
        Err(self.at(Some(key.span()), message))
    }

    /// A fault with its place. Not the line itself, which may hold a password.
    fn broken(&self, error: &toml::de::Error) -> Failure {
        self.at(error.span(), error.message())
    }

    fn at(&self, span: Option<Range<usize>>, message: impl Display) -> Failure {
        let path = self.path.display();
        let Some(before) = span.and_then(|span| self.text.get(..span.start)) else {
            return bad(format!("{path}: {message}"));
        };
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        bad(format!("{path}:{line}:{column}: {message}"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Place, Server};
    use super::*;

    fn open(text: &str) -> Result<SettingsFile, String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("t.toml");
        std::fs::write(&path, text).unwrap();
        SettingsFile::open(&path).map_err(|failure| {
            let place = format!("{}/", dir.path().display());
            failure.message.replace(&place, "")
        })
    }

    #[test]
    fn one_file_fills_both_structs() {
        let file = open("data-dir = 'x'\nlisten = '[::1]:80'\ntrusted-proxies = ['10.0.0.0/8']");
        let file = file.unwrap();
        let place: Place = file.read().unwrap();
        assert_eq!(place.data_dir, Some("x".into()));
        let server: Server = file.read().unwrap();
        assert_eq!(server.listen, Some("[::1]:80".parse().unwrap()));
        assert_eq!(server.trusted_proxies.unwrap().len(), 1);
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_place() {
        let refused = open("# mine\nlisten = '[::1]:80'\n  lissen = 3\n").unwrap_err();
        assert!(
            refused.starts_with("t.toml:3:3: \"lissen\" is no setting; did you mean listen?"),
            "{refused}"
        );
        for stranger in ["config = 'x'", "[serve]", "data_dir = 'x'"] {
            let refused = open(stranger).unwrap_err();
            assert!(refused.contains("is no setting"), "{stranger}: {refused}");
        }
    }

    #[test]
    fn a_broken_line_is_placed_and_not_quoted() {
        let refused = open("\ndatabase-url = \"postgres://me:hunter2@db/x").unwrap_err();
        assert!(refused.starts_with("t.toml:2:"), "{refused}");
        assert!(!refused.contains("hunter2"), "{refused}");
    }

    #[test]
    fn a_value_of_the_wrong_type_is_placed() {
        let file = open("index-capacity = 7\nlisten = 5\n").unwrap();
        let refused = file.read::<Server>().unwrap_err().message;
        assert!(refused.contains("t.toml:2:10: "), "{refused}");
    }
}
