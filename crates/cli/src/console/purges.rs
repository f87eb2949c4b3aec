//! What the console does with purges.

use tokenry_authority::{Caller, Error, Thing};
use tokenry_domain::{PurgeId, Reason, purge};

use super::{Desk, NewPurge, Outcome};
use crate::exit::Failure;

impl Desk {
    pub(super) async fn file_purge(
        &self,
        caller: &Caller,
        new: NewPurge,
    ) -> Result<Outcome, Failure> {
        let reason = new.reason.map(Reason::new).transpose();
        let wanted = purge::NewPurge {
            filter: self.filter(caller, new.filter).await?,
            dry_run: new.dry_run,
            reason: reason.map_err(Error::from)?,
        };
        let purge = self.authority.file_purge(caller, wanted).await?;
        Ok(Outcome::Purge(purge.into()))
    }

    pub(super) async fn show_purge(&self, caller: &Caller, id: i64) -> Result<Outcome, Failure> {
        let purge = self.authority.show_purge(caller, known(id)?).await?;
        Ok(Outcome::Purge(purge.into()))
    }

    pub(super) async fn cancel_purge(&self, caller: &Caller, id: i64) -> Result<Outcome, Failure> {
        let purge = self.authority.cancel_purge(caller, known(id)?).await?;
        Ok(Outcome::Purge(purge.into()))
    }
}

/// A number that no purge can have is that of an unknown one.
fn known(id: i64) -> Result<PurgeId, Error> {
    PurgeId::new(id).ok_or(Error::NotFound(Thing::Purge))
}
