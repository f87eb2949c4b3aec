//! Last uses: gathered in memory, written in batches.
//!
//! A crash loses at most what was gathered since the last flush, and nothing
//! else. A token check never waits for this.

use hashbrown::{HashMap, hash_map::Entry};
use parking_lot::Mutex;
use tokenry_domain::{Token, TokenId, token::LastUse};
use tokenry_store::{Work, last_use};

use crate::{Authority, Error};

/// Rows written in one transaction: keeps other writers' waits short.
const BATCH: usize = 500;

/// What isn't written yet.
#[derive(Debug, Default)]
pub(crate) struct LastUsed {
    gathered: Mutex<HashMap<TokenId, LastUse>>,
}

impl LastUsed {
    /// Adds to what was gathered of a token. What is given may know less than
    /// that, where the token left memory and came back from the database.
    pub(crate) fn gather(&self, id: TokenId, last: LastUse) {
        match self.gathered.lock().entry(id) {
            Entry::Vacant(place) => {
                place.insert(last);
            }
            Entry::Occupied(mut before) => before.get_mut().merge(&last),
        }
    }

    /// What a row says of its last use, and what isn't written yet.
    pub(crate) fn complete(&self, token: &mut Token) {
        if let Some(newer) = self.gathered.lock().get(&token.id) {
            token.last_use.merge(newer);
        }
    }

    /// Forgets a token that was deleted.
    pub(crate) fn forget(&self, id: TokenId) {
        self.gathered.lock().remove(&id);
    }

    /// How many tokens' last uses aren't written yet.
    pub(crate) fn len(&self) -> usize {
        self.gathered.lock().len()
    }

    fn take(&self) -> Vec<(TokenId, LastUse)> {
        std::mem::take(&mut *self.gathered.lock())
            .into_iter()
            .collect()
    }

    /// Puts back what couldn't be written, unless there is newer.
    fn put_back(&self, rows: Vec<(TokenId, LastUse)>) {
        let mut gathered = self.gathered.lock();
        for (id, last) in rows {
            gathered.entry(id).or_insert(last);
        }
    }
}

impl Authority {
    /// Writes the last uses gathered so far.
    ///
    /// # Errors
    /// [`Error::Store`]; what couldn't be written is kept for the next time.
    pub async fn flush_last_uses(&self) -> Result<(), Error> {
        let mut rows = self.last_used.take();
        rows.sort_by_key(|(id, _)| *id);
        while !rows.is_empty() {
            let batch = rows.split_off(rows.len().saturating_sub(BATCH));
            if let Err(error) = self.write_last_uses(batch.clone()).await {
                self.last_used.put_back(batch);
                self.last_used.put_back(rows);
                return Err(error);
            }
        }
        Ok(())
    }

    async fn write_last_uses(&self, batch: Vec<(TokenId, LastUse)>) -> Result<(), Error> {
        self.store
            .write(
                move |conn| -> Work<'_, (), Error> {
                    Box::pin(async move { Ok(last_use::save(conn, &batch).await?) })
                },
                |()| {},
            )
            .await
    }
}
