//! Looking on while a purge runs.

use std::{sync::Arc, time::Duration};

use tokenry_domain::{Purge, PurgeId};
use tokenry_store::purges;
use tokio::{
    sync::watch::Receiver,
    time::{sleep, timeout},
};

use super::Pulse;
use crate::{Authority, Caller, Error, Thing};

/// The shortest time between two looks.
const INTERVAL: Duration = Duration::from_millis(200);
/// The longest: somebody who looks on while nothing happens is asked again.
const PATIENCE: Duration = Duration::from_secs(15);

/// What somebody sees who looks on.
#[derive(Debug)]
pub struct Watch {
    authority: Arc<Authority>,
    caller: Caller,
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
    pub async fn watch_purge(
        self: &Arc<Self>,
        caller: &Caller,
        id: PurgeId,
    ) -> Result<Watch, Error> {
        self.show_purge(caller, id).await?;
        Ok(Watch {
            authority: self.clone(),
            caller: caller.clone(),
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
    /// As [`Authority::readmit`] for who wouldn't be let in any more, or a fault
    /// of ours.
    pub async fn next(&mut self) -> Result<Option<Purge>, Error> {
        if self.seen.as_ref().is_some_and(|seen| seen.ended.is_some()) {
            return Ok(None);
        }
        loop {
            let stopping = self.pulse.borrow_and_update().stopping;
            let purge = self.look().await?;
            if self.seen.as_ref() != Some(&purge) {
                self.seen = Some(purge.clone());
                return Ok(Some(purge));
            }
            if stopping {
                return Ok(None);
            }
            // The other end of the pulse is the authority's, and here.
            let beat = timeout(PATIENCE, self.pulse.changed()).await;
            if beat.is_ok() && !self.pulse.borrow().stopping {
                sleep(INTERVAL).await;
            }
        }
    }

    /// The purge as it is now, for whom it may be shown to still.
    async fn look(&self) -> Result<Purge, Error> {
        self.authority.readmit(&self.caller).await?;
        let mut conn = self.authority.store.read().await?;
        let purge = purges::by_id(&mut conn, self.id).await?;
        purge.ok_or(Error::NotFound(Thing::Purge))
    }
}
