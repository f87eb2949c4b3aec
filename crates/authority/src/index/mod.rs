//! The verification index: every token in memory, found by its digest.
//!
//! A check reads it and nothing else, as long as it is complete. It is updated
//! right after a change is committed and before the change is answered, so a
//! revocation that has been answered is over.

mod shard;
mod slot;

use std::{
    hash::{BuildHasher, RandomState},
    net::IpAddr,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
};

use jiff::Timestamp;
use parking_lot::RwLock;
use tokenry_domain::token::{Card, LastUse};
use tokenry_token::Digest;

use self::{shard::Shard, slot::Slot};

/// Shards, each under a lock of its own.
const SHARDS: usize = 64;

/// What the index says of a digest.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "a box would cost an allocation on every check"
)]
pub(crate) enum Found {
    /// This token.
    Token(Card),
    /// No such token was issued, or it was deleted.
    Nothing,
    /// The index doesn't hold every token; the database may know it. The
    /// ticket belongs to [`Index::fill`].
    Unsure(Ticket),
}

/// How far a shard's changes had come when the database was asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ticket(u64);

/// Every token, or as many as there is room for.
pub(crate) struct Index {
    shards: Vec<RwLock<Shard>>,
    /// The most tokens a shard holds.
    room: usize,
    complete: AtomicBool,
    tokens: AtomicUsize,
    /// Turns addresses into numbers that differ by process.
    addresses: RandomState,
    /// Uses of a token are recorded at most this often, in microseconds.
    interval: i64,
}

impl Index {
    /// An empty index with room for so many tokens.
    pub(crate) fn new(capacity: usize, interval: i64) -> Self {
        Self {
            shards: (0..SHARDS).map(|_| RwLock::default()).collect(),
            room: (capacity / SHARDS).max(1),
            complete: AtomicBool::new(false),
            tokens: AtomicUsize::new(0),
            addresses: RandomState::new(),
            interval,
        }
    }

    /// Says that every token has been put here. From now on what isn't here
    /// doesn't exist, until the first eviction.
    pub(crate) fn declare_complete(&self) {
        self.complete.store(true, Relaxed);
    }

    /// Whether every token is here.
    pub(crate) fn is_complete(&self) -> bool {
        self.complete.load(Relaxed)
    }

    /// What is known of a digest.
    pub(crate) fn find(&self, digest: Digest) -> Found {
        let Some(shard) = self.shard(digest) else {
            return Found::Nothing;
        };
        let shard = shard.read();
        match shard.get(digest) {
            Some(slot) if slot.deleted => Found::Nothing,
            Some(slot) => {
                slot.touched.store(true, Relaxed);
                Found::Token(slot.card())
            }
            None if self.is_complete() => Found::Nothing,
            None => Found::Unsure(Ticket(shard.changes)),
        }
    }

    /// Puts a token here that the database was asked for, unless something
    /// changed since.
    pub(crate) fn fill(&self, ticket: Ticket, digest: Digest, card: Card) {
        self.change(digest, |shard| {
            if shard.changes == ticket.0 {
                self.put(shard, digest, card);
            }
        });
    }

    /// Puts a new token here.
    pub(crate) fn insert(&self, digest: Digest, card: Card) {
        self.change(digest, |shard| {
            shard.changes += 1;
            self.put(shard, digest, card);
        });
    }

    /// Marks a token revoked, putting it here if it isn't: a slower change
    /// that issued it must not bring it to life afterwards.
    pub(crate) fn revoke(&self, digest: Digest, card: Card) {
        self.change(digest, |shard| {
            shard.changes += 1;
            match shard.get_mut(digest) {
                Some(slot) => slot.revoke(),
                None => self.put(
                    shard,
                    digest,
                    Card {
                        revoked: true,
                        ..card
                    },
                ),
            }
        });
    }

    /// Takes a deleted token out; one that hasn't come here yet is marked, so
    /// that it can't.
    pub(crate) fn remove(&self, digest: Digest) {
        self.change(digest, |shard| {
            shard.changes += 1;
            if shard.remove(digest) {
                self.tokens.fetch_sub(1, Relaxed);
            } else if shard.put_new(Slot::tombstone(digest)) {
                self.tokens.fetch_add(1, Relaxed);
            }
        });
    }

    /// Records a use; answers what is to be written if it is news.
    pub(crate) fn record_use(
        &self,
        digest: Digest,
        at: Timestamp,
        address: Option<IpAddr>,
    ) -> Option<LastUse> {
        let number = address.map_or(0, |address| truncate(self.addresses.hash_one(address)));
        let shard = self.shard(digest)?;
        if !shard.read().get(digest)?.is_news(at, number, self.interval) {
            return None;
        }
        let mut shard = shard.write();
        let slot = shard.get_mut(digest)?;
        let mut last = slot.card().last_use;
        last.record(at, address);
        slot.record(&last, number);
        Some(last)
    }

    /// How many tokens are here, and in how many bytes.
    pub(crate) fn size(&self) -> (usize, usize) {
        let bytes = self.shards.iter().map(|shard| shard.read().bytes()).sum();
        (self.tokens.load(Relaxed), bytes)
    }

    fn put(&self, shard: &mut Shard, digest: Digest, card: Card) {
        let Some(slot) = Slot::pack(digest, card) else {
            self.complete.store(false, Relaxed);
            return;
        };
        if shard.len() >= self.room {
            self.complete.store(false, Relaxed);
            if shard.evict() {
                self.tokens.fetch_sub(1, Relaxed);
            }
        }
        if shard.put_new(slot) {
            self.tokens.fetch_add(1, Relaxed);
        }
    }

    fn change(&self, digest: Digest, apply: impl FnOnce(&mut Shard)) {
        if let Some(shard) = self.shard(digest) {
            apply(&mut shard.write());
        }
    }

    fn shard(&self, digest: Digest) -> Option<&RwLock<Shard>> {
        let [.., last] = *digest.as_bytes();
        self.shards.get(usize::from(last) % SHARDS)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "half of a hash is a hash")]
const fn truncate(hash: u64) -> u32 {
    hash as u32
}

impl std::fmt::Debug for Index {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Index")
            .field("tokens", &self.tokens)
            .finish_non_exhaustive()
    }
}
