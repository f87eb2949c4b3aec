//! Purges: many tokens deleted by one filter, a few hundred at a time.
//!
//! A purge deletes what its filter meant when it was filed. A token that was
//! issued, revoked or used since, or that expired since, doesn't fall under it
//! for that; one that ceased to match stays.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    audit::Actor,
    ids::{PurgeId, UserId},
    invalid::Invalid,
    kind::Kind,
    owner_state::OwnerState,
    reason::Reason,
    states::States,
    token::{State, Token},
    token_filter::{Between, TokenFilter},
};

/// What is asked of a purge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPurge {
    /// Which tokens are to go.
    pub filter: TokenFilter,
    /// Whether they are only counted.
    pub dry_run: bool,
    /// Why, if anybody said.
    pub reason: Option<Reason>,
}

impl NewPurge {
    /// Refuses a filter that names no condition: by it, the whole ledger would go.
    ///
    /// # Errors
    /// [`Invalid`].
    pub fn check(&self) -> Result<(), Invalid> {
        if self.filter == TokenFilter::default() {
            let problem = "must name a condition: without one, every token would go";
            return Err(Invalid::field("filter", problem));
        }
        Ok(())
    }
}

/// When and by whom a purge was filed, and what of the ledger was there then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filed {
    /// When. States are judged at this moment.
    pub at: Timestamp,
    /// By whom.
    pub by: Actor,
    /// The request by which it came.
    pub request_id: String,
    /// The highest id that a token had.
    pub last: i64,
    /// Where the filter asks for the states of owners: who was in one of them.
    pub owners: Option<BTreeSet<UserId>>,
}

/// How far a purge has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// Behind this, everything was looked at.
    pub cursor: Cursor,
    /// How many steps were written.
    pub steps: u64,
    /// How many tokens were found and looked at.
    pub examined: u64,
    /// How many of them went; in a dry run, how many would have gone.
    pub deleted: u64,
}

/// Where a walk through the ledger has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cursor {
    /// In the order of ids: at this one.
    Id(i64),
    /// In the order in which tokens died, one kind after the other: at this
    /// kind, moment and id.
    Death {
        /// Those before it in the table of kinds are done.
        kind: Kind,
        /// When it was revoked or else expired.
        at: Timestamp,
        /// Breaks ties.
        id: i64,
    },
}

impl Cursor {
    /// Before all tokens of a kind, in the order in which they died.
    #[must_use]
    pub const fn before(kind: Kind) -> Self {
        Self::Death {
            kind,
            at: Timestamp::MIN,
            id: 0,
        }
    }
}

/// How a purge ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It came to its end.
    Done,
    /// Somebody stopped it.
    Cancelled,
    /// It can't be run.
    Failed,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 3] = [Self::Done, Self::Cancelled, Self::Failed];

    /// The word on the wire and in the database.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
        }
    }
}

/// Many tokens that go by one filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purge {
    /// The row's id.
    pub id: PurgeId,
    /// What was asked for.
    pub wanted: NewPurge,
    /// When and by whom.
    pub filed: Filed,
    /// How far it has come.
    pub progress: Progress,
    /// When and how it ended, if it did.
    pub ended: Option<(Timestamp, Outcome)>,
}

impl Purge {
    /// What it is at: `waiting`, `running`, or how it ended.
    #[must_use]
    pub const fn state(&self) -> &'static str {
        match self.ended {
            Some((_, outcome)) => outcome.name(),
            None if self.progress.steps > 0 => "running",
            None => "waiting",
        }
    }

    /// How many tokens were found, and stay: they matched no longer, or not yet
    /// when it was filed.
    #[must_use]
    pub const fn kept(&self) -> u64 {
        self.progress.examined.saturating_sub(self.progress.deleted)
    }

    /// How much of the way lies behind it, from 0 to 1; none where that isn't known.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "ids stay below 2^53")]
    pub fn share(&self) -> Option<f64> {
        match (self.ended, self.progress.cursor) {
            (Some((_, Outcome::Done)), _) => Some(1.0),
            (_, Cursor::Id(id)) if self.filed.last > 0 => Some(id as f64 / self.filed.last as f64),
            _ => None,
        }
    }

    /// Whether a token whose owner is in this state goes: it was there when the
    /// purge was filed, matched then, and matches as it is now. Names have no
    /// history: they are judged as they are.
    #[must_use]
    pub fn covers(&self, token: &Token, owner: OwnerState) -> bool {
        let (filter, at) = (&self.wanted.filter, self.filed.at);
        token.id.get() <= self.filed.last
            && token.life.created_at <= at
            && self
                .filed
                .owners
                .as_ref()
                .is_none_or(|all| all.contains(&token.owner))
            && filter.matches(token, owner, at)
            && filter.matches(&as_it_was(token, at), owner, at)
    }

    /// What the trail says of it.
    #[must_use]
    pub fn facts(&self) -> Value {
        json!({
            "id": self.id,
            "filter": self.wanted.filter,
            "dry_run": self.wanted.dry_run,
            "state": self.state(),
            "examined": self.progress.examined,
            "deleted": self.progress.deleted,
        })
    }
}

/// A token as it was at a moment, as far as its row tells: what happened to it
/// since is taken back.
fn as_it_was(token: &Token, at: Timestamp) -> Token {
    let mut was = token.clone();
    was.life.revoked_at = was.life.revoked_at.filter(|revoked| *revoked <= at);
    was.last_use.at = was.last_use.at.filter(|used| *used <= at);
    was
}

/// Where the walk begins that finds what a filter shows at a moment: where only
/// dead tokens can match and nothing else narrows it much, in the order of
/// their deaths, which costs what is due and not what is stored; else in the
/// order of ids.
#[must_use]
pub fn beginning(filter: &TokenFilter, at: Timestamp) -> Cursor {
    let dead =
        !filter.states.has(State::Active) || filter.ended_before.is_some_and(|end| end <= at);
    let rest = TokenFilter {
        kinds: Vec::new(),
        states: States::ALL,
        created: Between::default(),
        expires: Between::default(),
        revoked: Between::default(),
        ended_before: None,
        ..filter.clone()
    };
    match kinds(filter).next() {
        Some(first) if dead && rest == TokenFilter::default() => Cursor::before(first),
        _ => Cursor::Id(0),
    }
}

/// The kinds that a filter shows, in the order of the table.
pub fn kinds(filter: &TokenFilter) -> impl Iterator<Item = Kind> {
    Kind::all().filter(|kind| filter.kinds.is_empty() || filter.kinds.contains(kind))
}
