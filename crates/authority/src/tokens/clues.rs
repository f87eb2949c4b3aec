//! From what is known of tokens to what they are, many at once. Never counts as
//! a use, and also names those that were deleted.

use std::collections::HashMap;

use tokenry_domain::{
    Token, TokenId, Tombstone,
    token_filter::{HintPart, TokenFilter, TokenOrder},
};
use tokenry_store::{Conn, StoreError, token_list, tokens, tombstones};
use tokenry_token::{Digest, Fingerprint, TokenText, as_issued};

use crate::{Authority, Caller, Error};

/// The most tokens that are named at once.
pub const MOST_CLUES: usize = 1_000;
/// How many are looked up in one statement; engines limit how many values one
/// may have.
const TOGETHER: usize = 250;
/// The most tokens told for one hint.
const MOST_FOR_A_HINT: usize = 20;

/// What is known of a token.
#[derive(Debug)]
pub enum Clue {
    /// Its text.
    Text(TokenText),
    /// The SHA-256 of its text.
    Fingerprint(Fingerprint),
    /// Its id.
    Id(TokenId),
    /// What people are shown of it.
    Hint(HintPart),
}

/// What a clue led to.
#[derive(Debug, Clone)]
pub enum Identified {
    /// A token.
    Token(Box<Token>),
    /// A token that was deleted.
    Deleted(Box<Tombstone>),
    /// Those that a hint can mean.
    Several {
        /// Those that are there.
        tokens: Vec<Token>,
        /// Those that were deleted.
        tombstones: Vec<Tombstone>,
        /// Whether there are more.
        more: bool,
    },
    /// Nothing that was issued here, or its tombstone went too.
    Unknown,
    /// A text that begins with no prefix that was ever in force here.
    NoKnownPrefix,
}

/// What a clue is looked up by.
enum Key {
    Digests(Vec<Digest>),
    Id(TokenId),
    Hint(HintPart),
    /// It is clear without that.
    Clear(Identified),
}

impl Authority {
    /// What tokens are, for administrators, one answer for each clue, in their
    /// order.
    ///
    /// # Errors
    /// [`Error::AdminOnly`], or a fault of ours.
    pub async fn identify_tokens(
        &self,
        caller: &Caller,
        clues: &[Clue],
    ) -> Result<Vec<Identified>, Error> {
        caller.require_admin()?;
        let mut conn = self.store.read().await?;
        let mut answers = Vec::with_capacity(clues.len());
        for some in clues.chunks(TOGETHER) {
            let keys = some
                .iter()
                .map(|clue| self.key(clue))
                .collect::<Result<Vec<_>, _>>()?;
            let known = Known::read(&mut conn, &keys).await?;
            for key in keys {
                answers.push(match key {
                    Key::Clear(answer) => answer,
                    Key::Id(id) => known.tell(id),
                    Key::Digests(digests) => known.tell_first(&digests),
                    Key::Hint(hint) => self.hinted(&mut conn, &hint).await?,
                });
            }
        }
        for answer in &mut answers {
            self.complete(answer);
        }
        Ok(answers)
    }

    fn key(&self, clue: &Clue) -> Result<Key, Error> {
        let fingerprint = match clue {
            Clue::Id(id) => return Ok(Key::Id(*id)),
            Clue::Hint(hint) => return Ok(Key::Hint(hint.clone())),
            Clue::Fingerprint(fingerprint) => *fingerprint,
            Clue::Text(text) => {
                let text = as_issued(text.reveal());
                match self.recognise(&text) {
                    Ok(()) => Fingerprint::of(&text),
                    Err(Error::NoKnownPrefix) => return Ok(Key::Clear(Identified::NoKnownPrefix)),
                    Err(Error::NotFound(_)) => return Ok(Key::Clear(Identified::Unknown)),
                    Err(other) => return Err(other),
                }
            }
        };
        let keys = self.keys.load();
        let digests = keys.digests(&fingerprint).map(|(_, digest)| digest);
        Ok(Key::Digests(digests.collect()))
    }

    /// The tokens that a hint can mean, as many as are told.
    async fn hinted(&self, conn: &mut Conn, hint: &HintPart) -> Result<Identified, StoreError> {
        let filter = TokenFilter {
            hint: Some(hint.clone()),
            ..TokenFilter::default()
        };
        let (order, now) = (TokenOrder::default(), self.now());
        let most = MOST_FOR_A_HINT + 1;
        let mut tokens = token_list::first(conn, &filter, order, most, now).await?;
        let mut tombstones = tombstones::hinted(conn, hint, most).await?;
        if let ([token], []) = (&*tokens, &*tombstones) {
            return Ok(Identified::Token(Box::new(token.clone())));
        }
        if let ([], [tombstone]) = (&*tokens, &*tombstones) {
            return Ok(Identified::Deleted(Box::new(tombstone.clone())));
        }
        if tokens.is_empty() && tombstones.is_empty() {
            return Ok(Identified::Unknown);
        }
        let more = tokens.len() + tombstones.len() > MOST_FOR_A_HINT;
        tokens.truncate(MOST_FOR_A_HINT);
        tombstones.truncate(MOST_FOR_A_HINT - tokens.len());
        Ok(Identified::Several {
            tokens,
            tombstones,
            more,
        })
    }

    fn complete(&self, answer: &mut Identified) {
        match answer {
            Identified::Token(token) => self.last_used.complete(token),
            Identified::Several { tokens, .. } => {
                for token in tokens {
                    self.last_used.complete(token);
                }
            }
            Identified::Deleted(_) | Identified::Unknown | Identified::NoKnownPrefix => {}
        }
    }
}

/// What the ledger and the tombstones say of some ids and digests.
#[derive(Default)]
struct Known {
    ids: HashMap<Digest, TokenId>,
    tokens: HashMap<TokenId, Token>,
    tombstones: HashMap<TokenId, Tombstone>,
}

impl Known {
    /// Reads the ledger first: what is deleted meanwhile has a tombstone then.
    async fn read(conn: &mut Conn, keys: &[Key]) -> Result<Self, StoreError> {
        let ids: Vec<_> = keys
            .iter()
            .filter_map(|key| match key {
                Key::Id(id) => Some(*id),
                _ => None,
            })
            .collect();
        let digests: Vec<_> = keys
            .iter()
            .filter_map(|key| match key {
                Key::Digests(digests) => Some(digests),
                _ => None,
            })
            .flatten()
            .copied()
            .collect();
        let mut known = Self::default();
        if !ids.is_empty() {
            known.add_tokens(tokens::with_ids(conn, ids.iter().copied()).await?);
            known.add_tombstones(tombstones::with_ids(conn, ids).await?);
        }
        if !digests.is_empty() {
            known.add_tokens(tokens::with_digests(conn, digests.iter().copied()).await?);
            known.add_tombstones(tombstones::with_digests(conn, digests).await?);
        }
        Ok(known)
    }

    fn add_tokens(&mut self, tokens: Vec<Token>) {
        for token in tokens {
            self.ids.insert(token.digest, token.id);
            self.tokens.insert(token.id, token);
        }
    }

    fn add_tombstones(&mut self, tombstones: Vec<Tombstone>) {
        for tombstone in tombstones {
            self.ids.insert(tombstone.digest, tombstone.id);
            self.tombstones.insert(tombstone.id, tombstone);
        }
    }

    fn tell(&self, id: TokenId) -> Identified {
        // A row that was deleted since it was read is no more.
        match (self.tombstones.get(&id), self.tokens.get(&id)) {
            (Some(tombstone), _) => Identified::Deleted(Box::new(tombstone.clone())),
            (None, Some(token)) => Identified::Token(Box::new(token.clone())),
            (None, None) => Identified::Unknown,
        }
    }

    /// A text has one digest under each key, of which one at most is known.
    fn tell_first(&self, digests: &[Digest]) -> Identified {
        let id = digests.iter().find_map(|digest| self.ids.get(digest));
        id.map_or(Identified::Unknown, |id| self.tell(*id))
    }
}
