//! The open store: where reads come from and changes go.

use std::sync::{Arc, OnceLock};

use futures_util::future::BoxFuture;
use tokio::sync::{Mutex, mpsc, oneshot};

use crate::{
    Conn, Location, StoreError,
    claim::Claim,
    dialect::Pools,
    writer::{self, Change, Outcome},
};

/// The work of a change, on the connection it runs on.
pub type Work<'c, T, E> = BoxFuture<'c, Result<T, E>>;

/// Changes that may wait for the writer before callers have to.
const QUEUE: usize = 1024;

/// An open database, claimed for this process. Clones share it.
#[derive(Clone)]
pub struct Store {
    pools: Pools,
    /// Where changes queue, if the engine's commits are worth grouping.
    queue: Option<mpsc::Sender<Change>>,
    claim: Arc<Mutex<Claim>>,
    doubt: Arc<OnceLock<OnDoubt>>,
}

/// What is done when nobody knows whether a commit came through.
type OnDoubt = Box<dyn Fn(Store) + Send + Sync>;

impl Store {
    /// Opens the database, creating it if it isn't there, claims it for this
    /// process, and brings it to this version's schema.
    ///
    /// # Errors
    /// [`StoreError`] if it can't be reached, is of a newer version, or in use
    /// by another server.
    pub async fn open(location: &Location) -> Result<Self, StoreError> {
        let pools = Pools::open(location).await?;
        let claim = Claim::hold(pools.claim().await?);
        pools.migrate().await?;
        let queue = if pools.groups_commits() {
            let (sender, changes) = mpsc::channel(QUEUE);
            writer::start(pools.clone(), changes)?;
            Some(sender)
        } else {
            None
        };
        let claim = Arc::new(Mutex::new(claim));
        Ok(Self {
            pools,
            queue,
            claim,
            doubt: Arc::default(),
        })
    }

    /// Ends when another server may have the database, because the connection
    /// that claims it broke. Then this process must stop: its memory may no
    /// longer be what the database holds.
    pub async fn lost(&self) {
        let lost = self.claim.lock().await.lost();
        lost.await;
    }

    /// Settles, once, what is done when the connection breaks during a commit:
    /// memory that mirrors the database has to be read anew. It is handed the
    /// store; one that it held itself would keep the store open for good.
    pub fn on_doubt(&self, act: impl Fn(Self) + Send + Sync + 'static) {
        drop(self.doubt.set(Box::new(act)));
    }

    /// A connection to read with.
    ///
    /// # Errors
    /// [`StoreError`] if none is free in time.
    pub async fn read(&self) -> Result<Conn, StoreError> {
        self.pools.reader().await
    }

    /// Runs a change in a transaction of its own. When this answers `Ok`, the
    /// change is on disk; after an error, nothing of it is, save that after
    /// [`StoreError::Doubtful`] nobody knows.
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
        let store = self.clone();
        let change: Change = Box::new(move |conn| {
            Box::pin(async move {
                let result = match conn {
                    Ok(conn) => change(conn).await,
                    Err(failure) => Err(failure.into()),
                };
                Outcome {
                    keep: result.is_ok(),
                    answer: Box::new(move |commit| {
                        if matches!(commit, Err(StoreError::Doubtful))
                            && let Some(act) = store.doubt.get()
                        {
                            act(store.clone());
                        }
                        let result =
                            result.and_then(|value| commit.map(|()| value).map_err(E::from));
                        match &result {
                            Ok(value) => committed(value),
                            // What it holds may undo something when it goes:
                            // that must be over when the caller hears of it.
                            Err(_) => drop(committed),
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
        answer.await.unwrap_or(Err(StoreError::Dropped.into()))
    }

    /// Whether changes wait for the writer: what can wait itself lets them go
    /// first.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        match &self.queue {
            Some(queue) => queue.capacity() < queue.max_capacity(),
            None => self.pools.are_taken(),
        }
    }

    /// Empties SQLite's log, in which former pages lie until it begins anew;
    /// answers whether that could be done, which it can't while others read or
    /// write. It is done by itself when it has been quiet for a minute.
    ///
    /// # Errors
    /// [`StoreError`] of the engine.
    pub async fn empty_log(&self) -> Result<bool, StoreError> {
        self.pools.empty_log().await
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// [`StoreError`] if it doesn't.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.read().await?.run("SELECT 1").await
    }

    /// Finishes what runs, gives up the claim and closes all connections.
    pub async fn close(&self) {
        self.claim.lock().await.give_up().await;
        self.pools.close().await;
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store")
            .field("pools", &self.pools)
            .finish_non_exhaustive()
    }
}
