//! How far behind retention is: since when the rows are due that are there yet.
//! Each sort of row is asked for by a seek in an index.

use std::{collections::BTreeMap, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use parking_lot::Mutex;
use tokenry_domain::{Kind, Retention, Token, UserType, purge::Cursor, retention::later};
use tokenry_store::{audit, tombstones};

use crate::{Authority, Error};

/// For how long the oldest row of each sort has been due that is there yet;
/// nothing where none is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Behind {
    /// Of the tokens.
    pub tokens: SignedDuration,
    /// Of the tombstones.
    pub tombstones: SignedDuration,
    /// Of the entries of the audit trail.
    pub audit: SignedDuration,
}

/// What the last run passed and left where it is. Whoever asks what is due
/// takes its word for it, until the next run looks at all of it again.
#[derive(Debug, Default)]
pub(super) struct Passed(Mutex<ByRules>);

#[derive(Debug, Default)]
struct ByRules {
    rules: Arc<Retention>,
    kinds: BTreeMap<Kind, Left>,
}

/// How far the run came in a kind.
#[derive(Debug, Clone, Copy)]
struct Left {
    reached: Cursor,
    /// When the first is due of those that it left; none if all of them stay.
    next: Option<Timestamp>,
}

impl Passed {
    /// Forgets what was passed by the rules before.
    pub(super) fn begin(&self, rules: Arc<Retention>) {
        *self.0.lock() = ByRules {
            rules,
            kinds: BTreeMap::new(),
        };
    }

    /// All of a kind that died before this place was looked at.
    pub(super) fn note(&self, kind: Kind, reached: Cursor, next: Option<Timestamp>) {
        self.0.lock().kinds.insert(kind, Left { reached, next });
    }

    /// What is known of a kind by these rules; where nothing is, it is looked
    /// at from its beginning.
    fn known(&self, rules: &Retention, kind: Kind) -> Left {
        let passed = self.0.lock();
        let left = passed.kinds.get(&kind).filter(|_| *passed.rules == *rules);
        left.copied().unwrap_or(Left {
            reached: Cursor::before(kind),
            next: None,
        })
    }
}

impl Authority {
    /// For how long what is due has waited.
    pub(crate) async fn behind(&self) -> Result<Behind, Error> {
        let rules = self.retention().await?;
        let tokens = self.oldest_due(&rules).await?;
        let mut conn = self.store.read().await?;
        let tombstones = match rules.tombstone_days {
            Some(days) => due(tombstones::oldest(&mut conn).await?, days),
            None => None,
        };
        let audit = match rules.audit_days {
            Some(days) => due(audit::oldest(&mut conn).await?, days),
            None => None,
        };
        let now = self.now();
        let since = |due: Option<Timestamp>| {
            let waited = due.map(|due| now.duration_since(due));
            waited.unwrap_or_default().max(SignedDuration::ZERO)
        };
        Ok(Behind {
            tokens: since(tokens),
            tombstones: since(tombstones),
            audit: since(audit),
        })
    }

    /// When the oldest token was due that is there yet.
    pub(super) async fn oldest_due(&self, rules: &Retention) -> Result<Option<Timestamp>, Error> {
        let now = self.now();
        let mut oldest = None;
        for kind in Kind::all() {
            let Some(days) = rules.fewest_days(kind) else {
                continue;
            };
            let Left { reached, next } = self.retaining.passed.known(rules, kind);
            let found = self.dead(kind, days, reached).await?;
            let beyond = found.tokens.iter();
            let beyond = beyond.filter_map(|token| self.due_at(rules, token));
            let due = beyond.chain(next).filter(|due| *due <= now);
            oldest = due.chain(oldest).min();
        }
        Ok(oldest)
    }

    /// When a dead token is to go, if it doesn't stay.
    pub(super) fn due_at(&self, rules: &Retention, token: &Token) -> Option<Timestamp> {
        let owner = self.directory.get(token.owner);
        let owner = owner.map_or(UserType::Ghost, |owner| owner.user_type);
        rules.due_at(token, owner, self.now())
    }
}

/// When the oldest is due of what is kept for so many days.
fn due(oldest: Option<Timestamp>, days: u16) -> Option<Timestamp> {
    oldest.map(|at| later(at, days))
}
