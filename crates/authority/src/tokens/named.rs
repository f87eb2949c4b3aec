//! Which tokens a search in names can mean: memory has all names, where no
//! index of the database finds parts of them.

use std::collections::HashMap;

use futures_util::future::join_all;
use tokenry_domain::{TokenId, token::Card};
use tokenry_store::tokens;
use tokenry_token::Digest;
use tokio::task::spawn_blocking;

use super::TokenList;
use crate::{
    Authority, Error,
    index::{Named, PARTS, Ticket},
};

/// The most tokens that a list is read among. Of a list that has more, a walk
/// finds a page soon enough.
const MOST: usize = 2_000;

/// How many are read in one statement; engines limit how many values one may
/// have.
const TOGETHER: usize = 250;

impl Authority {
    /// The only tokens that can be in a list, as far as its words tell; none
    /// where it is to be walked: because it has no words, is soon looked through
    /// or has many of them, or because memory doesn't know all names.
    pub(super) async fn named(&self, list: &TokenList) -> Result<Option<Vec<TokenId>>, Error> {
        let filter = &list.filter;
        if filter.words.is_empty() || !self.index.is_complete() || !self.is_long(list).await? {
            return Ok(None);
        }
        // A look at all names takes long enough to hold others up.
        let parts = (0..PARTS).map(|part| {
            let (index, owner, words) = (self.index.clone(), filter.owner, filter.words.clone());
            spawn_blocking(move || index.named(part, owner, &words, MOST))
        });
        let parts = join_all(parts).await.into_iter();
        let found = parts.map(Result::unwrap_or_default).reduce(Named::and);
        let mut named = found.unwrap_or_default();
        named.ids.extend(self.recall(named.asked).await?);
        Ok(Some(named.ids).filter(|ids| named.are_all && ids.len() <= MOST))
    }

    /// Whether walking through a list takes more than one stride.
    async fn is_long(&self, list: &TokenList) -> Result<bool, Error> {
        let stride = self.options.stride;
        let mut conn = self.store.read().await?;
        let walk = self.walk(list, None);
        let extent = walk.extent(&mut conn, stride.saturating_add(1)).await?;
        Ok(extent > stride)
    }

    /// Tokens that only the database knows, put into the index for the next time.
    async fn recall(&self, asked: Vec<(Ticket, Digest)>) -> Result<Vec<TokenId>, Error> {
        let tickets = asked.iter().map(|(ticket, digest)| (*digest, *ticket));
        let tickets: HashMap<_, _> = tickets.collect();
        let mut ids = Vec::with_capacity(asked.len());
        for some in asked.chunks(TOGETHER) {
            let digests = some.iter().map(|(_, digest)| *digest);
            let mut conn = self.store.read().await?;
            for mut token in tokens::with_digests(&mut conn, digests).await? {
                ids.push(token.id);
                self.last_used.complete(&mut token);
                if let Some(ticket) = tickets.get(&token.digest) {
                    self.index.fill(*ticket, token.digest, Card::from(token));
                }
            }
        }
        Ok(ids)
    }
}
