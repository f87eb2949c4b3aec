//! Takes the console's commands in a running server.

use std::{fs, io, os::unix::fs::FileTypeExt as _, path::PathBuf, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncBufReadExt as _, BufStream},
    net::{UnixListener, UnixStream},
    sync::{Semaphore, watch},
    task::JoinSet,
    time::{sleep, timeout},
};
use tracing::{debug, warn};

use super::{
    Desk,
    address::Address,
    line::{self, Request},
};
use crate::{
    data_dir::{DataDir, make_private},
    exit::Failure,
};

/// Connections served at a time; the next waits.
const MOST: usize = 32;
/// A list may lie in a pager for so long between two parts.
const IDLE: Duration = Duration::from_mins(10);
/// A command that has begun must arrive within this.
const ARRIVAL: Duration = Duration::from_secs(10);
/// How long to wait after a refused accept, such as for want of descriptors.
const PAUSE: Duration = Duration::from_millis(100);

/// The socket of a running server. Removed when this is dropped.
#[derive(Debug)]
pub(crate) struct ConsoleServer {
    listener: UnixListener,
    path: PathBuf,
}

impl ConsoleServer {
    /// Opens the socket. Only whoever holds the lock on the directory may do
    /// this: what lies there is from a server that was killed.
    pub(crate) fn bind(dir: &DataDir) -> Result<Self, Failure> {
        let path = dir.socket();
        let failed = |error: io::Error| {
            let message = format!("the socket {} can't be opened: {error}", path.display());
            Failure::unavailable("socket_unusable", message)
        };
        remove_stale(&path).map_err(failed)?;
        let address = Address::of(dir).map_err(failed)?;
        // The umask has kept everybody else out from the first moment.
        let listener = UnixListener::bind(address.path()).map_err(failed)?;
        make_private(&path).map_err(failed)?;
        Ok(Self { listener, path })
    }

    /// Serves until told to stop; then finishes what runs.
    pub(crate) async fn run(self, desk: Desk, stop: watch::Receiver<bool>) {
        let room = Arc::new(Semaphore::new(MOST));
        let mut connections = JoinSet::new();
        let mut stopped = stop.clone();
        loop {
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                _ = stopped.wait_for(|stop| *stop) => break,
            };
            while connections.try_join_next().is_some() {}
            match accepted {
                Ok((stream, _)) if is_ours(&stream) => {
                    let (desk, stop, room) = (desk.clone(), stop.clone(), room.clone());
                    connections.spawn(async move {
                        let _place = room.acquire_owned().await;
                        serve(stream, &desk, stop).await;
                    });
                }
                Ok(_) => warn!("a process of another user was refused the console"),
                Err(error) => {
                    warn!(%error, "the console can't take a connection");
                    sleep(PAUSE).await;
                }
            }
        }
        while connections.join_next().await.is_some() {}
    }
}

impl Drop for ConsoleServer {
    fn drop(&mut self) {
        // Left behind, it is refused to whoever tries it, and removed by the
        // next server.
        let _ = fs::remove_file(&self.path);
    }
}

/// Removes a socket, and nothing but a socket.
fn remove_stale(path: &PathBuf) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.file_type().is_socket() => fs::remove_file(path),
        Ok(_) => Err(io::Error::other("something else has that name")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// The socket's mode says so too; this holds where a directory is shared.
fn is_ours(stream: &UnixStream) -> bool {
    let own = rustix::process::geteuid();
    stream
        .peer_cred()
        .is_ok_and(|peer| peer.uid() == 0 || peer.uid() == own.as_raw())
}

async fn serve(stream: UnixStream, desk: &Desk, mut stop: watch::Receiver<bool>) {
    let mut stream = BufStream::new(stream);
    loop {
        let waiting = timeout(IDLE, stream.fill_buf());
        tokio::select! {
            begun = waiting => match begun {
                Ok(Ok(bytes)) if !bytes.is_empty() => {}
                _ => return,
            },
            _ = stop.wait_for(|stop| *stop) => return,
        }
        if let Err(error) = answer(&mut stream, desk).await {
            debug!(%error, "a console connection was given up");
            return;
        }
    }
}

async fn answer(stream: &mut BufStream<UnixStream>, desk: &Desk) -> io::Result<()> {
    let request = match timeout(ARRIVAL, line::receive::<Request>(stream)).await {
        Ok(request) => request?,
        Err(_) => return Err(io::ErrorKind::TimedOut.into()),
    };
    let Some(request) = request else {
        return Ok(());
    };
    let answer = match request.command() {
        Ok(command) => desk.run(command).await,
        Err(failure) => Err(failure),
    };
    match timeout(ARRIVAL, line::send(stream, &answer)).await {
        Ok(sent) => sent,
        Err(_) => Err(io::ErrorKind::TimedOut.into()),
    }
}
