//! The `tokenry` binary: building it, starting it over a data directory.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    fault::{Outcome, fault},
    process::Server,
};

/// Root's token. It opens nothing but the servers that live as long as a run.
pub(crate) const ROOT_TOKEN: &str = "glpat-benchBenchBenchBench";

/// Where everything of a run lies.
#[derive(Debug, Clone)]
pub(crate) struct House {
    binary: PathBuf,
    /// `bench/`.
    pub(crate) home: PathBuf,
    /// `bench/data/`, which git doesn't see.
    pub(crate) data: PathBuf,
}

impl House {
    /// With this binary, or else with one that is built now.
    pub(crate) fn with(binary: Option<&Path>) -> Outcome<Self> {
        let home = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        let binary = match binary {
            Some(binary) => fs::canonicalize(binary)?,
            None => build(&home)?,
        };
        let data = home.join("data");
        fs::create_dir_all(&data)?;
        Ok(Self { binary, home, data })
    }

    /// Starts tokenry over a data directory. Its index has room for all tokens
    /// that any case makes.
    pub(crate) fn serve(&self, directory: &Path, database_url: Option<&str>) -> Outcome<Server> {
        let mut command = Command::new(&self.binary);
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(directory)
            .args(["--unknown-token-limit", "1000000000"])
            .args(["--flush-interval", "1"])
            .args(["--index-capacity", "20000000"])
            .env("TOKENRY_INITIAL_ROOT_TOKEN", ROOT_TOKEN);
        if let Some(url) = database_url {
            command.args(["--database-url", url]);
        }
        Server::start(&mut command, &self.log("tokenry"))
    }

    /// Starts the bare handler.
    pub(crate) fn bare(&self, status: u16, bytes: usize, padding: usize) -> Outcome<Server> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args([
            "bare".to_owned(),
            format!("--status={status}"),
            format!("--bytes={bytes}"),
            format!("--padding={padding}"),
        ]);
        Server::start(&mut command, &self.log("bare"))
    }

    /// What the last tokenry server said.
    pub(crate) fn last_log(&self) -> Outcome<String> {
        Ok(fs::read_to_string(self.log("tokenry"))?)
    }

    /// An empty directory of this name under `bench/data`.
    pub(crate) fn empty(&self, name: &str) -> Outcome<PathBuf> {
        let directory = self.data.join(name);
        remove(&directory)?;
        fs::create_dir_all(&directory)?;
        Ok(directory)
    }

    /// A copy of a directory under another name.
    pub(crate) fn copy(&self, from: &Path, name: &str) -> Outcome<PathBuf> {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = self.empty(name)?;
        fs::set_permissions(&directory, fs::metadata(from)?.permissions())?;
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            if entry.file_type()?.is_file() {
                let to = directory.join(entry.file_name());
                fs::copy(entry.path(), &to)?;
                let mode = entry.metadata()?.permissions().mode();
                fs::set_permissions(&to, fs::Permissions::from_mode(mode))?;
            }
        }
        Ok(directory)
    }

    fn log(&self, name: &str) -> PathBuf {
        self.data.join(format!("{name}.log"))
    }
}

/// Builds the binary with the profile this program was built with.
fn build(home: &Path) -> Outcome<PathBuf> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args(["build", "--quiet", "--package", "tokenry"])
        .current_dir(home);
    if !cfg!(debug_assertions) {
        cargo.arg("--release");
    }
    if !cargo.status()?.success() {
        return Err(fault("tokenry doesn't build"));
    }
    Ok(std::env::current_exe()?.with_file_name("tokenry"))
}

/// Removes a directory, if it is there.
pub(crate) fn remove(directory: &Path) -> Outcome<()> {
    match fs::remove_dir_all(directory) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}
