//! Filing a purge, looking at it, and stopping it.

use std::collections::BTreeSet;

use tokenry_domain::{
    OwnerState, Purge, PurgeId,
    audit::{Action, Target},
    page::{Page, Window},
    purge::{NewPurge, Outcome},
};
use tokenry_store::{Work, audit, purges};

use crate::{
    Authority, Caller, Error, Thing,
    tokens::{check_search, check_window},
};

impl Authority {
    /// Files a purge, for administrators. It is on disk when this answers; the
    /// runner comes to it when those before it are done.
    ///
    /// # Errors
    /// [`Error::AdminOnly`], [`Error::Invalid`] for a filter without a condition,
    /// or a fault of ours.
    pub async fn file_purge(&self, caller: &Caller, wanted: NewPurge) -> Result<Purge, Error> {
        caller.require_admin()?;
        wanted.check()?;
        check_search(wanted.filter.words.iter().map(String::as_str))?;
        // States of use are judged as they are at this moment.
        self.flush_last_uses().await?;
        let asked = &wanted.filter.owner_states;
        let owners = (!asked.is_empty()).then(|| {
            let all = self.directory.all().into_iter();
            let within = all.filter(|user| asked.contains(&OwnerState::of(user)));
            within.map(|user| user.id).collect::<BTreeSet<_>>()
        });
        let mut entry = self.entry(caller, Action::PurgeFiled, Target::Instance);
        entry.reason.clone_from(&wanted.reason);
        let work = self.purges.clone();
        self.store
            .write(
                move |conn| -> Work<'_, Purge, Error> {
                    Box::pin(async move {
                        let (by, request) = (&entry.actor, &entry.origin.request_id);
                        let owners = owners.as_ref();
                        let filed = purges::insert(conn, &wanted, by, request, owners, entry.at);
                        let purge = filed.await?;
                        entry.target = Target::Purge(purge.id);
                        entry.after = purge.facts();
                        audit::insert(conn, &entry).await?;
                        Ok(purge)
                    })
                },
                move |_| work.filed.notify_one(),
            )
            .await
    }

    /// A purge, for administrators.
    ///
    /// # Errors
    /// [`Error::AdminOnly`], [`Error::NotFound`], or a fault of ours.
    pub async fn show_purge(&self, caller: &Caller, id: PurgeId) -> Result<Purge, Error> {
        caller.require_admin()?;
        let purge = purges::by_id(&mut self.store.read().await?, id).await?;
        purge.ok_or(Error::NotFound(Thing::Purge))
    }

    /// One window of the purges, the newest first, for administrators.
    ///
    /// # Errors
    /// [`Error::AdminOnly`], [`Error::Cursor`], or a fault of ours.
    pub async fn list_purges(
        &self,
        caller: &Caller,
        window: &Window,
    ) -> Result<Page<Purge>, Error> {
        caller.require_admin()?;
        check_window(window, false)?;
        Ok(purges::page(&mut self.store.read().await?, window).await?)
    }

    /// Stops a purge, for administrators. What it deleted stays deleted; from
    /// the moment this answers, it deletes nothing more.
    ///
    /// # Errors
    /// [`Error::AdminOnly`], [`Error::NotFound`], [`Error::PurgeEnded`], or a
    /// fault of ours.
    pub async fn cancel_purge(&self, caller: &Caller, id: PurgeId) -> Result<Purge, Error> {
        caller.require_admin()?;
        let entry = self.entry(caller, Action::PurgeCancelled, Target::Purge(id));
        self.end_purge(entry, id, Outcome::Cancelled).await
    }
}
