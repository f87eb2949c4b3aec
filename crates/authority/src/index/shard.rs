//! A part of the index: a table from digests to places, and the places.
//!
//! The table holds 4-byte places rather than the slots themselves: hash tables
//! keep up to half their room empty, and 4 empty bytes cost less than 88.

use std::sync::atomic::Ordering::Relaxed;

use hashbrown::{HashTable, hash_table::Entry};
use tokenry_domain::token::LastUse;
use tokenry_token::Digest;

use super::{
    sketch::{Pattern, Sketch},
    slot::Slot,
};

/// Slots are allocated this many at a time, so that growing never copies or
/// doubles them.
const CHUNK: usize = 128;
/// Sketches looked at together.
const BLOCK: usize = 16;

#[derive(Default)]
pub(super) struct Shard {
    table: HashTable<u32>,
    chunks: Vec<Vec<Slot>>,
    /// One of each place. They lie together, apart from the slots: a search
    /// reads all of them and few slots.
    sketches: Vec<[Sketch; BLOCK]>,
    free: Vec<u32>,
    /// Bytes outside the slots. Counting them anew takes a tenth of a second
    /// for ten million.
    rest: usize,
    /// Counts changes, so that a row read from the database before a change
    /// isn't put here after it.
    pub(super) changes: u64,
    hand: u32,
}

impl Shard {
    pub(super) fn len(&self) -> usize {
        self.table.len()
    }

    pub(super) fn get(&self, digest: Digest) -> Option<&Slot> {
        let place = self
            .table
            .find(hash(digest), |place| self.holds(*place, digest))?;
        self.slot(*place)
    }

    pub(super) fn get_mut(&mut self, digest: Digest) -> Option<&mut Slot> {
        let place = *self
            .table
            .find(hash(digest), |place| self.holds(*place, digest))?;
        let (chunk, offset) = split(place);
        self.chunks.get_mut(chunk)?.get_mut(offset)
    }

    /// Puts a slot where none is; answers whether it did.
    pub(super) fn put_new(&mut self, slot: Slot) -> bool {
        if self.get(slot.digest).is_some() {
            return false;
        }
        let digest = slot.digest;
        let place = self.store(slot);
        let chunks = &self.chunks;
        self.table
            .insert_unique(hash(digest), place, |place| rehash(chunks, *place));
        true
    }

    /// Takes a slot out; answers whether it was there.
    pub(super) fn remove(&mut self, digest: Digest) -> bool {
        let chunks = &self.chunks;
        let found = self.table.entry(
            hash(digest),
            |place| slot(chunks, *place).is_some_and(|slot| slot.digest == digest),
            |place| rehash(chunks, *place),
        );
        let Entry::Occupied(entry) = found else {
            return false;
        };
        let (place, _) = entry.remove();
        self.put_back(place);
        true
    }

    /// Forgets every slot, and that is a change.
    pub(super) fn forget(&mut self) {
        *self = Self {
            changes: self.changes + 1,
            ..Self::default()
        };
    }

    /// Makes room: takes out the first slot that nobody looked at since the
    /// hand passed it last. Answers whether there was one.
    pub(super) fn evict(&mut self) -> bool {
        let places =
            u32::try_from(self.chunks.iter().map(Vec::len).sum::<usize>()).unwrap_or(u32::MAX);
        // Two rounds: the first may find every slot touched, and clears that.
        for _ in 0..places.saturating_mul(2) {
            self.hand = (self.hand + 1) % places.max(1);
            let Some(slot) = self
                .slot(self.hand)
                .filter(|slot| self.is_at(slot.digest, self.hand))
            else {
                continue;
            };
            if !slot.touched.swap(false, Relaxed) {
                let digest = slot.digest;
                return self.remove(digest);
            }
        }
        false
    }

    /// How many blocks of sketches there are.
    pub(super) fn blocks(&self) -> usize {
        self.sketches.len()
    }

    /// The slots that a pattern may mean, of so many blocks from one on. A slot
    /// stays in its block until it is taken out.
    pub(super) fn like(
        &self,
        from: usize,
        most: usize,
        pattern: Pattern,
    ) -> impl Iterator<Item = &Slot> {
        // A block is ruled out in a few steps of a processor that does several
        // at once, as long as no step waits for another's answer.
        let any = move |block: &[Sketch; BLOCK]| {
            let each = block.iter().map(|own| u32::from(pattern.may_mean(*own)));
            each.sum::<u32>() > 0
        };
        let blocks = self.sketches.iter().enumerate().skip(from).take(most);
        blocks
            .filter(move |(_, block)| any(block))
            .flat_map(|(number, block)| (number * BLOCK..).zip(block))
            .filter(move |(_, own)| pattern.may_mean(**own))
            .filter_map(|(number, _)| self.slot(place(number)))
    }

    /// Records a use of a token that is here.
    pub(super) fn record(&mut self, digest: Digest, last: &LastUse) {
        let mut grown = (0, 0);
        if let Some(slot) = self.get_mut(digest) {
            let before = rest(slot);
            slot.record(last);
            grown = (before, rest(slot));
        }
        self.rest = self.rest + grown.1 - grown.0;
    }

    /// Bytes of memory, as far as a program can tell its own.
    pub(super) fn bytes(&self) -> usize {
        self.table.allocation_size()
            + self.chunks.len() * CHUNK * size_of::<Slot>()
            + self.sketches.capacity() * size_of::<[Sketch; BLOCK]>()
            + self.rest
            + self.free.capacity() * size_of::<u32>()
    }

    fn is_at(&self, digest: Digest, place: u32) -> bool {
        self.table
            .find(hash(digest), |found| *found == place)
            .is_some()
    }

    fn holds(&self, place: u32, digest: Digest) -> bool {
        self.slot(place).is_some_and(|slot| slot.digest == digest)
    }

    fn slot(&self, place: u32) -> Option<&Slot> {
        slot(&self.chunks, place)
    }

    fn store(&mut self, slot: Slot) -> u32 {
        if let Some(place) = self.free.pop() {
            self.overwrite(place, slot.sketch(), slot);
            return place;
        }
        let sketch = slot.sketch();
        self.rest += rest(&slot);
        let full = self.chunks.last().is_none_or(|chunk| chunk.len() >= CHUNK);
        if full {
            self.chunks.push(Vec::with_capacity(CHUNK));
        }
        let mut next = self.chunks.len().saturating_sub(1) * CHUNK;
        if let Some(chunk) = self.chunks.last_mut() {
            next += chunk.len();
            chunk.push(slot);
        }
        self.note(place(next), sketch);
        place(next)
    }

    /// Notes what is in a place now.
    fn note(&mut self, place: u32, sketch: Sketch) {
        let (block, offset) = (place as usize / BLOCK, place as usize % BLOCK);
        let blocks = self.sketches.len();
        if block == blocks {
            if blocks == self.sketches.capacity() {
                // Doubling would leave half of it empty.
                self.sketches.reserve_exact(blocks / 8 + 1);
            }
            self.sketches.push([Sketch::NONE; BLOCK]);
        }
        let block = self.sketches.get_mut(block);
        if let Some(old) = block.and_then(|block| block.get_mut(offset)) {
            *old = sketch;
        }
    }

    /// The slot's texts go at once; the slot itself waits to be used again.
    fn put_back(&mut self, place: u32) {
        if let Some(digest) = self.slot(place).map(|slot| slot.digest) {
            self.overwrite(place, Sketch::NONE, Slot::ask(digest));
        }
        self.free.push(place);
    }

    fn overwrite(&mut self, place: u32, sketch: Sketch, slot: Slot) {
        let (chunk, offset) = split(place);
        let chunk = self.chunks.get_mut(chunk);
        if let Some(old) = chunk.and_then(|chunk| chunk.get_mut(offset)) {
            self.rest = self.rest + rest(&slot) - rest(old);
            *old = slot;
        }
        self.note(place, sketch);
    }
}

/// Bytes of memory that a slot has elsewhere, as they are allocated.
const fn rest(slot: &Slot) -> usize {
    slot.rest_bytes().next_multiple_of(16)
}

/// A shard holds fewer than 2^32 slots: 400 GB of them.
fn place(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn split(place: u32) -> (usize, usize) {
    (place as usize / CHUNK, place as usize % CHUNK)
}

fn slot(chunks: &[Vec<Slot>], place: u32) -> Option<&Slot> {
    let (chunk, offset) = split(place);
    chunks.get(chunk)?.get(offset)
}

fn rehash(chunks: &[Vec<Slot>], place: u32) -> u64 {
    slot(chunks, place).map_or(0, |slot| hash(slot.digest))
}

/// A digest is random already: eight bytes of it are the hash. The index
/// chooses the shard by another byte.
fn hash(digest: Digest) -> u64 {
    let first = digest.as_bytes().first_chunk();
    first.map_or(0, |bytes| u64::from_le_bytes(*bytes))
}
