//! The data directory: which files are in it, and who may open them.

mod durable;
mod keys;
mod lock;
mod root_token;

pub(crate) use keys::KeysFile;
pub(crate) use lock::{DirLock, Holder, Locking};
pub(crate) use root_token::RootTokenFile;

use std::{
    fs::{self, DirBuilder, Permissions},
    io,
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use crate::exit::Failure;

/// Only its owner may look into the directory.
const PRIVATE_DIR: u32 = 0o700;
/// Only its owner may read a file.
const PRIVATE_FILE: u32 = 0o600;
/// Others may change what is in it.
const WRITABLE_BY_OTHERS: u32 = 0o022;

/// A data directory, there or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DataDir(PathBuf);

impl DataDir {
    pub(crate) const fn at(path: PathBuf) -> Self {
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// The embedded database.
    pub(crate) fn database(&self) -> PathBuf {
        self.0.join("tokenry.sqlite")
    }

    /// Where a running server takes the console's commands.
    pub(crate) fn socket(&self) -> PathBuf {
        self.0.join("console.sock")
    }

    /// The digest keys.
    pub(crate) fn keys(&self) -> KeysFile {
        KeysFile::in_dir(self.0.clone())
    }

    /// Root's first token.
    pub(crate) fn root_token(&self) -> RootTokenFile {
        RootTokenFile::in_dir(self.0.clone())
    }

    /// Makes the directory if it isn't there, open to nobody else.
    pub(crate) fn create(&self) -> Result<(), Failure> {
        if self.0.exists() {
            return self.check();
        }
        let mut builder = DirBuilder::new();
        builder.recursive(true).mode(PRIVATE_DIR);
        builder
            .create(&self.0)
            .and_then(|()| durable::sync_dir(&parent(&self.0)))
            .map_err(|error| self.unusable("can't be made", &error))
    }

    /// Makes sure the directory is one.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        match fs::metadata(&self.0) {
            Ok(found) if found.is_dir() => Ok(()),
            Ok(_) => Err(self.unusable("can't be used", &"it is not a directory")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(self.missing()),
            Err(error) => Err(self.unusable("can't be opened", &error)),
        }
    }

    /// Refuses data of another user, which an administrator can open: files
    /// written here now would be closed to the server afterwards.
    pub(crate) fn check_owner(&self) -> Result<(), Failure> {
        let own = rustix::process::geteuid().as_raw();
        match fs::metadata(self.keys().path()) {
            Ok(found) if found.uid() != own => {
                let user = found.uid();
                let why = format!(
                    "it belongs to the user with id {user}; run this as that user: \
                     sudo -u '#{user}' tokenry …"
                );
                Err(self.unusable("is not to be opened", &why))
            }
            _ => Ok(()),
        }
    }

    /// Nobody has started a server here yet.
    pub(crate) fn missing(&self) -> Failure {
        let message = format!(
            "there is no data at {}; start the server once with `tokenry serve`, \
             or name the directory with --data-dir",
            self.0.display()
        );
        Failure::unavailable("no_data", message)
    }

    /// Whether others may put files of theirs into the directory.
    pub(crate) fn is_open_to_others(&self) -> bool {
        fs::metadata(&self.0)
            .is_ok_and(|found| found.permissions().mode() & WRITABLE_BY_OTHERS != 0)
    }

    fn unusable(&self, what: &str, why: &dyn std::fmt::Display) -> Failure {
        let message = format!("the data directory {} {what}: {why}", self.0.display());
        Failure::unavailable("data_dir_unusable", message)
    }
}

/// Closes a file to everybody but its owner.
pub(crate) fn make_private(path: &Path) -> io::Result<()> {
    fs::set_permissions(path, Permissions::from_mode(PRIVATE_FILE))
}

fn parent(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_directory_is_private_and_an_old_one_is_left_alone() {
        let home = tempfile::tempdir().unwrap();
        let dir = DataDir::at(home.path().join("a/b"));
        dir.create().unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(dir.path()), PRIVATE_DIR);
        assert!(!dir.is_open_to_others());

        fs::set_permissions(dir.path(), Permissions::from_mode(0o777)).unwrap();
        dir.create().unwrap();
        assert_eq!(mode(dir.path()), 0o777);
        assert!(dir.is_open_to_others());
    }

    #[test]
    fn a_file_is_no_directory() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("file");
        fs::write(&path, "").unwrap();
        let failure = DataDir::at(path).create().unwrap_err();
        assert!(failure.message.contains("not a directory"), "{failure}");
        let failure = DataDir::at(home.path().join("none")).check().unwrap_err();
        assert_eq!(failure.code, "no_data");
    }
}
