//! GitLab's clients, unmodified, against the real binary, and `PyJWT` against what it signs.
//!
//! `./test` installs them into this folder. One that is missing fails its test: a client that is
//! skipped proves nothing.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests"
)]

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{LazyLock, mpsc};
use std::thread;
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

const ROOT_TOKEN: &str = "glpat-e2eRootToken01234567";
const READY: &str = "tokenry is ready at ";

/// Generous: a busy machine may be slow to open a new store, and a good run doesn't wait.
const DEADLINE: Duration = Duration::from_mins(1);

#[test]
fn python_gitlab() {
    tell("python_gitlab.py", ".venv/bin/python");
}

#[test]
fn pyjwt() {
    tell("pyjwt.py", ".venv/bin/python");
}

#[test]
fn gitbeaker() {
    assert!(
        here("node_modules/@gitbeaker/rest").exists(),
        "run ./test, it installs @gitbeaker/rest"
    );
    tell("gitbeaker.mjs", "node");
}

/// Runs a story in the language of `interpreter`, a program on the `PATH` or in this folder,
/// against a server of its own.
fn tell(story: &str, interpreter: &str) {
    let server = Server::start();
    let program = if interpreter.contains('/') {
        here(interpreter)
    } else {
        interpreter.into()
    };
    let told = Command::new(&program)
        .arg(here(story))
        .env("TOKENRY_URL", &server.url)
        .env("TOKENRY_TOKEN", ROOT_TOKEN)
        // The way to this machine leads through no proxy.
        .env("NO_PROXY", "127.0.0.1")
        .output()
        .unwrap_or_else(|error| panic!("{}: {error}; run ./test once", program.display()));
    let said = String::from_utf8_lossy(&told.stdout);
    assert!(
        told.status.success(),
        "{story}: {}\n{said}{}\nThe server's log:\n{}",
        told.status,
        String::from_utf8_lossy(&told.stderr),
        server.log(),
    );
    print!("{said}");
}

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// A `tokenry serve` with a new data directory. It ends, and the directory goes, with this value.
struct Server {
    process: Child,
    url: String,
    dir: TempDir,
}

impl Server {
    fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let process = Command::new(&*BINARY)
            .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(dir.path().join("data"))
            .env("TOKENRY_INITIAL_ROOT_TOKEN", ROOT_TOKEN)
            .current_dir(dir.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create(dir.path().join("log")).unwrap())
            .spawn()
            .unwrap();
        let mut server = Self {
            process,
            url: String::new(),
            dir,
        };
        server.url = server.wait_until_ready();
        server
    }

    /// Reads standard output up to the line that tells the address. The thread reads on after
    /// it, so that the server never blocks on a full pipe.
    fn wait_until_ready(&mut self) -> String {
        let stdout = self.process.stdout.take().unwrap();
        let (sender, ready) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if let Some(url) = line.strip_prefix(READY) {
                    // Whoever waited may have given up.
                    let _ = sender.send(url.trim_end().to_owned());
                }
            }
        });
        ready.recv_timeout(DEADLINE).unwrap_or_else(|error| {
            panic!("the server isn't ready: {error}\nIts log:\n{}", self.log())
        })
    }

    fn log(&self) -> String {
        fs::read_to_string(self.dir.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be gone already, and the test has its answer either way.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The `tokenry` beside this test. `cargo test --workspace` builds it along with the tests of its
/// own package; `cargo test -p tokenry-e2e` doesn't, so a missing or old one is built here.
static BINARY: LazyLock<PathBuf> = LazyLock::new(|| {
    let this_test = std::env::current_exe().unwrap();
    let profile_dir = this_test.ancestors().nth(2).unwrap();
    let binary = profile_dir.join(format!("tokenry{}", std::env::consts::EXE_SUFFIX));
    if !is_current(&binary) {
        let profile = match profile_dir.file_name().unwrap().to_str().unwrap() {
            "debug" => "dev",
            name => name,
        };
        let built = Command::new(env!("CARGO"))
            .args(["build", "--package", "tokenry", "--bin", "tokenry"])
            .args(["--profile", profile, "--target-dir"])
            .arg(profile_dir.parent().unwrap())
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .status()
            .unwrap();
        assert!(built.success(), "tokenry doesn't build");
    }
    binary
});

/// Is the binary no older than any of its sources? Cargo lists them in a file beside it.
fn is_current(binary: &Path) -> bool {
    let changed = |path: &Path| -> Option<SystemTime> { path.metadata().ok()?.modified().ok() };
    let Some(built) = changed(binary) else {
        return false;
    };
    fs::read_to_string(binary.with_extension("d")).is_ok_and(|sources| {
        sources
            .split_whitespace()
            .skip(1) // the binary itself
            .all(|source| changed(Path::new(source)).is_some_and(|at| at <= built))
    })
}
