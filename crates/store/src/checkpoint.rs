//! Checkpoints beside the writing.
//!
//! SQLite's log is moved into the database file from time to time, by whoever
//! commits when it has grown long: that commit, and everybody who waits for it,
//! then waits for thousands of pages to be written and synced. Here most of it
//! is moved meanwhile, over another connection, so that little is left to the
//! commit. The little must be left: the log begins anew only if all of it was
//! moved, and while others commit that is never so.
//!
//! Where few commit, the log would hold for long what has been deleted since.
//! So it is emptied when it has been quiet for a while.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{sync::mpsc, time::timeout};
use tracing::warn;

use crate::dialect::Pools;

/// Changes after which the log is moved; about a thousand pages.
const CHANGES: usize = 128;
/// How long the log wasn't moved when it is emptied.
pub(crate) const QUIET: Duration = Duration::from_mins(1);

/// Counts changes, and has the log moved in time.
pub(crate) struct Pace {
    since: usize,
    total: Arc<AtomicUsize>,
    due: mpsc::Sender<()>,
}

impl Pace {
    /// Starts what moves the log; it ends with this value.
    pub(crate) fn start(pools: Pools, quiet: Duration) -> Self {
        let (due, asked) = mpsc::channel(1);
        let total = Arc::default();
        tokio::spawn(run(pools, asked, Arc::clone(&total), quiet));
        Self {
            since: 0,
            total,
            due,
        }
    }

    /// Counts changes that were committed.
    pub(crate) fn keep(&mut self, changes: usize) {
        self.since += changes;
        self.total.fetch_add(changes, Ordering::Relaxed);
        // Where it is still at it, the next group asks again.
        if self.since >= CHANGES && self.due.try_send(()).is_ok() {
            self.since = 0;
        }
    }
}

async fn run(
    pools: Pools,
    mut asked: mpsc::Receiver<()>,
    total: Arc<AtomicUsize>,
    quiet: Duration,
) {
    let mut emptied_at = 0;
    loop {
        match timeout(quiet, asked.recv()).await {
            Ok(None) => return,
            Ok(Some(())) => {
                if let Err(failure) = pools.checkpoint().await {
                    warn!(%failure, "the log wasn't moved; a later commit does it");
                }
            }
            Err(_) => {
                let now = total.load(Ordering::Relaxed);
                if now != emptied_at && emptied(&pools).await {
                    emptied_at = now;
                }
            }
        }
    }
}

async fn emptied(pools: &Pools) -> bool {
    let emptied = pools.empty_log().await;
    emptied.unwrap_or_else(|failure| {
        warn!(%failure, "the log wasn't emptied; it is tried again");
        false
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Location;

    #[tokio::test]
    async fn the_log_is_emptied_when_it_is_quiet() {
        let folder = tempfile::tempdir().unwrap();
        let pools = Pools::open(&Location::Sqlite(folder.path().join("db"))).await;
        let pools = pools.unwrap();
        let mut pace = Pace::start(pools.clone(), Duration::from_millis(1));
        for _ in 0..2 {
            let mut conn = pools.writer().await.unwrap();
            conn.run("CREATE TABLE IF NOT EXISTS one (id INTEGER)")
                .await
                .unwrap();
            conn.run("INSERT INTO one VALUES (1)").await.unwrap();
            drop(conn);
            let log = folder.path().join("db-wal");
            assert!(log.metadata().unwrap().len() > 0);
            pace.keep(1);
            while log.metadata().unwrap().len() > 0 {
                tokio::task::yield_now().await;
            }
        }
        pools.close().await;
    }
}
