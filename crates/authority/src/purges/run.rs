//! The runner: takes open purges one after the other, step by step.

use std::time::Duration;

use tokenry_domain::{
    Purge, PurgeId,
    audit::{Action, Entry, Origin, Target},
    purge::Outcome,
};
use tokenry_store::{Store, StoreError, Work, audit, purges};
use tokio::time::{Instant, sleep};

use crate::{Authority, Caller, Error, Thing};

/// The longest that the writer's other work is waited for.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often to look whether it is done.
const INTERVAL: Duration = Duration::from_millis(5);

impl Authority {
    /// Ends when a purge is filed, or was since this was asked last.
    pub async fn purge_filed(&self) {
        self.purges.filed.notified().await;
    }

    /// Runs the open purges to their ends, one after the other, or until
    /// [`Authority::stop_purges`].
    ///
    /// # Errors
    /// A fault of ours. What was begun goes on the next time.
    pub async fn work_off_purges(&self) -> Result<(), Error> {
        while !self.purges.is_stopping() && self.advance_purges().await? {
            give_way(&self.store).await;
        }
        Ok(())
    }

    /// Does one step of the oldest purge that is open; answers whether there
    /// was one. There is one step at a time: a second caller waits.
    ///
    /// # Errors
    /// A fault of ours. What wasn't done now is done the next time.
    pub async fn advance_purges(&self) -> Result<bool, Error> {
        let _runner = self.purges.runner.lock().await;
        let open = purges::oldest_open(&mut self.store.read().await?).await?;
        let Some(id) = open else { return Ok(false) };
        let step = match self.open_purge(id).await {
            Ok(Some(purge)) => self.step(purge).await,
            Ok(None) => Ok(true),
            Err(Error::Store(StoreError::Corrupt(_))) => {
                self.give_up_purge(id).await?;
                Ok(true)
            }
            Err(other) => Err(other),
        };
        match step {
            Ok(false) => self.finish_purge(id).await?,
            // More follows, or somebody stopped it meanwhile.
            Ok(true) | Err(Error::PurgeEnded) => {}
            Err(other) => return Err(other),
        }
        Ok(true)
    }

    /// Has the runner end after the step it is at, and everybody who watches a
    /// purge.
    pub fn stop_purges(&self) {
        self.purges.stop();
    }

    async fn open_purge(&self, id: PurgeId) -> Result<Option<Purge>, Error> {
        let purge = purges::by_id(&mut self.store.read().await?, id).await?;
        Ok(purge.filter(|purge| purge.ended.is_none()))
    }

    async fn finish_purge(&self, id: PurgeId) -> Result<(), Error> {
        let Some(purge) = self.open_purge(id).await? else {
            return Ok(());
        };
        let entry = self.entry_of(&purge, Action::PurgeDone);
        match self.end_purge(entry, id, Outcome::Done).await {
            Ok(_) | Err(Error::PurgeEnded) => Ok(()),
            Err(other) => Err(other),
        }
    }

    /// Ends a purge, with an entry that says who does.
    pub(super) async fn end_purge(
        &self,
        mut entry: Entry,
        id: PurgeId,
        outcome: Outcome,
    ) -> Result<Purge, Error> {
        let work = self.purges.clone();
        self.store
            .write(
                move |conn| -> Work<'_, Purge, Error> {
                    Box::pin(async move {
                        let ended = purges::end(conn, id, outcome, entry.at).await?;
                        let purge = purges::by_id(conn, id).await?;
                        let purge = purge.ok_or(Error::NotFound(Thing::Purge))?;
                        if !ended {
                            return Err(Error::PurgeEnded);
                        }
                        entry.after = purge.facts();
                        audit::insert(conn, &entry).await?;
                        Ok(purge)
                    })
                },
                move |_| work.beat(),
            )
            .await
    }

    /// Ends a purge whose row can't be read.
    async fn give_up_purge(&self, id: PurgeId) -> Result<(), Error> {
        let server = Caller::console(Origin::default());
        let entry = self.entry(&server, Action::PurgeFailed, Target::Purge(id));
        let work = self.purges.clone();
        self.store
            .write(
                move |conn| -> Work<'_, (), Error> {
                    Box::pin(async move {
                        if purges::end(conn, id, Outcome::Failed, entry.at).await? {
                            audit::insert(conn, &entry).await?;
                        }
                        Ok(())
                    })
                },
                move |()| work.beat(),
            )
            .await
    }

    /// The start of an entry of what a purge does: whoever filed it did it.
    pub(super) fn entry_of(&self, purge: &Purge, action: Action) -> Entry {
        let origin = Origin {
            address: None,
            request_id: purge.filed.request_id.clone(),
        };
        let server = Caller::console(origin);
        Entry {
            actor: purge.filed.by.clone(),
            reason: purge.wanted.reason.clone(),
            ..self.entry(&server, action, Target::Purge(purge.id))
        }
    }
}

/// Lets those who wait for the writer go first.
pub(crate) async fn give_way(store: &Store) {
    let start = Instant::now();
    while store.is_busy() && start.elapsed() < PATIENCE {
        sleep(INTERVAL).await;
    }
}
