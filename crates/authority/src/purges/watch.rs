//! Looking on while a purge runs.

use std::time::Duration;

use tokenry_domain::{Purge, PurgeId};
use tokenry_store::{Store, purges};
use tokio::{sync::watch::Receiver, time::sleep};

use super::Pulse;
use crate::{Authority, Caller, Error, Thing};

/// The shortest time between two looks.
const INTERVAL: Duration = Duration::from_millis(200);

/// What somebody sees who looks on.
#[derive(Debug)]
pub struct Watch {
    store: Store,
    id: PurgeId,
    pulse: Receiver<Pulse>,
    /// What was seen last.
    seen: Option<Purge>,
}

impl Authority {
    /// Looks on while a purge runs, for administrators.
    ///
    /// # Errors
    /// [`Error::AdminOnly`], [`Error::NotFound`], or a fault of ours.
    pub async fn watch_purge(&self, caller: &Caller, id: PurgeId) -> Result<Watch, Error> {
        self.show_purge(caller, id).await?;
        Ok(Watch {
            store: self.store.clone(),
            id,
            pulse: self.purges.pulse.subscribe(),
            seen: None,
        })
    }
}

impl Watch {
    /// The purge, at once when this is asked first, then each time that it has
    /// come further; none after its end was told, or when the server stops.
    ///
    /// # Errors
    /// A fault of ours.
    pub async fn next(&mut self) -> Result<Option<Purge>, Error> {
        if self.seen.as_ref().is_some_and(|seen| seen.ended.is_some()) {
            return Ok(None);
        }
        loop {
            let stopping = self.pulse.borrow_and_update().stopping;
            let purge = purges::by_id(&mut self.store.read().await?, self.id).await?;
            let purge = purge.ok_or(Error::NotFound(Thing::Purge))?;
            if self.seen.as_ref() != Some(&purge) {
                self.seen = Some(purge.clone());
                return Ok(Some(purge));
            }
            if stopping || self.pulse.changed().await.is_err() {
                return Ok(None);
            }
            if !self.pulse.borrow().stopping {
                sleep(INTERVAL).await;
            }
        }
    }
}
