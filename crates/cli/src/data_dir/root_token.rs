//! The file that holds root's first token until somebody removes it.

use std::{io, path::PathBuf};

use tokenry_token::TokenText;
use zeroize::Zeroizing;

use super::durable;
use crate::exit::Failure;

const NAME: &str = "initial_root_token";

/// The file of one data directory.
#[derive(Debug, Clone)]
pub(crate) struct RootTokenFile {
    dir: PathBuf,
}

impl RootTokenFile {
    pub(super) const fn in_dir(dir: PathBuf) -> Self {
        Self { dir }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.dir.join(NAME)
    }

    /// Keeps a text, and answers when it is on disk. What lies there from a
    /// start that was cut off is replaced.
    pub(crate) fn write(&self, text: &TokenText) -> Result<(), Failure> {
        let line = Zeroizing::new(format!("{}\n", text.reveal()));
        durable::replace(&self.dir, NAME, line.as_bytes()).map_err(|error| self.failed(&error))
    }

    /// Removes what lies there from a start that was cut off.
    pub(crate) fn remove(&self) -> Result<(), Failure> {
        durable::remove(&self.dir, NAME).map_err(|error| self.failed(&error))
    }

    fn failed(&self, error: &io::Error) -> Failure {
        let message = format!("{} can't be written: {error}", self.path().display());
        Failure::unavailable("data_dir_unusable", message)
    }
}
