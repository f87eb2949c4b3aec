//! The verification index: every token in memory, found by its digest.
//!
//! A check reads it and nothing else, as long as it is complete. It is updated
//! right after a change is committed and before the change is answered, so a
//! revocation that has been answered is over.

mod names;
mod shard;
mod sketch;
mod slot;

use std::{
    net::IpAddr,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
};

use jiff::Timestamp;
use parking_lot::RwLock;
use tokenry_domain::token::{Card, LastUse};
use tokenry_token::Digest;

pub(crate) use self::names::{Named, PARTS};
use self::{shard::Shard, slot::Slot};

/// Shards, each under a lock of its own.
const SHARDS: usize = 64;

/// What the index says of a digest.
#[derive(Debug)]
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
    /// The most tokens a shard holds: its part, and what chance adds to it.
    room: usize,
    /// Whether every token was put here when the authority opened.
    filled: AtomicBool,
    /// Whether a token had to go, or found no room.
    overflowed: AtomicBool,
    tokens: AtomicUsize,
}

impl Index {
    /// An empty index with room for so many tokens.
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            shards: (0..SHARDS).map(|_| RwLock::default()).collect(),
            room: room(capacity),
            filled: AtomicBool::new(false),
            overflowed: AtomicBool::new(false),
            tokens: AtomicUsize::new(0),
        }
    }

    /// Says that every token has been put here. From now on what isn't here
    /// doesn't exist, unless one had to make room, or does later.
    pub(crate) fn declare_filled(&self) {
        self.filled.store(true, Relaxed);
    }

    /// Whether every token is here.
    pub(crate) fn is_complete(&self) -> bool {
        self.filled.load(Relaxed) && !self.overflowed.load(Relaxed)
    }

    /// What is known of a digest.
    pub(crate) fn find(&self, digest: Digest) -> Found {
        let Some(shard) = self.shard(digest) else {
            return Found::Nothing;
        };
        let shard = shard.read();
        match shard.get(digest) {
            Some(slot) if slot.ask => Found::Unsure(Ticket(shard.changes)),
            Some(slot) => {
                // A token in use stays in every core's cache.
                if !slot.touched.load(Relaxed) {
                    slot.touched.store(true, Relaxed);
                }
                Found::Token(slot.card())
            }
            None if self.is_complete() => Found::Nothing,
            None => Found::Unsure(Ticket(shard.changes)),
        }
    }

    /// Puts a token here while the index is filled, before anybody else uses it.
    pub(crate) fn load(&self, digest: Digest, card: Card) {
        self.change(digest, |shard| self.put(shard, digest, card));
    }

    /// Puts a token here that the database was asked for, unless something
    /// changed since.
    pub(crate) fn fill(&self, ticket: Ticket, digest: Digest, card: Card) {
        self.change(digest, |shard| {
            if shard.changes == ticket.0 {
                if shard.get(digest).is_some_and(|slot| slot.ask) {
                    self.take(shard, digest);
                }
                self.put(shard, digest, card);
            }
        });
    }

    /// Puts a new token here, unless changes of it have been here before.
    pub(crate) fn insert(&self, digest: Digest, card: Card) {
        self.change(digest, |shard| {
            shard.changes += 1;
            // Without a mark of what came before, only the database knows.
            if self.is_complete() {
                self.put(shard, digest, card);
            }
        });
    }

    /// Marks a token revoked.
    pub(crate) fn revoke(&self, digest: Digest) {
        self.change(digest, |shard| {
            shard.changes += 1;
            match shard.get_mut(digest) {
                Some(slot) => slot.revoke(),
                None => self.mark(shard, digest),
            }
        });
    }

    /// Takes a deleted token out.
    pub(crate) fn remove(&self, digest: Digest) {
        self.change(digest, |shard| {
            shard.changes += 1;
            match shard.get(digest) {
                Some(slot) if slot.ask => {}
                Some(_) => self.take(shard, digest),
                None => self.mark(shard, digest),
            }
        });
    }

    /// Forgets what is here of a token that got another name or owner: only
    /// the database knows which of two such changes was the later one.
    pub(crate) fn doubt(&self, digest: Digest) {
        self.change(digest, |shard| {
            shard.changes += 1;
            if shard.get(digest).is_some_and(|slot| !slot.ask) {
                self.take(shard, digest);
            }
            self.mark(shard, digest);
        });
    }

    /// Remembers that changes of a token come here in another order than that
    /// of their commits, as they can on PostgreSQL: whether it is yet to be
    /// put here or was taken out before, only the database knows.
    fn mark(&self, shard: &mut Shard, digest: Digest) {
        if self.is_complete() && shard.put_new(Slot::ask(digest)) {
            self.tokens.fetch_add(1, Relaxed);
        }
    }

    fn take(&self, shard: &mut Shard, digest: Digest) {
        if shard.remove(digest) {
            self.tokens.fetch_sub(1, Relaxed);
        }
    }

    /// Records a use that was news to the card's reader; answers what is to be
    /// written, unless another use came first.
    pub(crate) fn record_use(
        &self,
        digest: Digest,
        at: Timestamp,
        address: Option<IpAddr>,
    ) -> Option<LastUse> {
        let mut shard = self.shard(digest)?.write();
        let slot = shard.get(digest).filter(|slot| !slot.ask)?;
        let mut last = slot.last_use();
        if !last.is_news(at, address) {
            return None;
        }
        last.record(at, address);
        shard.record(digest, &last);
        Some(last)
    }

    /// Forgets everything: from now on the database is asked.
    pub(crate) fn forget(&self) {
        self.overflowed.store(true, Relaxed);
        for shard in &self.shards {
            let mut shard = shard.write();
            self.tokens.fetch_sub(shard.len(), Relaxed);
            shard.forget();
        }
    }

    /// How many tokens are here, and in how many bytes.
    pub(crate) fn size(&self) -> (usize, usize) {
        let bytes = self.shards.iter().map(|shard| shard.read().bytes()).sum();
        (self.tokens.load(Relaxed), bytes)
    }

    fn put(&self, shard: &mut Shard, digest: Digest, card: Card) {
        if shard.get(digest).is_some() {
            return;
        }
        let slot = Slot::pack(digest, card).unwrap_or_else(|| Slot::ask(digest));
        if shard.len() >= self.room {
            self.overflowed.store(true, Relaxed);
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

/// A shard's part of the capacity. Digests fall on shards at random, so some
/// get more than others: five standard deviations more are no overflow yet.
const fn room(capacity: usize) -> usize {
    let part = capacity / SHARDS;
    part + 5 * part.isqrt() + 1
}

impl std::fmt::Debug for Index {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Index")
            .field("tokens", &self.tokens)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use tokenry_domain::{Kind, Scopes, TokenId, UserId};

    use super::*;

    fn card() -> Card {
        Card {
            id: TokenId::from_row(7),
            kind: Kind::Personal,
            owner: UserId::from_row(3),
            subject: None,
            name: "nightly".into(),
            description: None,
            scopes: Scopes::USER,
            created_at: Timestamp::UNIX_EPOCH,
            expires_at: None,
            revoked: false,
            last_use: LastUse::default(),
        }
    }

    fn digest(number: u16) -> Digest {
        let [high, low] = number.to_be_bytes();
        let mut bytes = [high; 32];
        // The last byte chooses the shard.
        bytes[31] = low;
        Digest::from_bytes(bytes)
    }

    fn index(capacity: usize) -> Index {
        let index = Index::new(capacity);
        index.declare_filled();
        index
    }

    fn works(index: &Index, digest: Digest) -> bool {
        matches!(index.find(digest), Found::Token(card) if !card.revoked)
    }

    #[test]
    fn in_whatever_order_changes_arrive_no_dead_token_works() {
        let insert: fn(&Index) = |index| index.insert(digest(1), card());
        let revoke: fn(&Index) = |index| index.revoke(digest(1));
        let remove: fn(&Index) = |index| index.remove(digest(1));
        for arriving in [
            vec![insert, revoke],
            vec![revoke, insert],
            vec![insert, remove],
            vec![remove, insert],
            vec![insert, revoke, remove],
            vec![insert, remove, revoke],
            vec![revoke, insert, remove],
            vec![revoke, remove, insert],
            vec![remove, insert, revoke],
            vec![remove, revoke, insert],
        ] {
            for capacity in [1_000, 1] {
                let index = index(capacity);
                for change in &arriving {
                    change(&index);
                }
                assert!(!works(&index, digest(1)));
            }
        }
    }

    #[test]
    fn a_token_issued_and_revoked_in_reverse_is_asked_for_and_then_known() {
        let index = index(1_000);
        index.revoke(digest(1));
        index.insert(digest(1), card());
        let Found::Unsure(ticket) = index.find(digest(1)) else {
            panic!("only the database knows");
        };
        let revoked = Card {
            revoked: true,
            ..card()
        };
        index.fill(ticket, digest(1), revoked);
        assert!(matches!(index.find(digest(1)), Found::Token(card) if card.revoked));
        assert_eq!(index.size().0, 1);
    }

    #[test]
    fn a_row_read_before_a_change_does_not_come_here_after_it() {
        for change in [Index::revoke as fn(&Index, Digest), Index::remove] {
            let index = Index::new(1_000);
            let Found::Unsure(ticket) = index.find(digest(1)) else {
                panic!("not all are here");
            };
            change(&index, digest(1));
            index.fill(ticket, digest(1), card());
            assert!(!works(&index, digest(1)));
        }
    }

    #[test]
    fn a_token_that_is_doubted_is_asked_for_whatever_came_before() {
        let put: fn(&Index) = |index| index.insert(digest(1), card());
        let end: fn(&Index) = |index| index.revoke(digest(1));
        for before in [vec![], vec![put], vec![put, end], vec![end]] {
            for capacity in [1_000, 1] {
                let index = index(capacity);
                for change in &before {
                    change(&index);
                }
                index.doubt(digest(1));
                let Found::Unsure(ticket) = index.find(digest(1)) else {
                    panic!("only the database knows");
                };
                index.doubt(digest(1));
                index.fill(ticket, digest(1), card());
                assert!(!works(&index, digest(1)), "read before another change");
                if let Found::Unsure(ticket) = index.find(digest(1)) {
                    index.fill(ticket, digest(1), card());
                }
                assert!(works(&index, digest(1)));
            }
        }
    }

    #[test]
    fn what_is_not_here_is_unknown_only_while_all_are_here() {
        let index = index(1);
        assert!(matches!(index.find(digest(1)), Found::Nothing));
        index.insert(digest(1), card());
        index.insert(digest(1 + 256), card());
        assert!(!index.is_complete(), "there was room for one in the shard");
        let here = [digest(1), digest(1 + 256)].map(|digest| works(&index, digest));
        assert_eq!(here.iter().filter(|here| **here).count(), 1);
        assert!(matches!(index.find(digest(2)), Found::Unsure(_)));
    }

    #[test]
    fn what_finds_no_room_while_filling_is_not_forgotten() {
        let index = Index::new(1);
        for number in 0..3 {
            index.load(digest(1 + 256 * number), card());
        }
        index.declare_filled();
        assert!(!index.is_complete());
        assert_eq!(index.size().0, 1);
    }

    #[test]
    fn what_was_here_leaves_no_bytes_behind() {
        let index = index(1_000);
        let fill = |name: &str, address| {
            for number in 0..100 {
                let card = Card {
                    name: name.into(),
                    ..card()
                };
                index.insert(digest(number), card);
                let used = index.record_use(digest(number), Timestamp::UNIX_EPOCH, address);
                assert!(used.is_some());
            }
            index.size().1
        };
        let empty = || {
            (0..100).for_each(|number| index.remove(digest(number)));
            index.size().1
        };
        // Tables and lists of free places keep the room they once took.
        fill("", None);
        let bare = empty();
        let one = fill("nightly", None);
        assert_eq!(one, bare + 100 * 16);
        assert_eq!(empty(), bare);
        let long = fill("nightly, weekly", Some([203, 0, 113, 1].into()));
        assert_eq!(long, bare + 100 * 32);
        assert_eq!(empty(), bare);
    }

    #[test]
    fn removing_what_is_not_here_takes_no_room() {
        let index = Index::new(1);
        for number in 0..1_000 {
            index.remove(digest(number));
            index.revoke(digest(number));
            index.insert(digest(number), card());
        }
        assert_eq!(index.size().0, 0);
    }
}
