//! The writer: takes the changes that wait, commits them together, then answers.
//!
//! A commit costs a wait for the disk. With 64 writers, groups make it three
//! to five times cheaper than one commit each (measured, see `bench/`). Each
//! change runs in a savepoint, so one that fails takes nothing with it.
//!
//! The writer has a thread of its own. Most of its time it waits for the
//! engine's thread, statement by statement; as a task among those that answer
//! requests it would, each time, wake a worker and wait for its turn there.

use std::{
    panic::{self, AssertUnwindSafe},
    thread,
};

use futures_util::{FutureExt as _, future::BoxFuture};
use tokio::{runtime::Handle, sync::mpsc};
use tracing::error;

use crate::{
    Conn, StoreError,
    checkpoint::{Pace, QUIET},
    dialect::Pools,
};

/// A change that is on its way to a connection, or to hear that there is none.
pub(crate) type Change =
    Box<dyn for<'c> FnOnce(Result<&'c mut Conn, StoreError>) -> BoxFuture<'c, Outcome> + Send>;

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

/// Starts the writer, which ends when nobody can send changes any more.
pub(crate) fn start(pools: Pools, changes: mpsc::Receiver<Change>) -> Result<(), StoreError> {
    let runtime = Handle::current();
    thread::Builder::new()
        .name("tokenry-writer".to_owned())
        .spawn(move || runtime.block_on(run(pools, changes)))
        .map_err(|failure| sqlx::Error::Io(failure).into())
        .map(drop)
}

async fn run(pools: Pools, mut changes: mpsc::Receiver<Change>) {
    let mut pace = Pace::start(pools.clone(), QUIET);
    while let Some(first) = changes.recv().await {
        match pools.writer().await {
            Ok(conn) => pace.keep(write_group(conn, first, &mut changes).await),
            Err(failure) => refuse(first, failure).await,
        }
    }
}

/// Commits the changes that wait; answers how many were kept.
async fn write_group(mut conn: Conn, first: Change, changes: &mut mpsc::Receiver<Change>) -> usize {
    if let Err(failure) = begin_group(&mut conn).await {
        // Whatever state it is in, the next group gets a new one.
        conn.discard().await;
        refuse(first, failure).await;
        return 0;
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
    group.finish(conn).await
}

async fn begin_group(conn: &mut Conn) -> Result<(), StoreError> {
    conn.begin().await?;
    conn.run("SAVEPOINT change").await
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

    /// Runs one change in the savepoint that is open, and leaves a fresh one
    /// to the next. If even the savepoint can't be undone (a full disk ends
    /// the whole transaction), the group is lost.
    async fn run(&mut self, conn: &mut Conn, change: Change) {
        let keep = match guarded(change, conn).await {
            Some(Outcome { keep, answer }) => {
                let list = if keep {
                    &mut self.kept
                } else {
                    &mut self.refused
                };
                list.push(answer);
                keep
            }
            None => false,
        };
        // Two in one text: each text that goes to the engine wakes its thread.
        let fresh = if keep {
            "RELEASE change; SAVEPOINT change"
        } else {
            "ROLLBACK TO change"
        };
        self.lost |= conn.run(fresh).await.is_err();
    }

    /// Commits, then answers everybody; answers how many changes were kept.
    async fn finish(self, mut conn: Conn) -> usize {
        let kept = self.kept.len();
        let outcome = if self.lost {
            Err(StoreError::GroupLost)
        } else {
            conn.commit().await
        };
        if outcome.is_err() {
            roll_back(conn).await;
        }
        for answer in self.kept {
            tell(answer, outcome.clone());
        }
        for answer in self.refused {
            tell(answer, Ok(()));
        }
        kept
    }
}

/// Runs one change in a transaction of its own.
pub(crate) async fn run_alone(pools: Pools, change: Change) {
    let mut conn = match begin(&pools).await {
        Ok(conn) => conn,
        Err(failure) => return refuse(change, failure).await,
    };
    let Some(Outcome { keep, answer }) = guarded(change, &mut conn).await else {
        return roll_back(conn).await;
    };
    let outcome = if keep { conn.commit().await } else { Ok(()) };
    if !keep || outcome.is_err() {
        roll_back(conn).await;
    }
    tell(answer, outcome);
}

/// Runs a change. One that panics is a fault of ours, and is undone like one
/// that fails; it must not stop the writer for everybody else.
async fn guarded(change: Change, conn: &mut Conn) -> Option<Outcome> {
    let outcome = AssertUnwindSafe(async { change(Ok(conn)).await })
        .catch_unwind()
        .await;
    if outcome.is_err() {
        error!("a change panicked; nothing of it is kept");
    }
    outcome.ok()
}

/// Answers a caller, which runs the caller's own code.
fn tell(answer: Answer, outcome: Result<(), StoreError>) {
    if panic::catch_unwind(AssertUnwindSafe(|| answer(outcome))).is_err() {
        error!("what follows a commit panicked; memory may differ from the database");
    }
}

/// Tells a caller that the change wasn't begun.
async fn refuse(change: Change, failure: StoreError) {
    error!(%failure, "a change couldn't be begun");
    let Outcome { answer, .. } = change(Err(failure)).await;
    tell(answer, Ok(()));
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
