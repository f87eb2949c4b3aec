//! Checkpoints beside the writing.
//!
//! SQLite's log is moved into the database file from time to time, by whoever
//! commits when it has grown long: that commit, and everybody who waits for it,
//! then waits for thousands of pages to be written and synced. Here most of it
//! is moved meanwhile, over another connection, so that little is left to the
//! commit. The little must be left: the log begins anew only if all of it was
//! moved, and while others commit that is never so.

use tokio::sync::mpsc;
use tracing::warn;

use crate::dialect::Pools;

/// Changes after which the log is moved; about a thousand pages.
const CHANGES: usize = 128;

/// Counts changes, and has the log moved in time.
pub(crate) struct Pace {
    since: usize,
    due: mpsc::Sender<()>,
}

impl Pace {
    /// Starts what moves the log; it ends with this value.
    pub(crate) fn start(pools: Pools) -> Self {
        let (due, asked) = mpsc::channel(1);
        tokio::spawn(run(pools, asked));
        Self { since: 0, due }
    }

    /// Counts changes that were committed.
    pub(crate) fn keep(&mut self, changes: usize) {
        self.since += changes;
        // Where it is still at it, the next group asks again.
        if self.since >= CHANGES && self.due.try_send(()).is_ok() {
            self.since = 0;
        }
    }
}

async fn run(pools: Pools, mut asked: mpsc::Receiver<()>) {
    while asked.recv().await.is_some() {
        if let Err(failure) = pools.checkpoint().await {
            warn!(%failure, "the log wasn't moved; a later commit does it");
        }
    }
}
