//! The instance's settings: read by administrators, changed by them.

use tokenry_domain::{
    audit::{Action, Target, settings_facts},
    settings::{Settings, SettingsChange},
};
use tokenry_store::{Work, audit, prefixes, settings};

use crate::{Authority, Caller, Error, authority::with_known};

impl Authority {
    /// The settings in force, for administrators.
    ///
    /// # Errors
    /// [`Error::AdminOnly`].
    pub fn show_settings(&self, caller: &Caller) -> Result<Settings, Error> {
        caller.require_admin()?;
        Ok(Settings::clone(&self.settings()))
    }

    /// Changes settings. A new prefix is remembered for good, so tokens issued
    /// under it are recognised after the next change too.
    ///
    /// # Errors
    /// [`Error::AdminOnly`], [`Error::Invalid`], or a fault of ours.
    pub async fn change_settings(
        &self,
        caller: &Caller,
        change: SettingsChange,
    ) -> Result<Settings, Error> {
        caller.require_admin()?;
        let turn = self.turn().await;
        let before = self.settings();
        let next = before.changed(change)?;
        let mut entry = self.entry(caller, Action::SettingsChanged, Target::Instance);
        entry.before = settings_facts(&before);
        entry.after = settings_facts(&next);
        let (in_force, known) = (self.settings.clone(), self.prefixes.clone());
        self.store
            .write(
                move |conn| -> Work<'_, _, Error> {
                    Box::pin(async move {
                        settings::save(conn, &next).await?;
                        prefixes::remember(conn, &next.prefixes(), entry.at).await?;
                        audit::insert(conn, &entry).await?;
                        Ok((prefixes::all(conn).await?, next))
                    })
                },
                move |(remembered, next)| {
                    let _turn = turn;
                    known.store(with_known(next, remembered.clone()).into());
                    in_force.store(next.clone().into());
                },
            )
            .await
            .map(|(_, next)| next)
    }
}
