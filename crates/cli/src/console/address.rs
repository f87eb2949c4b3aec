//! The socket's path, in a form short enough for the system.

use std::{
    fs::File,
    io,
    os::fd::AsRawFd as _,
    path::{Path, PathBuf},
};

use crate::data_dir::DataDir;

/// The system takes 107 bytes on Linux and 103 on others.
const LONGEST: usize = 100;

/// Where the socket of a data directory is.
#[derive(Debug)]
pub(super) struct Address {
    path: PathBuf,
    /// Keeps the detour open.
    _dir: Option<File>,
}

impl Address {
    /// A long path is taken by way of the directory's descriptor, which Linux
    /// has a short name for.
    pub(super) fn of(dir: &DataDir) -> io::Result<Self> {
        let path = dir.socket();
        let name = match path.file_name() {
            Some(name) if path.as_os_str().len() > LONGEST => name.to_owned(),
            _ => return Ok(Self { path, _dir: None }),
        };
        let dir = File::open(dir.path())?;
        let path = Path::new("/proc/self/fd")
            .join(dir.as_raw_fd().to_string())
            .join(name);
        Ok(Self {
            path,
            _dir: Some(dir),
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}
