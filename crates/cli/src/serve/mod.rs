//! `tokenry serve`: from the settings to a server that listens, and to its
//! orderly end.

mod first_start;
mod head_timer;
mod http;
mod logging;
mod running;

use std::{net::SocketAddr, time::Duration};

use rustix::process::{Resource, getrlimit, setrlimit};
use tokio::{net::TcpListener, time::Instant};
use tracing::{info, warn};

use crate::{
    console::{ConsoleServer, Desk},
    data_dir::{DataDir, DirLock, Holder, Locking},
    exit::Failure,
    opening::{self, keep_files_private},
    settings::{self, ServeArguments, Serving},
};

/// How long to wait for a console command to end. Another server doesn't.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often to look.
const INTERVAL: Duration = Duration::from_millis(50);

/// Runs the server until it is told to stop.
pub(crate) fn run(arguments: ServeArguments) -> Result<(), Failure> {
    keep_files_private();
    take_all_descriptors();
    let serving = arguments.resolve()?;
    logging::start(&serving.log, serving.log_format)?;
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::fault("no_runtime", error.to_string()))?
        .block_on(serve(serving))
}

/// Each connection takes a descriptor. The usual soft limit is there for the
/// sake of programs older than this one.
fn take_all_descriptors() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // If this is refused, the limit stays what it was.
    let _ = setrlimit(Resource::Nofile, limit);
}

async fn serve(serving: Serving) -> Result<(), Failure> {
    let preset = settings::initial_root_token()?;
    info!("settings in force: {serving}");
    let dir = serving.place.dir.clone();
    dir.create()?;
    if dir.is_open_to_others() {
        warn!("other users of this machine may write into the data directory; chmod go-w it");
    }
    let lock = lock(&dir).await?;
    // Before the first start's work, which a port that is taken would waste.
    let listener = listen(serving.listen).await?;
    let opened = opening::open(&serving.place, serving.authority.clone(), lock).await?;
    first_start::first_start(&opened.authority, &dir, preset).await?;
    let (tokens, bytes, all) = opened.authority.index_size();
    info!(tokens, bytes, all, "the index is filled");
    let console = ConsoleServer::bind(&dir)?;
    let desk = Desk::new(opened.authority.clone(), opened.keys.clone());
    running::run(&serving, listener, console, desk, opened).await
}

async fn lock(dir: &DataDir) -> Result<DirLock, Failure> {
    let start = Instant::now();
    loop {
        match dir.try_lock(Holder::Server)? {
            Locking::Locked(lock) => return Ok(lock),
            Locking::Busy(Holder::Console, _) if start.elapsed() < PATIENCE => {
                tokio::time::sleep(INTERVAL).await;
            }
            Locking::Busy(_, failure) => return Err(failure),
        }
    }
}

async fn listen(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        Failure::fault(
            "cannot_listen",
            format!("{address} can't be listened on: {error}"),
        )
    })
}
