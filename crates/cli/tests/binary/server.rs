//! A `tokenry` to test: a directory, servers in it, console commands on it.

use std::{
    fs::{self, File},
    io::{BufRead as _, BufReader, Write as _},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Output, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;

use crate::http::Client;

pub(crate) const ROOT_TOKEN: &str = "glpat-cliRootToken01234567";
/// Generous: a good run doesn't wait.
const DEADLINE: Duration = Duration::from_mins(1);
const READY: &str = "tokenry is ready at http://";

/// A place with a data directory, there or not.
pub(crate) struct Home {
    dir: TempDir,
    /// Environment of every process here.
    pub(crate) variables: Vec<(String, String)>,
}

impl Home {
    /// An empty place where root's token will be [`ROOT_TOKEN`].
    pub(crate) fn new() -> Self {
        let mut home = Self::bare();
        home.variables.push((
            "TOKENRY_INITIAL_ROOT_TOKEN".to_owned(),
            ROOT_TOKEN.to_owned(),
        ));
        home
    }

    /// An empty place.
    pub(crate) fn bare() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
            variables: Vec::new(),
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn data(&self, name: &str) -> PathBuf {
        self.path("tokenry-data").join(name)
    }

    /// A `tokenry` in this place, nothing of our own environment around it
    /// that it could take for a setting.
    pub(crate) fn tokenry(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tokenry"));
        command.args(arguments).current_dir(self.dir.path());
        command.env_clear();
        command.envs(self.variables.clone());
        command.stdin(Stdio::null());
        command
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        Ended::from(self.tokenry(arguments).output().unwrap())
    }

    /// Runs a command to its end, with this on standard input.
    pub(crate) fn run_with(&self, arguments: &[&str], input: &[u8]) -> Ended {
        let mut command = self.tokenry(arguments);
        command.stdin(Stdio::piped());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // Whoever refuses early doesn't read to the end.
        let _ = child.stdin.take().unwrap().write_all(input);
        Ended::from(child.wait_with_output().unwrap())
    }

    /// What a command prints with `--format json`.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let ended = self.run(&[arguments, &["--format", "json"]].concat());
        assert_eq!(ended.code, 0, "{arguments:?}: {}", ended.err);
        serde_json::from_str(&ended.out).expect(&ended.out)
    }

    /// A token issued on the console: its id and text.
    pub(crate) fn issue(&self, name: &str) -> (i64, String) {
        let issued = self.json(&[
            "token", "create", "--user", "root", "--scopes", "api", "--name", name,
        ]);
        let text = issued["token"].as_str().unwrap().to_owned();
        (issued["id"].as_i64().unwrap(), text)
    }

    /// A server that is ready.
    pub(crate) fn serve(&self) -> Server {
        self.serve_with(&[])
    }

    pub(crate) fn serve_with(&self, arguments: &[&str]) -> Server {
        let starting = self.start(arguments);
        starting.ready()
    }

    /// A server that may not be ready yet.
    pub(crate) fn start(&self, arguments: &[&str]) -> Starting {
        let log = self.path("log");
        let serve = ["serve", "--listen", "127.0.0.1:0"];
        Self::spawn(self.tokenry(&[&serve, arguments].concat()), log)
    }

    /// A server on a small disk of its own, where the data directory is: nobody
    /// else sees it, save under [`Server::sees`]. It is gone with the server.
    pub(crate) fn start_on_disk(&self, bytes: u64) -> Starting {
        const MOUNT: &str = "mkdir -m 700 \"$1\" && \
             mount -t tmpfs -o mode=700,size=\"$2\" tmpfs \"$1\" && shift 2 && exec \"$@\"";
        let mut command = Command::new("unshare");
        command.args([
            "--user",
            "--map-root-user",
            "--mount",
            "sh",
            "-c",
            MOUNT,
            "sh",
        ]);
        command
            .arg(self.path("tokenry-data"))
            .arg(bytes.to_string());
        command
            .arg(env!("CARGO_BIN_EXE_tokenry"))
            .args(["serve", "--listen", "127.0.0.1:0"]);
        command.current_dir(self.dir.path());
        command.envs(self.variables.clone());
        Self::spawn(command, self.path("log"))
    }

    fn spawn(mut command: Command, log: PathBuf) -> Starting {
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create(&log).unwrap())
            .spawn()
            .unwrap();
        Starting { child, log }
    }
}

pub(crate) fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// How a command ended and what it said.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Ended {
    /// Makes sure that the command failed with this exit code, and that its
    /// one line of error holds these words.
    pub(crate) fn failed(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, code, "{self:?}");
        for word in words {
            assert!(self.err.contains(word), "{word:?} in {self:?}");
        }
        assert!(self.err.starts_with("error: "), "{self:?}");
        assert_eq!(self.out, "");
    }
}

/// A server on its way to being ready.
pub(crate) struct Starting {
    pub(crate) child: Child,
    log: PathBuf,
}

impl Starting {
    /// Waits for the line that says so; panics if it never comes.
    pub(crate) fn ready(mut self) -> Server {
        let stdout = self.child.stdout.take().unwrap();
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        let mut said = Vec::new();
        loop {
            let line = lines.recv_timeout(DEADLINE).unwrap_or_else(|error| {
                let log = fs::read_to_string(&self.log).unwrap_or_default();
                panic!("not ready: {error}\n{said:?}\n{log}")
            });
            if let Some(address) = line.strip_prefix(READY) {
                return Server {
                    child: self.child,
                    address: address.to_owned(),
                    said,
                    log: self.log,
                };
            }
            said.push(line);
        }
    }
}

/// A server that is ready. It is killed with this value.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: String,
    /// What it said before it was ready.
    pub(crate) said: Vec<String>,
    log: PathBuf,
}

impl Server {
    pub(crate) fn client(&self) -> Client {
        Client::connect(&self.address)
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// A path as the server sees it.
    pub(crate) fn sees(&self, path: &Path) -> PathBuf {
        let root = PathBuf::from(format!("/proc/{}/root", self.id()));
        root.join(path.strip_prefix("/").unwrap())
    }

    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .args([name, &self.id().to_string()])
            .status();
        assert!(sent.unwrap().success());
    }

    /// As if the machine had lost its power, as far as the process can tell.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Stops it in good order.
    pub(crate) fn stop(self) {
        self.signal("-TERM");
        let (status, log) = self.wait();
        assert!(status.success(), "{status}\n{log}");
    }

    /// Waits for its end; answers how it ended and its log.
    pub(crate) fn wait(mut self) -> (ExitStatus, String) {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return (status, self.log());
            }
            assert!(start.elapsed() < DEADLINE, "still running\n{}", self.log());
            thread::yield_now();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
