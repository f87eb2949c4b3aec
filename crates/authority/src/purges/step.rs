//! One step of a purge: looks for the next tokens, and deletes them.

use std::sync::Arc;

use tokenry_domain::{
    Purge, Token, TokenId,
    audit::{Action, Entry},
    purge::{self, Cursor},
    token_filter::TokenFilter,
};
use tokenry_store::{
    Conn, Work, audit, purges,
    walk::{self, Found, Way},
};

use super::{Chunk, Cover, Memory};
use crate::{Authority, Error};

/// Questions that find nothing, after which it is written how far it has come.
const EMPTY: usize = 100;
/// While others write, a step is so much smaller.
const SMALLER: u32 = 5;

impl Authority {
    /// One step of a purge; answers whether more may follow.
    pub(super) async fn step(&self, mut purge: Purge) -> Result<bool, Error> {
        let found = self.look_for_some(&purge).await?;
        purge.progress.steps += 1;
        purge.progress.examined += found.tokens.len() as u64;
        purge.progress.cursor = found.reached;
        self.write_step(purge, found.tokens).await?;
        self.purges.beat();
        Ok(found.more)
    }

    /// How many tokens go in one transaction.
    pub(crate) fn chunk_size(&self) -> u32 {
        let usual = self.options.purge_chunk.max(1);
        if self.store.is_busy() {
            usual.div_ceil(SMALLER)
        } else {
            usual
        }
    }

    /// The next tokens that a purge may cover.
    async fn look_for_some(&self, purge: &Purge) -> Result<Found, Error> {
        let way = Way {
            filter: &purge.wanted.filter,
            at: purge.filed.at,
            last: purge.filed.last,
            until: self.now(),
        };
        let most = self.chunk_size();
        let mut conn = self.store.read().await?;
        let mut found = Found::nothing(purge.progress.cursor);
        for _ in 0..EMPTY {
            found = walk::on(&mut conn, &way, found.reached, most).await?;
            if !found.more
                && let Some(next) = next_kind(way.filter, found.reached)
            {
                found.reached = next;
                found.more = true;
            }
            if !found.more || !found.tokens.is_empty() {
                break;
            }
        }
        Ok(found)
    }

    async fn write_step(&self, purge: Purge, tokens: Vec<Token>) -> Result<(), Error> {
        let turn = if purge.wanted.dry_run {
            None
        } else {
            self.turn_for(&tokens).await
        };
        let found = tokens.into_iter().map(|token| token.id).collect();
        let entry = self.entry_of(&purge, Action::TokensPurged);
        let (memory, forget) = (self.memory(), self.forgetting_chunk(turn));
        let work = self.purges.clone();
        self.store
            .write(
                move |conn| -> Work<'_, Chunk, Error> {
                    Box::pin(async move { take(conn, &purge, found, &memory, entry).await })
                },
                move |chunk| {
                    forget(chunk);
                    work.count(chunk.gone.len());
                },
            )
            .await
            .map(drop)
    }
}

/// Writes how far a purge has come, and deletes what it covers of the tokens
/// found.
async fn take(
    conn: &mut Conn,
    purge: &Purge,
    found: Vec<TokenId>,
    memory: &Memory,
    mut entry: Entry,
) -> Result<Chunk, Error> {
    // First of all: whoever stops the purge waits for this step then.
    if !purges::advance(conn, purge.id, &purge.progress).await? {
        return Err(Error::PurgeEnded);
    }
    let cover = cover_of(purge);
    let tokens = Chunk::covered(conn, found, &cover, memory).await?;
    if tokens.is_empty() {
        return Ok(Chunk::default());
    }
    if purge.wanted.dry_run {
        purges::count_deleted(conn, purge.id, tokens.len()).await?;
        return Ok(Chunk::default());
    }
    let chunk = Chunk::delete(conn, &tokens, &cover, memory, &entry).await?;
    purges::count_deleted(conn, purge.id, chunk.gone.len()).await?;
    entry.after = chunk.facts();
    audit::insert(conn, &entry).await?;
    Ok(chunk)
}

fn cover_of(purge: &Purge) -> Cover {
    let own = purge.clone();
    Cover {
        filter: purge.wanted.filter.clone(),
        at: purge.filed.at,
        goes: Arc::new(move |token, owner| own.covers(token, owner)),
    }
}

/// The kind after this one, from its first death on.
fn next_kind(filter: &TokenFilter, cursor: Cursor) -> Option<Cursor> {
    match cursor {
        Cursor::Id(_) => None,
        Cursor::Death { kind, .. } => purge::kinds(filter)
            .find(|next| *next > kind)
            .map(Cursor::before),
    }
}
