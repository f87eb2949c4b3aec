//! One process at a time works on a data directory.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{self, Read as _, Seek as _, Write as _},
    os::unix::fs::OpenOptionsExt as _,
};

use super::{DataDir, PRIVATE_FILE};
use crate::exit::Failure;

/// More than any note of ours.
const MOST_OF_A_NOTE: u64 = 100;

/// What sort of process holds a lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holder {
    /// A server, which stays.
    Server,
    /// A console command, which is soon done.
    Console,
}

impl Holder {
    const fn name(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Console => "console",
        }
    }
}

/// The lock on a data directory, for as long as this value, or the process,
/// lives. The system frees it whatever way the process ends.
#[derive(Debug)]
pub(crate) struct DirLock {
    _file: File,
}

/// What came of trying.
#[derive(Debug)]
pub(crate) enum Locking {
    /// The directory is ours.
    Locked(DirLock),
    /// Another process has it; says what sort, and which.
    Busy(Holder, Failure),
}

impl DataDir {
    /// Tries to lock the directory, and notes in the lock who we are.
    pub(crate) fn try_lock(&self, holder: Holder) -> Result<Locking, Failure> {
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(PRIVATE_FILE)
            .open(self.path().join("lock"))
            .map_err(|error| self.unusable("can't be locked", &error))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(self.busy(&mut file)),
            Err(TryLockError::Error(error)) => {
                return Err(self.unusable("can't be locked", &error));
            }
        }
        note(&mut file, holder).map_err(|error| self.unusable("can't be locked", &error))?;
        Ok(Locking::Locked(DirLock { _file: file }))
    }

    fn busy(&self, file: &mut File) -> Locking {
        let mut noted = String::new();
        // Without the note, the refusal is the same but for the name.
        let _ = file.take(MOST_OF_A_NOTE).read_to_string(&mut noted);
        let mut words = noted.split_whitespace();
        let (holder, by) = match (words.next(), words.next()) {
            (Some(pid), Some("console")) => {
                (Holder::Console, format!("console command, process {pid}"))
            }
            (Some(pid), _) => (Holder::Server, format!("server, process {pid}")),
            // Not noted yet.
            _ => (Holder::Console, "process".to_owned()),
        };
        let message = format!(
            "the data directory {} is in use by another {by}",
            self.path().display()
        );
        Locking::Busy(holder, Failure::unavailable("in_use", message))
    }
}

fn note(file: &mut File, holder: Holder) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{} {}", std::process::id(), holder.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_is_told_who_has_it() {
        let home = tempfile::tempdir().unwrap();
        let dir = DataDir::at(home.path().to_owned());
        let first = dir.try_lock(Holder::Server).unwrap();
        assert!(matches!(first, Locking::Locked(_)));
        let Locking::Busy(holder, failure) = dir.try_lock(Holder::Console).unwrap() else {
            panic!("locked twice");
        };
        let who = format!("another server, process {}", std::process::id());
        assert_eq!(holder, Holder::Server);
        assert!(failure.message.ends_with(&who), "{failure}");
        drop(first);
        let again = dir.try_lock(Holder::Console).unwrap();
        assert!(matches!(again, Locking::Locked(_)));
    }
}
