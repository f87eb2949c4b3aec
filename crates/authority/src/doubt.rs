//! When nobody knows whether a commit came through, memory is read anew.

use std::{sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use tokenry_domain::settings::Settings;
use tokenry_store::{Store, StoreError, prefixes, settings, users};
use tokenry_token::Prefixes;
use tokio::time::sleep;

use crate::{Authority, authority::with_known, directory::Directory};

/// How long to wait before the database is asked again.
const PAUSE: Duration = Duration::from_millis(200);

/// What mirrors the database, beside the index.
#[derive(Clone)]
struct Mirror {
    directory: Arc<Directory>,
    settings: Arc<ArcSwap<Settings>>,
    prefixes: Arc<ArcSwap<Prefixes>>,
}

impl Authority {
    /// Tokens are asked of the database from then on, until the next start,
    /// and what is told with them when it is needed;
    /// users and settings are read again as soon as it answers.
    pub(crate) fn read_anew_on_doubt(&self) {
        let (index, beside) = (self.index.clone(), self.beside.clone());
        let mirror = Mirror {
            directory: self.directory.clone(),
            settings: self.settings.clone(),
            prefixes: self.prefixes.clone(),
        };
        self.store.on_doubt(move |store| {
            index.forget();
            beside.forget();
            tokio::spawn(mirror.clone().read_until_done(store));
        });
    }
}

impl Mirror {
    async fn read_until_done(self, store: Store) {
        while let Err(failure) = self.read(&store).await {
            tracing::warn!(%failure, "memory can't be read anew yet");
            sleep(PAUSE).await;
        }
        tracing::warn!("a commit was in doubt; users and settings were read anew");
    }

    async fn read(&self, store: &Store) -> Result<(), StoreError> {
        let mut conn = store.read().await?;
        self.directory.replace(users::all(&mut conn).await?);
        let settings = settings::load(&mut conn).await?;
        let known = prefixes::all(&mut conn).await?;
        self.prefixes.store(with_known(&settings, known).into());
        self.settings.store(settings.into());
        Ok(())
    }
}
