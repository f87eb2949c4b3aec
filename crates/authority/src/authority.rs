//! The authority: the open store, what mirrors it in memory, and the keys.

use std::sync::Arc;

use arc_swap::ArcSwap;
use jiff::{SignedDuration, Timestamp};
use tokenry_domain::{
    audit::{Action, Entry, Target},
    settings::Settings,
};
use tokenry_store::{Store, prefixes, settings, token_walk::STRIDE, users};
use tokenry_token::{KeyRing, Prefix, Prefixes};
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::{
    Caller, Error,
    beside::Beside,
    directory::Directory,
    guesses::Guesses,
    index::Index,
    last_used::LastUsed,
    password::Passwords,
    purges::Purges,
    retention::Retaining,
    surroundings::{Clock, Entropy},
};

/// What is settled before the authority opens.
#[derive(Debug, Clone)]
pub struct Options {
    /// The most tokens kept in memory, about 130 bytes each; the rows kept
    /// beside them follow from it.
    pub index_capacity: usize,
    /// Unknown tokens allowed from one address in a minute.
    pub unknown_per_minute: u32,
    /// Wrong passwords allowed from one address in a minute.
    pub wrong_passwords_per_minute: u32,
    /// Whether impersonation tokens work.
    pub impersonation: bool,
    /// The most tokens that a purge deletes in one transaction, for which
    /// others who write wait.
    pub purge_chunk: u32,
    /// The most rows looked at for one part of a list that few of them may
    /// belong to.
    pub stride: u64,
    /// How long a list is looked through, stride by stride, for one answer.
    pub patience: SignedDuration,
    /// The number of this cell of the organisation's instances, if it has
    /// several; goes into token texts.
    pub cell: Option<u64>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            index_capacity: 8_000_000,
            unknown_per_minute: 600,
            wrong_passwords_per_minute: 10,
            impersonation: true,
            purge_chunk: 500,
            stride: STRIDE,
            patience: SignedDuration::from_secs(5),
            cell: None,
        }
    }
}

/// Everything the use cases need. Shared by all faces.
#[derive(Debug)]
pub struct Authority {
    pub(crate) store: Store,
    pub(crate) keys: Arc<ArcSwap<KeyRing>>,
    pub(crate) index: Arc<Index>,
    pub(crate) directory: Arc<Directory>,
    pub(crate) beside: Arc<Beside>,
    pub(crate) settings: Arc<ArcSwap<Settings>>,
    pub(crate) prefixes: Arc<ArcSwap<Prefixes>>,
    pub(crate) last_used: Arc<LastUsed>,
    pub(crate) purges: Arc<Purges>,
    pub(crate) retaining: Retaining,
    pub(crate) guesses: Guesses,
    pub(crate) passwords: Passwords,
    /// Wrong passwords, by address.
    pub(crate) wrong_passwords: Guesses,
    pub(crate) options: Options,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    /// Held through changes of users, settings and keys, so that memory takes
    /// them over in the order of their commits.
    turn: Arc<Mutex<()>>,
}

impl Authority {
    /// Opens the authority over a store: checks the keys and fills memory.
    ///
    /// # Errors
    /// [`Error::Store`] of the engine, or because the keys aren't those the
    /// database's tokens were made with.
    pub async fn open(
        store: Store,
        keys: KeyRing,
        options: Options,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, Error> {
        let mut conn = store.read().await?;
        let settings = settings::load(&mut conn).await?;
        let known = prefixes::all(&mut conn).await?;
        let directory = Directory::new(users::all(&mut conn).await?);
        drop(conn);
        let authority = Self {
            index: Arc::new(Index::new(options.index_capacity)),
            directory: Arc::new(directory),
            beside: Arc::new(Beside::new(options.index_capacity)),
            prefixes: Arc::new(ArcSwap::from_pointee(with_known(&settings, known))),
            settings: Arc::new(ArcSwap::from_pointee(settings)),
            keys: Arc::new(ArcSwap::from_pointee(keys)),
            last_used: Arc::default(),
            purges: Arc::default(),
            retaining: Retaining::default(),
            guesses: Guesses::new(options.unknown_per_minute),
            passwords: Passwords::default(),
            wrong_passwords: Guesses::new(options.wrong_passwords_per_minute),
            turn: Arc::default(),
            store,
            options,
            clock,
            entropy,
        };
        authority.check_keys().await?;
        authority.fill().await?;
        authority.read_anew_on_doubt();
        Ok(authority)
    }

    /// Ends when another server may have the database; then this one must stop.
    pub async fn claim_lost(&self) {
        self.store.lost().await;
    }

    /// The present moment.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Random bytes.
    ///
    /// # Errors
    /// [`Error::Entropy`] if the system has none.
    pub fn random<const N: usize>(&self) -> Result<[u8; N], Error> {
        let mut bytes = [0; N];
        self.entropy.fill(&mut bytes)?;
        Ok(bytes)
    }

    /// The settings in force.
    #[must_use]
    pub fn settings(&self) -> Arc<Settings> {
        self.settings.load_full()
    }

    /// How many tokens the index holds, in how many bytes, and whether these
    /// are all.
    #[must_use]
    pub fn index_size(&self) -> (usize, usize, bool) {
        let (tokens, bytes) = self.index.size();
        (tokens, bytes, self.index.is_complete())
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// [`Error::Store`] if it doesn't.
    pub async fn ready(&self) -> Result<(), Error> {
        Ok(self.store.ping().await?)
    }

    /// Writes what is only in memory and closes the store.
    ///
    /// # Errors
    /// [`Error::Store`] if the last uses couldn't be written.
    pub async fn close(&self) -> Result<(), Error> {
        let flushed = self.flush_last_uses().await;
        self.store.close().await;
        flushed
    }

    /// Waits for one's turn to change users, settings or keys. Whatever is done
    /// after the commit takes the guard along, since the change goes on when
    /// the caller goes away.
    pub(crate) async fn turn(&self) -> Turn {
        Turn(self.turn.clone().lock_owned().await)
    }

    /// The start of an audit entry; its facts are filled in by the use case.
    pub(crate) fn entry(&self, caller: &Caller, action: Action, target: Target) -> Entry {
        Entry {
            at: self.now(),
            action,
            actor: caller.actor(),
            origin: caller.origin().clone(),
            target,
            reason: caller.reason().cloned(),
            before: serde_json::Value::Null,
            after: serde_json::Value::Null,
        }
    }
}

/// The turn to change users, settings or keys; ends when it is dropped.
pub(crate) struct Turn(#[expect(dead_code, reason = "it is held, not used")] OwnedMutexGuard<()>);

/// The prefixes remembered and those the settings make known.
pub(crate) fn with_known(settings: &Settings, known: Vec<Prefix>) -> Prefixes {
    Prefixes::new(known.into_iter().chain(settings.prefixes()))
}
