//! How a command ends: exit codes, and failures with a stable code.

use std::{fmt, process::ExitCode};

use serde::{Deserialize, Serialize};
use tokenry_authority::Error;

/// The paragraph of `--help` and of the manual that tells the exit codes.
pub(crate) const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  a fault of this side: disk, network, database
  2  wrong usage or settings
  3  no such token or user
  4  refused: not permitted, invalid, or in the wrong state for it
  5  the data can't be opened: in use, missing, out of reach, or of other keys";

/// What the process answers to whoever started it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Exit {
    /// Something failed on this side.
    Fault = 1,
    /// The command or a setting is wrong.
    Usage = 2,
    /// There is no such thing.
    NotFound = 3,
    /// The rules don't allow it.
    Refused = 4,
    /// The data can't be opened.
    Unavailable = 5,
}

/// Why a command didn't do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Failure {
    /// How the process ends.
    pub(crate) exit: Exit,
    /// What scripts compare.
    pub(crate) code: String,
    /// What people read. Never a secret.
    pub(crate) message: String,
}

impl Failure {
    fn new(exit: Exit, code: &str, message: impl Into<String>) -> Self {
        Self {
            exit,
            code: code.to_owned(),
            message: message.into(),
        }
    }

    pub(crate) fn fault(code: &str, message: impl Into<String>) -> Self {
        Self::new(Exit::Fault, code, message)
    }

    pub(crate) fn usage(code: &str, message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, code, message)
    }

    pub(crate) fn refused(code: &str, message: impl Into<String>) -> Self {
        Self::new(Exit::Refused, code, message)
    }

    pub(crate) fn unavailable(code: &str, message: impl Into<String>) -> Self {
        Self::new(Exit::Unavailable, code, message)
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.exit as u8)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {} ({})", self.message, self.code)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let exit = match &error {
            Error::NotFound(_) | Error::NoKnownPrefix => Exit::NotFound,
            ours if ours.is_ours() => Exit::Fault,
            _ => Exit::Refused,
        };
        Self::new(exit, error.code(), error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use tokenry_authority::Thing;
    use tokenry_domain::token::AlreadyRevoked;
    use tokenry_store::StoreError;

    use super::*;

    #[test]
    fn each_sort_of_error_ends_with_its_code() {
        for (error, exit, code) in [
            (
                Error::NotFound(Thing::User),
                Exit::NotFound,
                "user_not_found",
            ),
            (Error::NoKnownPrefix, Exit::NotFound, "no_known_prefix"),
            (Error::AdminOnly, Exit::Refused, "admin_only"),
            (AlreadyRevoked.into(), Exit::Refused, "already_revoked"),
            (
                Error::Store(StoreError::Closed),
                Exit::Fault,
                "store_failed",
            ),
        ] {
            let failure = Failure::from(error);
            assert_eq!((failure.exit, failure.code.as_str()), (exit, code));
            let told = format!("  {}  ", exit as u8);
            assert!(EXIT_CODES.contains(&told), "{told}");
        }
    }
}
