//! One step of a purge: a few hundred tokens in one transaction.

use std::{collections::BTreeSet, sync::Arc};

use jiff::Timestamp;
use serde_json::{Value, json};
use tokenry_domain::{
    HolderId, OwnerState, State, Token, TokenId, UserId, UserType, audit::Entry,
    token_filter::TokenFilter,
};
use tokenry_store::{Conn, bury, tokens::Removed, walk};

use crate::{
    Authority, Error, authority::Turn, directory::Directory, jobs::stop_with, last_used::LastUsed,
    tokens::remove_if_idle,
};

/// Which tokens go.
#[derive(Clone)]
pub(crate) struct Cover {
    /// What the database can tell of it.
    pub(crate) filter: TokenFilter,
    /// The moment at which states are judged.
    pub(crate) at: Timestamp,
    /// Whether a token goes, as it and its owner are now.
    pub(crate) goes: Arc<Goes>,
}

/// Whether a token goes whose owner is in this state.
type Goes = dyn Fn(&Token, OwnerState) -> bool + Send + Sync;

/// What memory knows beyond the rows.
#[derive(Debug, Clone)]
pub(crate) struct Memory {
    last_used: Arc<LastUsed>,
    directory: Arc<Directory>,
}

impl Memory {
    /// Adds what isn't written yet of a token's last use.
    pub(crate) fn complete(&self, token: &mut Token) {
        self.last_used.complete(token);
    }

    pub(crate) fn owner_state(&self, owner: UserId) -> OwnerState {
        let owner = self.directory.get(owner);
        owner.map_or(OwnerState::Gone, |owner| OwnerState::of(&owner))
    }

    fn is_bot(&self, owner: UserId) -> bool {
        let owner = self.directory.get(owner);
        owner.is_some_and(|owner| owner.user_type == UserType::ProjectBot)
    }
}

/// What went in one transaction.
#[derive(Debug, Default)]
pub(crate) struct Chunk {
    /// The rows that were deleted.
    pub(crate) gone: Vec<Removed>,
    /// The bots whose last tokens these were.
    bots: Vec<UserId>,
    /// The jobs that ran with them.
    jobs: Vec<HolderId>,
}

impl Chunk {
    /// Those of these tokens that go, as they are in this transaction.
    pub(crate) async fn covered(
        conn: &mut Conn,
        found: Vec<TokenId>,
        cover: &Cover,
        memory: &Memory,
    ) -> Result<Vec<Token>, Error> {
        let mut tokens = walk::again(conn, found).await?;
        tokens.retain_mut(|token| {
            memory.complete(token);
            (cover.goes)(token, memory.owner_state(token.owner))
        });
        Ok(tokens)
    }

    /// Deletes tokens, with what goes with each: see [`Authority::delete_token`].
    pub(crate) async fn delete(
        conn: &mut Conn,
        tokens: &[Token],
        cover: &Cover,
        memory: &Memory,
        entry: &Entry,
    ) -> Result<Self, Error> {
        let ids = tokens.iter().map(|token| token.id);
        // The conditions once more: on PostgreSQL, somebody may just have
        // revoked what was to go for being active.
        let gone = bury::matching(conn, ids, &cover.filter, cover.at, &entry.burial()).await?;
        let mut chunk = Self {
            gone,
            ..Self::default()
        };
        let went: BTreeSet<_> = chunk.gone.iter().map(|one| one.id).collect();
        let mut bots = BTreeSet::new();
        for token in tokens.iter().filter(|token| went.contains(&token.id)) {
            if memory.is_bot(token.owner) {
                bots.insert(token.owner);
            }
            // The job of a token that works no more has ended.
            if token.state(entry.at) == State::Active
                && let Some(job) = stop_with(conn, token, entry.at).await?
            {
                chunk.jobs.push(job.id);
            }
        }
        for bot in bots {
            if remove_if_idle(conn, bot).await? {
                chunk.bots.push(bot);
            }
        }
        Ok(chunk)
    }

    /// Tells the trail which tokens went.
    pub(crate) fn tell(&self, entry: &mut Entry) {
        entry.after = self.facts();
        entry.tokens = self.gone.iter().map(|one| one.id).collect();
    }

    /// How many went, from which id to which.
    fn facts(&self) -> Value {
        let ids = || self.gone.iter().map(|one| one.id);
        json!({
            "deleted": self.gone.len(),
            "first_id": ids().min(),
            "last_id": ids().max(),
            "bots_deleted": self.bots,
            "jobs_canceled": self.jobs,
        })
    }
}

impl Authority {
    /// The turn that a step takes which may remove bots.
    pub(crate) async fn turn_for(&self, tokens: &[Token]) -> Option<Turn> {
        let of_bot = tokens.iter().any(|token| self.bot_of(token).is_some());
        if of_bot {
            Some(self.turn().await)
        } else {
            None
        }
    }

    /// What memory knows beyond the rows.
    pub(crate) fn memory(&self) -> Memory {
        Memory {
            last_used: self.last_used.clone(),
            directory: self.directory.clone(),
        }
    }

    /// What memory does after the commit of a step.
    pub(crate) fn forgetting_chunk(
        &self,
        turn: Option<Turn>,
    ) -> impl FnOnce(&Chunk) + Send + 'static {
        let (index, memory) = (self.index.clone(), self.memory());
        let beside = self.beside.clone();
        move |chunk| {
            let _turn = turn;
            for token in &chunk.gone {
                index.remove(token.digest);
                memory.last_used.forget(token.id);
            }
            for job in &chunk.jobs {
                beside.holders.forget(*job);
            }
            for bot in &chunk.bots {
                memory.directory.remove(*bot);
            }
        }
    }
}
