//! Purges: many tokens deleted by one filter, while everything else goes on.
//!
//! A purge is filed, and a runner takes those that are open one after the
//! other, a few hundred tokens at a time. Each step is a transaction that
//! deletes, tells the trail, and writes how far it has come: killed at any
//! moment and started again, it goes on where it was.

mod chunk;
mod file;
mod run;
mod step;
mod watch;

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use tokio::sync::{Mutex, Notify, watch::Sender};

pub use self::watch::Watch;
pub(crate) use self::{
    chunk::{Chunk, Cover, Memory},
    run::give_way,
};

/// What the runner and those who watch it have in common.
#[derive(Debug, Default)]
pub(crate) struct Purges {
    /// Held by the runner through a step: there is one at a time.
    runner: Mutex<()>,
    /// Told when there is work.
    filed: Notify,
    /// Beats when a purge has come further.
    pulse: Sender<Pulse>,
    /// Tokens deleted since the server started.
    deleted: AtomicU64,
}

#[derive(Debug, Clone, Copy, Default)]
struct Pulse {
    beats: u64,
    /// Whether the server stops: the runner ends between two steps, and so do
    /// those who watch.
    stopping: bool,
}

impl Purges {
    /// How many tokens purges have deleted since the server started.
    pub(crate) fn deleted(&self) -> u64 {
        self.deleted.load(Relaxed)
    }

    fn count(&self, deleted: usize) {
        self.deleted.fetch_add(deleted as u64, Relaxed);
    }

    fn beat(&self) {
        self.pulse.send_modify(|pulse| pulse.beats += 1);
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.pulse.borrow().stopping
    }

    /// Has the runner and those who watch it end.
    pub(crate) fn stop(&self) {
        self.pulse.send_modify(|pulse| pulse.stopping = true);
    }
}
