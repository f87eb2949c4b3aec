//! Rows by their ids, remembered until they change.

use std::{hash::Hash, sync::Arc};

use hashbrown::DefaultHashBuilder;
use parking_lot::Mutex;
use quick_cache::{
    UnitWeighter,
    sync::{Cache, DefaultLifecycle},
};
use tokenry_store::StoreError;

/// As many rows as there is room for; of the others, those that weren't asked
/// for go first. Ids are given out here, so nobody chooses them to collide, and
/// a quick hash is good enough.
///
/// Whoever changes a row forgets it here right after the commit and before the
/// answer, and it is read again when it is asked for. In whatever order changes
/// arrive, nothing old is left.
pub(crate) struct Remembered<K, V> {
    rows: Cache<K, Arc<V>, UnitWeighter, DefaultHashBuilder>,
    /// How many changes there were. Held while a row comes or goes, so that
    /// none comes that was read before a change and would stay behind it.
    changes: Mutex<u64>,
    room: usize,
}

impl<K: Copy + Eq + Hash, V> Remembered<K, V> {
    /// Nothing, with room for so many rows.
    pub(crate) fn new(room: usize) -> Self {
        let room = room.max(1);
        Self {
            rows: Cache::with(
                room,
                room as u64,
                UnitWeighter,
                DefaultHashBuilder::default(),
                DefaultLifecycle::default(),
            ),
            changes: Mutex::default(),
            room,
        }
    }

    /// How many rows there is room for.
    pub(crate) const fn room(&self) -> usize {
        self.room
    }

    /// The row with this id: the one remembered, or else what `read` finds,
    /// which is remembered unless something changed meanwhile.
    pub(crate) async fn recall<F>(
        &self,
        id: K,
        read: impl FnOnce() -> F,
    ) -> Result<Option<Arc<V>>, StoreError>
    where
        F: Future<Output = Result<Option<V>, StoreError>>,
    {
        if let Some(row) = self.rows.get(&id) {
            return Ok(Some(row));
        }
        let before = *self.changes.lock();
        // In a box: what is remembered shouldn't carry the room for a
        // database's answer about.
        let Some(row) = Box::pin(read()).await? else {
            return Ok(None);
        };
        let row = Arc::new(row);
        let changes = self.changes.lock();
        if *changes == before {
            self.rows.insert(id, row.clone());
        }
        Ok(Some(row))
    }

    /// Puts a row here while memory is filled, before anybody else uses it.
    pub(crate) fn load(&self, id: K, row: V) {
        self.rows.insert(id, Arc::new(row));
    }

    /// Forgets a row that was changed or removed.
    pub(crate) fn forget(&self, id: K) {
        let mut changes = self.changes.lock();
        *changes += 1;
        self.rows.remove(&id);
    }

    /// Forgets every row.
    pub(crate) fn forget_all(&self) {
        let mut changes = self.changes.lock();
        *changes += 1;
        self.rows.clear();
    }
}

impl<K, V> std::fmt::Debug for Remembered<K, V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Remembered")
            .field("room", &self.room)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Numbers = Remembered<u64, u64>;

    /// What is told of a row that has this value in the database.
    async fn told(numbers: &Numbers, id: u64, row: Option<u64>) -> Option<u64> {
        let found = numbers.recall(id, async || Ok(row)).await.unwrap();
        found.map(|row| *row)
    }

    #[tokio::test]
    async fn a_row_is_read_once_until_it_is_forgotten() {
        let numbers = Numbers::new(10);
        assert_eq!(told(&numbers, 1, Some(5)).await, Some(5));
        assert_eq!(told(&numbers, 1, Some(6)).await, Some(5));
        numbers.forget(1);
        assert_eq!(told(&numbers, 1, Some(7)).await, Some(7));
        numbers.forget_all();
        assert_eq!(told(&numbers, 1, Some(8)).await, Some(8));
    }

    #[tokio::test]
    async fn what_is_not_there_is_asked_for_again() {
        let numbers = Numbers::new(10);
        assert_eq!(told(&numbers, 1, None).await, None);
        assert_eq!(told(&numbers, 1, Some(5)).await, Some(5));
    }

    #[tokio::test]
    async fn a_row_that_was_read_before_a_change_is_not_remembered() {
        let forgetting: [fn(&Numbers); 2] = [|all| all.forget(1), Numbers::forget_all];
        for forget in forgetting {
            let numbers = Numbers::new(10);
            let overtaken = async || {
                forget(&numbers);
                Ok(Some(5))
            };
            let found = numbers.recall(1, overtaken).await.unwrap();
            assert_eq!(found.as_deref(), Some(&5));
            assert_eq!(told(&numbers, 1, Some(6)).await, Some(6));
        }
    }

    #[tokio::test]
    async fn a_fault_is_told_and_not_remembered() {
        let numbers = Numbers::new(10);
        let broken = numbers.recall(1, async || Err(StoreError::Closed)).await;
        assert!(matches!(broken, Err(StoreError::Closed)));
        assert_eq!(told(&numbers, 1, Some(5)).await, Some(5));
    }

    #[tokio::test]
    async fn there_are_never_more_than_there_is_room_for() {
        for room in [0, 1, 100] {
            let numbers = Numbers::new(room);
            for id in 0..1_000 {
                numbers.load(id, id);
                assert_eq!(told(&numbers, id, Some(id)).await, Some(id));
            }
            assert!(numbers.rows.len() <= numbers.room(), "{room}");
        }
    }
}
