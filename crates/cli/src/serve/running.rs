//! A server at work, and its end: stop accepting, finish what runs, write
//! what is only in memory, close.

use std::{
    io::{self, Write as _},
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};

use tokenry_authority::{Authority, Error};
use tokio::{
    net::TcpListener,
    sync::watch,
    task::{JoinHandle, JoinSet},
    time::{Instant, Interval, MissedTickBehavior, interval, interval_at, sleep, timeout},
};
use tracing::{info, warn};

use super::http;
use crate::{
    console::{ConsoleServer, Desk},
    exit::Failure,
    opening::Opened,
    settings::Serving,
    signals::Signals,
};

/// How long requests may take to finish after a signal.
const GRACE: Duration = Duration::from_secs(30);
/// Between two runs of retention.
const RETENTION: Duration = Duration::from_hours(1);
/// From the start to the first run of retention.
const RETENTION_BEGINS: Duration = Duration::from_mins(1);
/// How long to wait before a purge is tried again that was interrupted, such as
/// by a full disk.
const PAUSE: Duration = Duration::from_secs(5);
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
    let flushing = flush_regularly(authority.clone(), serving.flush_interval, stopped.clone());
    let retaining = retain_regularly(authority.clone(), stopped.clone());
    let purging = purge_as_filed(authority.clone(), stopped.clone());
    let mut faces = JoinSet::new();
    faces.spawn(console.run(desk, stopped.clone()));
    faces.spawn(http::serve(listener, router, stopped.clone()));
    announce(address);
    let claim_lost = tokio::select! {
        signal = signals.next() => {
            info!(signal, "stopping: requests that run are finished");
            false
        }
        () = authority.claim_lost() => true,
    };
    // Nobody receives it only if both faces have ended already.
    let _ = stop.send(true);
    authority.stop_purges();
    finish(&mut faces, &mut signals).await;
    drop(flushing.await);
    drop(purging.await);
    drop(retaining.await);
    let closed = timeout(CLOSING, authority.close()).await;
    drop(lock);
    if let Ok(closed) = closed {
        closed?;
    } else {
        warn!("the store didn't close in time; nothing that was answered is lost");
    }
    info!("stopped");
    if claim_lost {
        return Err(Failure::unavailable(
            "claim_lost",
            "the connection that claimed the database for this server broke; start again",
        ));
    }
    Ok(())
}

/// Waits for what runs, but not for ever, and not after a second signal.
async fn finish(faces: &mut JoinSet<()>, signals: &mut Signals) {
    let all_done = async { while faces.join_next().await.is_some() {} };
    tokio::select! {
        () = all_done => {}
        () = sleep(GRACE) => warn!("some requests took too long and are cut off"),
        signal = signals.next() => warn!(signal, "a second signal: requests are cut off"),
    }
    faces.shutdown().await;
}

/// Writes last uses now and then, and ends between two writes.
fn flush_regularly(
    authority: Arc<Authority>,
    every: Duration,
    mut stop: watch::Receiver<bool>,
) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut ticks = patient(interval(every));
        while ticked(&mut ticks, &mut stop).await {
            if let Err(error) = authority.flush_last_uses().await {
                warn!(%error, "last uses can't be written; they are kept for the next time");
            }
        }
    })
}

/// Ticks that wait for what takes longer than they do.
fn patient(mut ticks: Interval) -> Interval {
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

/// Waits for the next tick; answers whether it came before the stop.
async fn ticked(ticks: &mut Interval, stop: &mut watch::Receiver<bool>) -> bool {
    tokio::select! {
        _ = stop.wait_for(|stop| *stop) => false,
        _ = ticks.tick() => true,
    }
}

/// Runs purges as they are filed, and what a server before this one left
/// undone. Ends between two steps.
fn purge_as_filed(authority: Arc<Authority>, mut stop: watch::Receiver<bool>) -> JoinHandle<()> {
    tokio::spawn(async move {
        loop {
            let worked = authority.work_off_purges().await;
            if let Err(error) = &worked {
                warn!(%error, "a purge was interrupted; it goes on soon");
            }
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => return,
                () = authority.purge_filed() => {}
                () = sleep(PAUSE), if worked.is_err() => {}
            }
        }
    })
}

/// Deletes what is due by the rules of retention, every hour and when somebody
/// asks for it. Ends between two steps.
fn retain_regularly(authority: Arc<Authority>, mut stop: watch::Receiver<bool>) -> JoinHandle<()> {
    tokio::spawn(async move {
        let begin = Instant::now() + RETENTION_BEGINS;
        let mut ticks = patient(interval_at(begin, RETENTION));
        loop {
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => return,
                _ = ticks.tick() => {}
                () = authority.retention_asked() => {}
            }
            match authority.retain().await {
                // The console's own run goes on, and what is due goes with it.
                Ok(_) | Err(Error::RetentionRunning) => {}
                Err(error) => {
                    warn!(%error, "retention was interrupted; it goes on the next time");
                }
            }
        }
    })
}

/// The line that says the server is there, for people and for scripts that
/// wait for it.
fn announce(address: SocketAddr) {
    info!(%address, "listening");
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "tokenry is ready at http://{address}").and_then(|()| out.flush());
}
