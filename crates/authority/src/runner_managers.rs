//! Machines that work as a runner: heard of when they show its token.
//!
//! Showing a token is a use, and uses are gathered in memory: a check never
//! writes. What a machine says of itself is more: a row of its own, that others
//! list and remove. So a contact is a change, made when there is something to
//! write ([`RunnerManager::after`]), and answered when that is on disk.

use tokenry_domain::{
    HolderId,
    audit::{Action, Entry, Origin, Target, runner_manager_facts},
    holder::HolderKind,
    runner_manager::{Contact, MOST, RunnerManager, check_system_id},
};
use tokenry_store::{Conn, StoreError, Work, audit, runner_managers};

use crate::{
    Authority, Caller, Error, Thing,
    holders::{Equipped, Presented, WantedHolder, manageable},
};

const RUNNER: HolderKind = HolderKind::Runner;

impl Authority {
    /// Makes a runner that registers itself, with its token, and its first
    /// manager if that says who it is.
    ///
    /// # Errors
    /// As [`Authority::create_holder`].
    pub async fn register_runner(
        &self,
        caller: &Caller,
        wanted: WantedHolder,
        contact: Option<Contact>,
    ) -> Result<Equipped, Error> {
        contact.as_ref().map_or(Ok(()), Contact::check)?;
        self.create_equipped(caller, wanted, contact).await
    }

    /// The runner whose token has this text; it hears of the machine that shows
    /// it, if that says who it is.
    ///
    /// # Errors
    /// As [`Authority::present_holder`], [`Error::Invalid`] for what no machine
    /// may say, [`Error::NotFound`] for a runner that goes meanwhile.
    pub async fn verify_runner(
        &self,
        token: &str,
        contact: Option<Contact>,
        origin: &Origin,
    ) -> Result<Presented, Error> {
        let shown = self.present_holder(RUNNER, token, origin).await?;
        if let Some(contact) = contact {
            contact.check()?;
            self.note_contact(&shown, contact, origin).await?;
        }
        Ok(shown)
    }

    async fn note_contact(
        &self,
        shown: &Presented,
        contact: Contact,
        origin: &Origin,
    ) -> Result<(), Error> {
        let runner = shown.holder.id;
        let mut conn = self.store.read().await?;
        let known = runner_managers::find(&mut conn, runner, &contact.system_id).await?;
        drop(conn);
        if known.is_some_and(|known| known.after(&contact, self.now()).is_none()) {
            return Ok(());
        }
        let caller = shown.caller(origin.clone());
        let target = Target::Holder(RUNNER, runner);
        let entry = self.entry(&caller, Action::RunnerManagerAdded, target);
        self.store
            .write(
                move |conn| -> Work<'_, (), Error> {
                    Box::pin(async move {
                        manageable(conn, &caller, RUNNER, runner, entry.at).await?;
                        Ok(take_over(conn, runner, &contact, entry).await?)
                    })
                },
                |()| {},
            )
            .await
    }

    /// The managers of a runner, the oldest first, for those who see it.
    ///
    /// # Errors
    /// As [`Authority::show_holder`].
    pub async fn runner_managers(
        &self,
        caller: &Caller,
        runner: HolderId,
    ) -> Result<Vec<RunnerManager>, Error> {
        self.show_holder(caller, RUNNER, runner).await?;
        Ok(runner_managers::of(&mut self.store.read().await?, [runner]).await?)
    }

    /// Removes one of the managers of the runner whose token has this text. It
    /// comes back when it shows the token again.
    ///
    /// # Errors
    /// As [`Authority::verify_runner`], and [`Error::NotFound`] for a manager
    /// that the runner hasn't.
    pub async fn remove_runner_manager(
        &self,
        token: &str,
        system_id: String,
        origin: &Origin,
    ) -> Result<(), Error> {
        let shown = self.present_holder(RUNNER, token, origin).await?;
        check_system_id(&system_id)?;
        let runner = shown.holder.id;
        let caller = shown.caller(origin.clone());
        let target = Target::Holder(RUNNER, runner);
        let mut entry = self.entry(&caller, Action::RunnerManagerRemoved, target);
        self.store
            .write(
                move |conn| -> Work<'_, (), Error> {
                    Box::pin(async move {
                        manageable(conn, &caller, RUNNER, runner, entry.at).await?;
                        let manager = runner_managers::find(conn, runner, &system_id).await?;
                        let manager = manager.ok_or(Error::NotFound(Thing::RunnerManager))?;
                        runner_managers::delete(conn, manager.id).await?;
                        entry.before = runner_manager_facts(&manager);
                        Ok(audit::insert(conn, &entry).await?)
                    })
                },
                |()| {},
            )
            .await
    }
}

/// Takes over what a machine says, in a transaction that holds its runner.
async fn take_over(
    conn: &mut Conn,
    runner: HolderId,
    contact: &Contact,
    mut entry: Entry,
) -> Result<(), StoreError> {
    let Some(before) = runner_managers::find(conn, runner, &contact.system_id).await? else {
        if let Some(gone) = make_room(conn, runner).await? {
            entry.before = runner_manager_facts(&gone);
        }
        let manager = runner_managers::insert(conn, runner, contact, entry.at).await?;
        entry.after = runner_manager_facts(&manager);
        return audit::insert(conn, &entry).await;
    };
    // Another may have told the same meanwhile.
    let Some(after) = before.after(contact, entry.at) else {
        return Ok(());
    };
    runner_managers::update(conn, &after).await?;
    // That a machine has the token, and what it runs, is for the trail. When it
    // was there again, and from where, isn't: like the last use of a token, it
    // would drown what people do.
    if after.said.program != before.said.program {
        entry.action = Action::RunnerManagerChanged;
        entry.before = runner_manager_facts(&before);
        entry.after = runner_manager_facts(&after);
        audit::insert(conn, &entry).await?;
    }
    Ok(())
}

/// Removes the manager that was heard of the longest ago, where a runner has as
/// many as it may have. To refuse the new one would shut out a machine that is
/// there for one that may be gone.
async fn make_room(conn: &mut Conn, runner: HolderId) -> Result<Option<RunnerManager>, StoreError> {
    let managers = runner_managers::of(conn, [runner]).await?;
    if managers.len() < MOST {
        return Ok(None);
    }
    let oldest = managers.into_iter().min_by_key(|one| one.contacted_at);
    if let Some(oldest) = &oldest {
        runner_managers::delete(conn, oldest.id).await?;
    }
    Ok(oldest)
}
