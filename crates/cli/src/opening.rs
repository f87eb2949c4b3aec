//! From a data directory to an open authority: what a server does when it
//! starts, and the console when no server runs.

use std::{sync::Arc, time::Duration};

use rustix::fs::Mode;
use tokenry_authority::{Authority, Entropy, Options, SystemClock, SystemEntropy};
use tokenry_store::{Store, StoreError, digest_keys};
use tokenry_token::KeyRing;
use tokio::time::{Instant, sleep};

use crate::{
    data_dir::{DirLock, KeysFile},
    exit::Failure,
    settings::Whereabouts,
};

/// How long to wait for a database that another process has.
const PATIENCE: Duration = Duration::from_secs(3);
/// How often to look.
const INTERVAL: Duration = Duration::from_millis(100);

/// An authority that nobody else has open.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) authority: Arc<Authority>,
    pub(crate) keys: KeysFile,
    /// Held as long as the store is open.
    pub(crate) lock: DirLock,
}

/// Whatever this process creates is its owner's alone: the database and its
/// companions as well as our own files. To be called before any thread starts.
pub(crate) fn keep_files_private() {
    rustix::process::umask(Mode::RWXG | Mode::RWXO);
}

/// Opens store and authority. Without keys, the first ones are made, unless
/// the database has tokens made with others.
pub(crate) async fn open(
    place: &Whereabouts,
    options: Options,
    lock: DirLock,
) -> Result<Opened, Failure> {
    let store = open_store(place).await?;
    let keys = place.dir.keys();
    let entropy = Arc::new(SystemEntropy);
    let ring = match keys.read()? {
        Some(ring) => ring,
        None => first_keys(&store, &keys, &*entropy).await?,
    };
    let authority = Authority::open(store, ring, options, Arc::new(SystemClock), entropy)
        .await
        .map_err(|error| match error {
            tokenry_authority::Error::Store(error) => unopened(&error),
            other => other.into(),
        })?;
    Ok(Opened {
        authority: Arc::new(authority),
        keys,
        lock,
    })
}

/// Opens the store, which claims it for this process. A server that was killed
/// a moment ago may not have been noticed yet.
async fn open_store(place: &Whereabouts) -> Result<Store, Failure> {
    let start = Instant::now();
    loop {
        match Store::open(&place.location).await {
            Err(StoreError::InUse) if start.elapsed() < PATIENCE => sleep(INTERVAL).await,
            opened => return opened.map_err(|error| unopened(&error)),
        }
    }
}

async fn first_keys(
    store: &Store,
    keys: &KeysFile,
    entropy: &dyn Entropy,
) -> Result<KeyRing, Failure> {
    let mut conn = store.read().await.map_err(|error| unopened(&error))?;
    let known = digest_keys::all(&mut conn)
        .await
        .map_err(|error| unopened(&error))?;
    if known.is_empty() {
        return keys.create(entropy);
    }
    Err(Failure::unavailable(
        "keys_missing",
        "the data directory has no file of keys, and the database's tokens were made with some; \
         put the file `keys` that belongs to this database back",
    ))
}

fn unopened(error: &StoreError) -> Failure {
    let code = match error {
        StoreError::InUse => "in_use",
        StoreError::WrongKey(_) => "wrong_key",
        StoreError::Migration(_) => "wrong_version",
        _ => "store_unreachable",
    };
    Failure::unavailable(code, error.to_string())
}
