//! How long things are kept: shown and changed.

use tokenry_domain::{
    Retention,
    audit::{Action, Target},
};
use tokenry_store::{Work, audit, retention};

use super::Kept;
use crate::{Authority, Caller, Error};

impl Authority {
    /// How long things are kept, for administrators.
    ///
    /// # Errors
    /// [`Error::AdminOnly`], or a fault of ours.
    pub async fn show_retention(&self, caller: &Caller) -> Result<Kept, Error> {
        caller.require_admin()?;
        let retention = self.retention().await?;
        let oldest_due = self.oldest_due(&retention).await?;
        Ok(Kept {
            retention,
            oldest_due,
        })
    }

    /// Says how long things are kept from now on, for administrators. What is
    /// due by it goes with the next run.
    ///
    /// # Errors
    /// [`Error::AdminOnly`], [`Error::Invalid`], or a fault of ours.
    pub async fn change_retention(&self, caller: &Caller, wanted: Retention) -> Result<(), Error> {
        caller.require_admin()?;
        wanted.check()?;
        let _turn = self.turn().await;
        let mut entry = self.entry(caller, Action::RetentionChanged, Target::Instance);
        entry.after = wanted.facts();
        self.store
            .write(
                move |conn| -> Work<'_, (), Error> {
                    Box::pin(async move {
                        entry.before = retention::load(conn).await?.facts();
                        retention::save(conn, &wanted).await?;
                        Ok(audit::insert(conn, &entry).await?)
                    })
                },
                |()| {},
            )
            .await
    }

    pub(super) async fn retention(&self) -> Result<Retention, Error> {
        Ok(retention::load(&mut self.store.read().await?).await?)
    }
}
