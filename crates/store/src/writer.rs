//! The writer: takes the changes that wait, commits them together, then answers.
//!
//! A commit costs a wait for the disk. With 64 writers, groups make it three
//! to five times cheaper than one commit each (measured, see `bench/`). Each
//! change runs in a savepoint, so one that fails takes nothing with it.

use futures_util::future::BoxFuture;
use tokio::sync::mpsc;
use tracing::error;

use crate::{Conn, StoreError, dialect::Pools};

/// A change that is on its way to a connection.
pub(crate) type Change = Box<dyn for<'c> FnOnce(&'c mut Conn) -> BoxFuture<'c, Outcome> + Send>;

/// Tells a caller how the commit went.
type Answer = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

/// What a change came to before its commit.
pub(crate) struct Outcome {
    /// Whether its rows are to stay.
    pub(crate) keep: bool,
    /// Tells the caller.
    pub(crate) answer: Answer,
}

/// The most changes in one commit: bounds what a caller waits for.
const MOST_IN_A_GROUP: usize = 256;

/// Runs until nobody can send changes any more.
pub(crate) async fn run(pools: Pools, mut changes: mpsc::Receiver<Change>) {
    while let Some(first) = changes.recv().await {
        match pools.writer().await {
            Ok(conn) => write_group(conn, first, &mut changes).await,
            // The change is dropped, and its caller hears `Closed`.
            Err(failure) => error!(%failure, "no connection to write with"),
        }
    }
}

async fn write_group(mut conn: Conn, first: Change, changes: &mut mpsc::Receiver<Change>) {
    if let Err(failure) = conn.begin().await {
        error!(%failure, "the writer can't begin a transaction");
        return;
    }
    let mut group = Group::default();
    let mut next = Some(first);
    while let Some(change) = next {
        group.run(&mut conn, change).await;
        next = if group.is_open() {
            changes.try_recv().ok()
        } else {
            None
        };
    }
    group.finish(conn).await;
}

/// The changes of one commit.
#[derive(Default)]
struct Group {
    kept: Vec<Answer>,
    refused: Vec<Answer>,
    lost: bool,
}

impl Group {
    fn is_open(&self) -> bool {
        !self.lost && self.kept.len() + self.refused.len() < MOST_IN_A_GROUP
    }

    /// Runs one change in a savepoint. If even the savepoint can't be undone
    /// (a full disk ends the whole transaction), the group is lost.
    async fn run(&mut self, conn: &mut Conn, change: Change) {
        if conn.run("SAVEPOINT change").await.is_err() {
            self.lost = true;
            return;
        }
        let Outcome { keep, answer } = change(conn).await;
        let list = if keep {
            &mut self.kept
        } else {
            &mut self.refused
        };
        list.push(answer);
        let undone = keep || conn.run("ROLLBACK TO change").await.is_ok();
        let released = undone && conn.run("RELEASE change").await.is_ok();
        self.lost |= !released;
    }

    /// Commits, then answers everybody.
    async fn finish(self, mut conn: Conn) {
        let outcome = if self.lost {
            Err(StoreError::GroupLost)
        } else {
            conn.run("COMMIT").await
        };
        if outcome.is_err() {
            roll_back(conn).await;
        }
        for answer in self.kept {
            answer(outcome.clone());
        }
        for answer in self.refused {
            answer(Ok(()));
        }
    }
}

/// Runs one change in a transaction of its own.
pub(crate) async fn run_alone(pools: Pools, change: Change) {
    let mut conn = match begin(&pools).await {
        Ok(conn) => conn,
        Err(failure) => return error!(%failure, "no transaction to write in"),
    };
    let Outcome { keep, answer } = change(&mut conn).await;
    let outcome = if keep {
        conn.run("COMMIT").await
    } else {
        Ok(())
    };
    if !keep || outcome.is_err() {
        roll_back(conn).await;
    }
    answer(outcome);
}

async fn begin(pools: &Pools) -> Result<Conn, StoreError> {
    let mut conn = pools.writer().await?;
    conn.begin().await?;
    Ok(conn)
}

/// Undoes what is open. A connection that can't is not used again.
async fn roll_back(mut conn: Conn) {
    if conn.run("ROLLBACK").await.is_err() {
        conn.discard().await;
    }
}
