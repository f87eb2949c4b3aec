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

/// Slots, and beside them the sketches of their names: a search reads these
/// and passes most slots over.
pub(super) struct Chunk {
    slots: Vec<Slot>,
    sketches: Box<[Sketch; CHUNK]>,
}

#[derive(Default)]
pub(super) struct Shard {
    table: HashTable<u32>,
    chunks: Vec<Chunk>,
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
        self.chunks.get_mut(chunk)?.slots.get_mut(offset)
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
            u32::try_from(self.chunks.iter().map(Chunk::len).sum::<usize>()).unwrap_or(u32::MAX);
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

    /// At most so many chunks, from one on; a slot stays where it is until it is
    /// taken out.
    pub(super) fn chunks(&self, from: usize, most: usize) -> &[Chunk] {
        let rest = self.chunks.get(from..).unwrap_or_default();
        rest.get(..most).unwrap_or(rest)
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
        let places: usize = self.chunks.iter().map(|chunk| chunk.slots.capacity()).sum();
        self.table.allocation_size()
            + places * (size_of::<Slot>() + size_of::<Sketch>())
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
        self.rest += rest(&slot);
        let full = self.chunks.last().is_none_or(|chunk| chunk.len() >= CHUNK);
        if full {
            self.chunks.push(Chunk::new());
        }
        let before = self.chunks.len().saturating_sub(1) * CHUNK;
        let chunk = self.chunks.last_mut();
        place(before + chunk.map_or(0, |chunk| chunk.push(slot)))
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
        if let Some(chunk) = self.chunks.get_mut(chunk)
            && let Some(old) = chunk.slots.get_mut(offset)
            && let Some(other) = chunk.sketches.get_mut(offset)
        {
            self.rest = self.rest + rest(&slot) - rest(old);
            (*old, *other) = (slot, sketch);
        }
    }
}

impl Chunk {
    fn new() -> Self {
        Self {
            slots: Vec::with_capacity(CHUNK),
            sketches: Box::new([Sketch::NONE; CHUNK]),
        }
    }

    fn len(&self) -> usize {
        self.slots.len()
    }

    /// Puts a slot behind the others; answers its offset.
    fn push(&mut self, slot: Slot) -> usize {
        let offset = self.slots.len();
        if let Some(sketch) = self.sketches.get_mut(offset) {
            *sketch = slot.sketch();
        }
        self.slots.push(slot);
        offset
    }

    /// The slots that a pattern may mean. Free places are none.
    pub(super) fn like(&self, pattern: Pattern) -> impl Iterator<Item = &Slot> {
        let may_mean = move |sketch: &Sketch| pattern.may_mean(*sketch);
        // A block is ruled out in a few steps of a processor that does several
        // at once, as long as no step waits for another's answer.
        let any = move |block: &[Sketch; BLOCK]| {
            let each = block.iter().map(|own| u32::from(may_mean(own)));
            each.sum::<u32>() > 0
        };
        let (blocks, _) = self.sketches.as_chunks::<BLOCK>();
        blocks
            .iter()
            .zip(self.slots.chunks(BLOCK))
            .filter(move |(block, _)| any(block))
            .flat_map(|(sketches, slots)| sketches.iter().zip(slots))
            .filter(move |(own, _)| may_mean(own))
            .map(|(_, slot)| slot)
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

fn slot(chunks: &[Chunk], place: u32) -> Option<&Slot> {
    let (chunk, offset) = split(place);
    chunks.get(chunk)?.slots.get(offset)
}

fn rehash(chunks: &[Chunk], place: u32) -> u64 {
    slot(chunks, place).map_or(0, |slot| hash(slot.digest))
}

/// A digest is random already: eight bytes of it are the hash. The index
/// chooses the shard by another byte.
fn hash(digest: Digest) -> u64 {
    let first = digest.as_bytes().first_chunk();
    first.map_or(0, |bytes| u64::from_le_bytes(*bytes))
}
