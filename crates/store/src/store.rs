//! The open store: where reads come from and changes go.

use futures_util::future::BoxFuture;
use tokio::sync::{mpsc, oneshot};

use crate::{
    Conn, Location, StoreError,
    dialect::Pools,
    writer::{self, Change, Outcome},
};

/// The work of a change, on the connection it runs on.
pub type Work<'c, T, E> = BoxFuture<'c, Result<T, E>>;

/// Changes that may wait for the writer before callers have to.
const QUEUE: usize = 1024;

/// An open database. Clones share it.
#[derive(Debug, Clone)]
pub struct Store {
    pools: Pools,
    /// Where changes queue, if the engine's commits are worth grouping.
    queue: Option<mpsc::Sender<Change>>,
}

impl Store {
    /// Opens the database, creating it if it isn't there, and brings it to
    /// this version's schema.
    ///
    /// # Errors
    /// [`StoreError`] if it can't be reached, or is of a newer version.
    pub async fn open(location: &Location) -> Result<Self, StoreError> {
        let pools = Pools::open(location).await?;
        let queue = if pools.groups_commits() {
            let (sender, changes) = mpsc::channel(QUEUE);
            tokio::spawn(writer::run(pools.clone(), changes));
            Some(sender)
        } else {
            None
        };
        Ok(Self { pools, queue })
    }

    /// Makes sure that no other server works on this database while this
    /// process lives.
    ///
    /// # Errors
    /// [`StoreError::InUse`] if one does.
    pub async fn claim(&self) -> Result<(), StoreError> {
        self.pools.claim().await
    }

    /// A connection to read with.
    ///
    /// # Errors
    /// [`StoreError`] if none is free in time.
    pub async fn read(&self) -> Result<Conn, StoreError> {
        self.pools.reader().await
    }

    /// Runs a change in a transaction of its own. When this answers `Ok`, the
    /// change is on disk; after an error, nothing of it is.
    ///
    /// `committed` runs once right after the commit and before the answer,
    /// even if the caller has gone away meanwhile: memory that mirrors the
    /// database is updated there.
    ///
    /// # Errors
    /// What `change` answers, or a [`StoreError`] of the commit.
    pub async fn write<T, E>(
        &self,
        change: impl for<'c> FnOnce(&'c mut Conn) -> Work<'c, T, E> + Send + 'static,
        committed: impl FnOnce(&T) + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (sender, answer) = oneshot::channel();
        let change: Change = Box::new(move |conn| {
            Box::pin(async move {
                let result = change(conn).await;
                Outcome {
                    keep: result.is_ok(),
                    answer: Box::new(move |commit| {
                        let result =
                            result.and_then(|value| commit.map(|()| value).map_err(E::from));
                        if let Ok(value) = &result {
                            committed(value);
                        }
                        drop(sender.send(result));
                    }),
                }
            })
        });
        match &self.queue {
            Some(queue) => queue.send(change).await.map_err(|_| StoreError::Closed)?,
            // A task of its own: a caller that goes away must not stop it half-way.
            None => drop(tokio::spawn(writer::run_alone(self.pools.clone(), change))),
        }
        answer.await.unwrap_or(Err(StoreError::Closed.into()))
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// [`StoreError`] if it doesn't.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.read().await?.run("SELECT 1").await
    }

    /// Finishes what runs and closes all connections.
    pub async fn close(&self) {
        self.pools.close().await;
    }
}
