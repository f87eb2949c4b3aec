//! Filling memory when the authority opens.

use tokenry_domain::{Token, token::Card};
use tokenry_store::{Conn, StoreError, holders, particulars, tokens};

use crate::{
    Authority, Error,
    beside::{tells_particulars, told_holders},
};

/// Rows read at a time.
const BATCH: u32 = 10_000;

impl Authority {
    /// Fills the index, and beside it what is told with tokens.
    pub(crate) async fn fill(&self) -> Result<(), Error> {
        // Each on a connection of its own: the holders take the tokens no time.
        let (index, holders) = tokio::join!(self.fill_index(), self.fill_holders());
        holders.unwrap_or_else(read_later);
        index
    }

    /// Puts every token into the index, or as many as there is room for.
    async fn fill_index(&self) -> Result<(), Error> {
        let mut conn = self.store.read().await?;
        let mut last = 0;
        let mut room = self.options.index_capacity;
        loop {
            // One row past the room tells whether there are more than fit.
            let most = u32::try_from(room + 1).unwrap_or(BATCH).min(BATCH);
            let mut rows = tokens::after(&mut conn, last, most).await?;
            let Some(end) = rows.last() else { break };
            last = end.id.get();
            let overflows = rows.len() > room;
            rows.truncate(room);
            room -= rows.len();
            let loaded = self.load_particulars(&mut conn, &rows).await;
            loaded.unwrap_or_else(read_later);
            for token in rows {
                self.index.load(token.digest, Card::from(token));
            }
            if overflows {
                return Ok(());
            }
        }
        self.index.declare_filled();
        Ok(())
    }

    /// Remembers the particulars of tokens that follow each other, where they
    /// are told.
    async fn load_particulars(&self, conn: &mut Conn, rows: &[Token]) -> Result<(), StoreError> {
        let telling = || rows.iter().filter(|token| tells_particulars(token.kind));
        let (Some(first), Some(last)) = (telling().next(), telling().next_back()) else {
            return Ok(());
        };
        let mut known = particulars::between(conn, first.id, last.id).await?;
        for token in telling() {
            let own = known.remove(&token.id).unwrap_or_default();
            self.beside.particulars.load(token.id, own);
        }
        Ok(())
    }

    /// Remembers what holds tokens and hasn't ended, the newest of each kind
    /// first, as many as there is room for.
    async fn fill_holders(&self) -> Result<(), StoreError> {
        let mut conn = self.store.read().await?;
        let mut room = self.beside.holders.room();
        for kind in told_holders() {
            let mut before = None;
            while room > 0 {
                let most = u32::try_from(room).unwrap_or(BATCH).min(BATCH);
                let rows = holders::lasting(&mut conn, kind, before, most).await?;
                let Some(end) = rows.last() else { break };
                before = Some(end.id);
                room -= rows.len();
                for holder in rows {
                    self.beside.holders.load(holder.id, holder);
                }
            }
        }
        Ok(())
    }
}

/// What is told beside tokens is read when it is asked for, too: a row that
/// nobody can read keeps no server from starting.
#[expect(clippy::needless_pass_by_value, reason = "it ends here")]
fn read_later(failure: StoreError) {
    tracing::warn!(%failure, "not all that is told with tokens is in memory");
}
