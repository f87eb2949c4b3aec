//! A server at work, and its end: stop accepting, finish what runs, write
//! what is only in memory, close.

use std::{
    io::{self, Write as _},
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};

use axum::{Router, serve::ListenerExt as _};
use tokenry_authority::Authority;
use tokio::{
    net::TcpListener,
    sync::watch,
    task::{AbortHandle, JoinSet},
    time::{MissedTickBehavior, interval, timeout},
};
use tracing::{info, warn};

use super::signals::Signals;
use crate::{
    console::{ConsoleServer, Desk},
    exit::Failure,
    opening::Opened,
    settings::Serving,
};

/// How long requests may take to finish after a signal.
const GRACE: Duration = Duration::from_secs(30);
/// How long closing may take after that.
const CLOSING: Duration = Duration::from_secs(10);

/// Serves until a signal comes. Whatever happens, the store is closed.
pub(super) async fn run(
    serving: &Serving,
    listener: TcpListener,
    console: ConsoleServer,
    desk: Desk,
    opened: Opened,
) -> Result<(), Failure> {
    let mut signals = Signals::catch()?;
    let address = listener
        .local_addr()
        .map_err(|error| Failure::fault("cannot_listen", error.to_string()))?;
    let Opened {
        authority, lock, ..
    } = opened;
    let router = tokenry_web::router(authority.clone(), serving.web.clone());
    let (stop, stopped) = watch::channel(false);
    let flushing = flush_regularly(authority.clone(), serving.flush_interval);
    let mut faces = JoinSet::new();
    faces.spawn(console.run(desk, stopped.clone()));
    faces.spawn(serve_http(listener, router, stopped));
    announce(address);
    let signal = signals.next().await;
    info!(signal, "stopping: requests that run are finished");
    // Nobody receives it only if both faces have ended already.
    let _ = stop.send(true);
    finish(&mut faces, &mut signals).await;
    flushing.abort();
    let closed = timeout(CLOSING, authority.close()).await;
    drop(lock);
    if let Ok(closed) = closed {
        closed?;
    } else {
        warn!("the store didn't close in time; nothing that was answered is lost");
    }
    info!("stopped");
    Ok(())
}

async fn serve_http(listener: TcpListener, router: Router, mut stop: watch::Receiver<bool>) {
    // Answers are small: one that waits for more to send gains nothing.
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let until_told = async move {
        let _ = stop.wait_for(|stop| *stop).await;
    };
    let served = axum::serve(listener, service).with_graceful_shutdown(until_told);
    if let Err(error) = served.await {
        warn!(%error, "the listener failed");
    }
}

/// Waits for what runs, but not for ever, and not after a second signal.
async fn finish(faces: &mut JoinSet<()>, signals: &mut Signals) {
    let all_done = async { while faces.join_next().await.is_some() {} };
    tokio::select! {
        () = all_done => {}
        () = tokio::time::sleep(GRACE) => warn!("some requests took too long and are cut off"),
        signal = signals.next() => warn!(signal, "a second signal: requests are cut off"),
    }
    faces.shutdown().await;
}

fn flush_regularly(authority: Arc<Authority>, every: Duration) -> AbortHandle {
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let flushing = tokio::spawn(async move {
        loop {
            ticks.tick().await;
            if let Err(error) = authority.flush_last_uses().await {
                warn!(%error, "last uses can't be written; they are kept for the next time");
            }
        }
    });
    flushing.abort_handle()
}

/// The line that says the server is there, for people and for scripts that
/// wait for it.
fn announce(address: SocketAddr) {
    info!(%address, "listening");
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "tokenry is ready at http://{address}").and_then(|()| out.flush());
}
