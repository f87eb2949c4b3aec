//! Ending many tokens at once: each as its kind says, with one row of the trail
//! of its own, and an answer for each.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use futures_util::future::join_all;
use tokenry_domain::{
    Invalid, States, Token, TokenId, Tombstone,
    token_filter::{TokenFilter, TokenOrder},
};
use tokenry_store::tokens;
use tracing::error;

use super::{Clue, Grounds, Identified, MOST_CLUES, Sought, TokenList};
use crate::{Authority, Caller, Error, Thing};

/// Tokens that are ended side by side, so that the writer commits them together.
const TOGETHER: usize = 32;

/// What becomes of a token that was to be ended, or would become of it.
#[derive(Debug)]
pub enum Fate {
    /// It ends, as its kind says.
    Ended(Box<Token>),
    /// It was revoked before.
    AlreadyRevoked(Box<Token>),
    /// It was deleted before.
    Deleted(Box<Tombstone>),
    /// It isn't one of this instance.
    Unknown,
    /// Its text begins with no prefix that was ever in force here.
    NoKnownPrefix,
    /// The filter means it no longer; it stays as it is.
    Kept(Box<Token>),
    /// It couldn't be ended.
    Failed(Box<Token>, Error),
}

/// What became of the tokens that a filter meant.
#[derive(Debug)]
pub struct Revoked {
    /// Of each, in the order of their ids.
    pub fates: Vec<Fate>,
    /// Whether there are more that the filter means.
    pub more: bool,
}

impl Authority {
    /// Ends tokens, for administrators; one answer for each clue, in their
    /// order. A dry run says what would become of them and changes nothing.
    ///
    /// # Errors
    /// [`Error::AdminOnly`], [`Error::Invalid`] for a hint, which may mean
    /// several, or a fault of ours before anything was ended.
    pub async fn revoke_tokens(
        &self,
        caller: &Caller,
        clues: &[Clue],
        dry_run: bool,
    ) -> Result<Vec<Fate>, Error> {
        caller.require_admin()?;
        if clues.iter().any(|clue| matches!(clue, Clue::Hint(_))) {
            let problem = "can mean several tokens; identify them, then revoke by id";
            return Err(Invalid::field("hint", problem).into());
        }
        let found = self.identify_tokens(caller, clues).await?;
        let fates = found.into_iter().map(|found| match found {
            Identified::Token(token) => due(token),
            Identified::Deleted(tombstone) => Fate::Deleted(tombstone),
            Identified::NoKnownPrefix => Fate::NoKnownPrefix,
            Identified::Unknown | Identified::Several { .. } => Fate::Unknown,
        });
        self.carry_out(caller, fates.collect(), &Grounds::Rights, dry_run)
            .await
    }

    /// Ends what a filter means and isn't revoked yet, for administrators: at
    /// most [`MOST_CLUES`] tokens, the oldest first. What ceases to match before
    /// its turn stays.
    ///
    /// # Errors
    /// [`Error::AdminOnly`], [`Error::NotIndexed`] if none is found in time, or a
    /// fault of ours before anything was ended.
    pub async fn revoke_matching(
        &self,
        caller: &Caller,
        mut filter: TokenFilter,
        dry_run: bool,
    ) -> Result<Revoked, Error> {
        caller.require_admin()?;
        filter.states = filter.states.within(States::UNREVOKED);
        if filter.asks_for_uses() {
            self.flush_last_uses().await?;
        }
        let list = TokenList {
            filter,
            order: TokenOrder::default(),
            now: self.now(),
        };
        let among = self.named(&list).await?;
        let walk = self.walk(&list, among.as_deref());
        let found = self.gather(walk, None, MOST_CLUES).await?;
        let fates = found.rows.into_iter().map(|token| due(Box::new(token)));
        let grounds = Grounds::Sought(Arc::new(Sought {
            filter: list.filter,
            at: list.now,
            memory: self.memory(),
        }));
        let fates = self
            .carry_out(caller, fates.collect(), &grounds, dry_run)
            .await?;
        Ok(Revoked {
            fates,
            more: found.more,
        })
    }

    /// Ends what is due, and tells each as it is then.
    async fn carry_out(
        &self,
        caller: &Caller,
        mut fates: Vec<Fate>,
        grounds: &Grounds,
        dry_run: bool,
    ) -> Result<Vec<Fate>, Error> {
        let mut named = HashSet::new();
        let mut ids = Vec::new();
        for fate in &mut fates {
            let Fate::Ended(token) = fate else { continue };
            if named.insert(token.id) {
                ids.push(token.id);
            } else {
                *fate = Fate::AlreadyRevoked(token.clone());
            }
        }
        if dry_run {
            return Ok(fates);
        }
        let mut failures = HashMap::new();
        for some in ids.chunks(TOGETHER) {
            let ended = some
                .iter()
                .map(|id| self.end_on(caller, *id, grounds.clone()));
            for (id, ended) in some.iter().zip(join_all(ended).await) {
                let Err(error) = ended else { continue };
                if error.is_ours() {
                    let request_id = &caller.origin().request_id;
                    error!(%request_id, token = id.get(), fault = %error, "a token wasn't ended");
                }
                failures.insert(*id, error);
            }
        }
        if failures.len() == ids.len()
            && let Some(id) = ids.first()
            && let Some(fault) = failures.remove(id).filter(Error::is_ours)
        {
            return Err(fault);
        }
        self.told(fates, failures).await
    }

    /// What became of each, told from the rows as they are now.
    async fn told(
        &self,
        fates: Vec<Fate>,
        mut failures: HashMap<TokenId, Error>,
    ) -> Result<Vec<Fate>, Error> {
        let mut rows = HashMap::new();
        for some in fates.chunks(TOGETHER) {
            let ids = some.iter().filter_map(Fate::token).map(|token| token.id);
            let mut conn = self.store.read().await?;
            let read = tokens::with_ids(&mut conn, ids).await?;
            rows.extend(read.into_iter().map(|token| (token.id, token)));
        }
        Ok(fates
            .into_iter()
            .map(|fate| match fate {
                Fate::Ended(token) => {
                    let row = rows.remove(&token.id).map(Box::new);
                    match (failures.remove(&token.id), row) {
                        (Some(Error::NotFound(Thing::Token)), Some(row)) => Fate::Kept(row),
                        // Somebody deleted it meanwhile, which ended it too.
                        (None | Some(Error::NotFound(Thing::Token)), row) => {
                            Fate::Ended(row.unwrap_or(token))
                        }
                        (Some(error), _) => Fate::Failed(token, error),
                    }
                }
                other => other,
            })
            .collect())
    }
}

fn due(token: Box<Token>) -> Fate {
    if token.life.revoked_at.is_some() {
        Fate::AlreadyRevoked(token)
    } else {
        Fate::Ended(token)
    }
}

impl Fate {
    /// The token that ends, if one does.
    fn token(&self) -> Option<&Token> {
        match self {
            Self::Ended(token) => Some(token),
            _ => None,
        }
    }
}
