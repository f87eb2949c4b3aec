//! The way to a desk: through a running server's socket, or, where none runs,
//! a desk of our own.

use std::{io, time::Duration};

use tokenry_authority::Options;
use tokio::{
    io::BufStream,
    net::UnixStream,
    time::{Instant, sleep},
};

use super::{
    Command, Desk, Outcome,
    address::Address,
    line::{self, Answer, Request},
};
use crate::{
    data_dir::{DataDir, DirLock, Holder, Locking},
    exit::Failure,
    opening::{self, Opened},
    settings::Whereabouts,
    site::Site,
};

/// How long to wait for another console command to end, or for a server that
/// is just starting to listen.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often to look.
const INTERVAL: Duration = Duration::from_millis(50);

/// An open way to a desk.
#[derive(Debug)]
pub(crate) enum Link {
    /// A running server does it.
    Server(BufStream<UnixStream>),
    /// We do it, and nobody else meanwhile.
    Own { desk: Desk, lock: DirLock },
    /// A server elsewhere does it.
    Site(Site),
}

/// Where commands are done.
#[derive(Debug)]
pub(crate) enum Reach {
    /// On this machine.
    Here(Whereabouts),
    /// On another.
    There(Site),
}

/// Does one thing, and leaves.
pub(crate) async fn ask(reach: &Reach, command: Command) -> Result<Outcome, Failure> {
    let mut link = Link::open(reach).await?;
    let outcome = link.run(command).await;
    // What was done is on disk; closing adds nothing to it.
    let closed = link.close().await;
    let outcome = outcome?;
    closed?;
    Ok(outcome)
}

impl Link {
    pub(crate) async fn open(reach: &Reach) -> Result<Self, Failure> {
        match reach {
            Reach::Here(place) => Self::open_here(place).await,
            Reach::There(site) => Ok(Self::Site(site.clone())),
        }
    }

    async fn open_here(place: &Whereabouts) -> Result<Self, Failure> {
        place.dir.check()?;
        let start = Instant::now();
        loop {
            if let Some(stream) = connect(&place.dir).await? {
                return Ok(Self::Server(BufStream::new(stream)));
            }
            place.dir.check_owner()?;
            match place.dir.try_lock(Holder::Console)? {
                Locking::Locked(lock) => return Self::open_own(place, lock).await,
                Locking::Busy(_, failure) if start.elapsed() > PATIENCE => return Err(failure),
                Locking::Busy(..) => sleep(INTERVAL).await,
            }
        }
    }

    async fn open_own(place: &Whereabouts, lock: DirLock) -> Result<Self, Failure> {
        if place.dir.keys().read()?.is_none() {
            return Err(place.dir.missing());
        }
        // One command needs no index of all tokens.
        let options = Options {
            index_capacity: 0,
            cell: place.cell,
            ..Options::default()
        };
        let Opened {
            authority,
            keys,
            lock,
        } = opening::open(place, options, lock).await?;
        let desk = Desk::new(authority, keys);
        Ok(Self::Own { desk, lock })
    }

    pub(crate) async fn run(&mut self, command: Command) -> Result<Outcome, Failure> {
        match self {
            Self::Server(stream) => match exchange(stream, &command).await {
                Ok(Some(answer)) => answer,
                Ok(None) => Err(lost(&command, "the server closed the connection")),
                Err(error) => Err(lost(&command, &error.to_string())),
            },
            Self::Own { desk, .. } => {
                let files = matches!(command, Command::FilePurge(_));
                let outcome = desk.run(command).await;
                if files {
                    desk.work_off_purges();
                }
                outcome
            }
            Self::Site(site) => site.run(&command),
        }
    }

    pub(crate) async fn close(self) -> Result<(), Failure> {
        if let Self::Own { desk, lock } = self {
            desk.authority.stop_purges();
            desk.authority.close().await?;
            drop(lock);
        }
        Ok(())
    }
}

/// A connection to a running server; `None` where there is none.
async fn connect(dir: &DataDir) -> Result<Option<UnixStream>, Failure> {
    let connected = match Address::of(dir) {
        Ok(address) => UnixStream::connect(address.path()).await,
        Err(error) => Err(error),
    };
    match connected {
        Ok(stream) => Ok(Some(stream)),
        Err(error) => match error.kind() {
            // The latter is what a server that was killed leaves behind.
            io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => Ok(None),
            _ => {
                let message = format!("{} can't be opened: {error}", dir.socket().display());
                Err(Failure::unavailable("socket_unusable", message))
            }
        },
    }
}

async fn exchange(
    stream: &mut BufStream<UnixStream>,
    command: &Command,
) -> io::Result<Option<Answer>> {
    line::send(stream, &Request::new(command)?).await?;
    line::receive(stream).await
}

/// No answer came. What only reads can be asked again; of a change nobody
/// here knows whether it was done.
fn lost(command: &Command, why: &str) -> Failure {
    let advice = if command.only_reads() {
        "try again"
    } else {
        "whether it was done is not known, look before trying again"
    };
    Failure::fault(
        "no_answer",
        format!("the running server didn't answer: {why}; {advice}"),
    )
}
