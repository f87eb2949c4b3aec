//! Changing a holder.

use tokenry_domain::{
    HolderId,
    audit::{Action, Target, holder_facts},
    holder::{Details, Holder, HolderKind},
};
use tokenry_store::{Work, audit, holders};

use super::rights::manageable;
use crate::{Authority, Caller, Error, Thing};

impl Authority {
    /// Changes a holder's name and details, for those who may manage it. Where
    /// nothing changes, nothing is written.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::RoleTooLow`], [`Error::AdminOnly`],
    /// [`Error::NotPermitted`], [`Error::Invalid`], or a fault of ours.
    pub async fn update_holder(
        &self,
        caller: &Caller,
        kind: HolderKind,
        id: HolderId,
        edit: impl FnOnce(&mut String, &mut Details) + Send + 'static,
    ) -> Result<Holder, Error> {
        let mut entry = self.entry(caller, Action::HolderUpdated, Target::Holder(kind, id));
        let (caller, beside) = (caller.clone(), self.beside.clone());
        self.store
            .write(
                move |conn| -> Work<'_, Holder, Error> {
                    Box::pin(async move {
                        let before = manageable(conn, &caller, kind, id, entry.at).await?;
                        let mut after = before.clone();
                        edit(&mut after.name, &mut after.details);
                        after.details.check(&after.name)?;
                        if after == before {
                            return Ok(before);
                        }
                        after.updated_at = entry.at;
                        if !holders::update(conn, &after, entry.at).await? {
                            return Err(Error::NotFound(Thing::Holder(kind)));
                        }
                        entry.before = holder_facts(&before);
                        entry.after = holder_facts(&after);
                        audit::insert(conn, &entry).await?;
                        Ok(after)
                    })
                },
                move |holder| beside.holders.forget(holder.id),
            )
            .await
    }
}
