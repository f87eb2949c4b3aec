//! Files that are whole or not there, whatever happens to the machine.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use super::PRIVATE_FILE;

/// Writes a private file, or replaces it. When this answers, the file is on
/// disk; if it never answers, the old one is.
pub(super) fn replace(dir: &Path, name: &str, content: &[u8]) -> io::Result<()> {
    let unfinished = dir.join(format!(".{name}.new"));
    // What an interrupted write left may have other permissions.
    remove_if_there(&unfinished)?;
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(PRIVATE_FILE)
        .open(&unfinished)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(&unfinished, dir.join(name))?;
    sync_dir(dir)
}

/// Removes a file for good.
pub(super) fn remove(dir: &Path, name: &str) -> io::Result<()> {
    remove_if_there(&dir.join(name))?;
    sync_dir(dir)
}

/// Puts a directory's entries on disk.
pub(super) fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_file_is_replaced_as_a_whole_and_stays_private() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("f");
        // An interrupted write, readable by everybody.
        fs::write(home.path().join(".f.new"), "half").unwrap();
        for content in ["one", "two"] {
            replace(home.path(), "f", content.as_bytes()).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), content);
            let mode = fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, PRIVATE_FILE);
        }
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1);
        remove(home.path(), "f").unwrap();
        remove(home.path(), "f").unwrap();
        assert!(!path.exists());
    }
}
