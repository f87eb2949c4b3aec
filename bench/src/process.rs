//! The servers that are measured, as child processes.

use std::{
    fs::File,
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    sync::mpsc,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

use crate::{
    fault::{Outcome, fault},
    machine::Cpu,
};

/// A server must be ready by then.
const PATIENCE: Duration = Duration::from_mins(10);
/// A server that was asked to stop must have by then.
const GRACE: Duration = Duration::from_mins(2);

/// A running server. It ends with this value.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// From its start until it said it was ready.
    pub(crate) start_up: Duration,
}

impl Server {
    /// Starts a server and waits until it prints `… ready at http://ADDRESS`.
    /// What it says otherwise goes into the log file.
    pub(crate) fn start(command: &mut Command, log: &Path) -> Outcome<Self> {
        let begun = Instant::now();
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create(log)?)
            .spawn()?;
        let output = child.stdout.take();
        let address = output
            .ok_or_else(|| fault("the server has no output"))
            .and_then(|output| wait_for_address(output, log));
        match address {
            Ok(address) => Ok(Self {
                child,
                address,
                start_up: begun.elapsed(),
            }),
            Err(error) => {
                end(&mut child);
                Err(error)
            }
        }
    }

    /// Its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits until the server does nothing any more, such as writing down what
    /// it gathered; answers the processor time it took for that, in seconds.
    pub(crate) async fn settle(&self, most: Duration) -> Outcome<f64> {
        const LOOK: Duration = Duration::from_millis(250);
        let (begun, first) = (Instant::now(), Cpu::of_process(self.pid())?);
        let (mut last, mut quiet) = (first, 0);
        while quiet < 3 && begun.elapsed() < most {
            tokio::time::sleep(LOOK).await;
            let now = Cpu::of_process(self.pid())?;
            quiet = if now.since(last) < 0.015 {
                quiet + 1
            } else {
                0
            };
            last = now;
        }
        Ok(last.since(first))
    }

    /// Asks it to stop and waits until it has.
    pub(crate) fn stop(mut self) -> Outcome<()> {
        let pid = i32::try_from(self.pid()).ok().and_then(Pid::from_raw);
        kill_process(
            pid.ok_or_else(|| fault("a process without a number"))?,
            Signal::TERM,
        )?;
        let begun = Instant::now();
        while begun.elapsed() < GRACE {
            if let Some(status) = self.child.try_wait()? {
                return status
                    .success()
                    .then_some(())
                    .ok_or_else(|| fault(format!("the server ended with {status}")));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Err(fault("the server doesn't stop"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

fn end(child: &mut Child) {
    // Both fail only if it ended by itself.
    drop(child.kill());
    drop(child.wait());
}

fn wait_for_address(output: ChildStdout, log: &Path) -> Outcome<SocketAddr> {
    let (sender, ready) = mpsc::channel();
    // Reads on after the address, so that the server never waits for a reader.
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if let Some(address) = address_in(&line) {
                let _ = sender.send(address);
            }
        }
    });
    ready.recv_timeout(PATIENCE).map_err(|_| {
        let said = std::fs::read_to_string(log).unwrap_or_default();
        fault(format!("the server doesn't get ready:\n{said}"))
    })
}

fn address_in(line: &str) -> Option<SocketAddr> {
    let (_, rest) = line.split_once("ready at http://")?;
    rest.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_stands_in_the_ready_line() {
        let line = "tokenry is ready at http://127.0.0.1:4711";
        assert_eq!(address_in(line), Some("127.0.0.1:4711".parse().unwrap()));
        assert_eq!(address_in("tokenry is getting ready"), None);
    }
}
