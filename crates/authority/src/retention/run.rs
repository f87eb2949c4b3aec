//! The run: deletes what is due, in small steps, for so long at most.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use serde_json::json;
use tokenry_domain::{
    Kind, Reason, Retention, Token, UserType,
    audit::{Action, Entry, Origin, Target},
    purge::Cursor,
    retention::before,
    token_filter::TokenFilter,
};
use tokenry_store::{
    Work, audit, kept_answers, tombstones,
    walk::{self, Found, Way},
};
use tokio::time::Instant;
use tracing::info;

use super::{Behind, End, Ran, Run, runs::Running};
use crate::{
    Authority, Caller, Error, once,
    purges::{Chunk, Cover, give_way},
};

/// The longest run; what is left then waits for the next.
const LONGEST: Duration = Duration::from_mins(10);
/// Tombstones, entries of the trail or answers removed in one transaction.
const OLD: u32 = 500;

/// A run at work: by which rules, for how long, and in whose name.
pub(super) struct Shift<'a> {
    pub(super) caller: Caller,
    pub(super) rules: Arc<Retention>,
    pub(super) end: Instant,
    pub(super) running: Running<'a>,
}

/// What goes besides tokens.
#[derive(Debug, Clone, Copy)]
enum Old {
    Tombstones,
    Audit,
    Answers,
}

impl Old {
    /// Its place in the count.
    const fn count(self, ran: &mut Ran) -> &mut u64 {
        match self {
            Self::Tombstones => &mut ran.tombstones,
            Self::Audit => &mut ran.audit,
            Self::Answers => &mut ran.answers,
        }
    }
}

impl Authority {
    /// Deletes what is due by the rules of retention, or as much of it as ten
    /// minutes allow.
    ///
    /// # Errors
    /// [`Error::AdminOnly`], [`Error::RetentionRunning`], or a fault of ours.
    /// What wasn't done now is done the next time.
    pub async fn run_retention(&self, caller: &Caller) -> Result<Run, Error> {
        caller.require_admin()?;
        let running = self.begin_retention()?;
        self.retain_by(caller.clone(), running).await
    }

    /// The run that somebody asked for; where nobody did, one of the server's
    /// own.
    ///
    /// # Errors
    /// [`Error::RetentionRunning`], or a fault of ours.
    pub async fn retain(&self) -> Result<Run, Error> {
        if let Some((running, asker)) = self.take_up_retention() {
            return self.retain_by(asker, running).await;
        }
        let origin = Origin {
            address: None,
            request_id: "retention".to_owned(),
        };
        self.run_retention(&Caller::console(origin)).await
    }

    async fn retain_by(&self, caller: Caller, running: Running<'_>) -> Result<Run, Error> {
        let rules = Arc::new(self.retention().await?);
        self.retaining.passed.begin(rules.clone());
        let mut shift = Shift {
            caller,
            rules: rules.clone(),
            end: Instant::now() + LONGEST,
            running,
        };
        for kind in Kind::all() {
            self.retain_kind(&mut shift, kind).await?;
        }
        let now = self.now();
        for (old, days) in [
            (Old::Answers, Some(once::DAYS)),
            (Old::Tombstones, rules.tombstone_days),
            (Old::Audit, rules.audit_days),
        ] {
            if let Some(days) = days {
                self.remove_old(&mut shift, old, before(now, days)).await?;
            }
        }
        self.tidy_up(&mut shift).await?;
        let behind = self.behind().await?;
        let end = if self.is_over(shift.end) {
            End::Early
        } else {
            End::Done
        };
        let run = shift.running.end(end);
        tell(&run, &behind);
        Ok(run)
    }

    pub(super) fn is_over(&self, end: Instant) -> bool {
        Instant::now() >= end || self.purges.is_stopping()
    }

    /// Tokens of a kind that died so many days ago or earlier, the oldest first.
    pub(super) async fn dead(&self, kind: Kind, days: u16, cursor: Cursor) -> Result<Found, Error> {
        let now = self.now();
        let way = Way {
            filter: &of_kind(kind),
            at: now,
            last: i64::MAX,
            until: before(now, days),
        };
        let mut conn = self.store.read().await?;
        Ok(walk::on(&mut conn, &way, cursor, self.chunk_size()).await?)
    }

    async fn retain_kind(&self, shift: &mut Shift<'_>, kind: Kind) -> Result<(), Error> {
        let Some(days) = shift.rules.fewest_days(kind) else {
            return Ok(());
        };
        let mut next = None;
        let mut found = Found::nothing(Cursor::before(kind));
        while found.more && !self.is_over(shift.end) {
            found = self.dead(kind, days, found.reached).await?;
            let now = self.now();
            let mut due = Vec::new();
            for token in std::mem::take(&mut found.tokens) {
                match self.due_at(&shift.rules, &token) {
                    Some(at) if at <= now => due.push(token),
                    later => next = [next, later].into_iter().flatten().min(),
                }
            }
            if !due.is_empty() {
                let deleted = self.delete_due(shift, kind, due).await?;
                shift.running.count(|ran| ran.tokens += deleted);
                give_way(&self.store).await;
            }
        }
        if !found.more {
            self.retaining.passed.note(kind, found.reached, next);
        }
        Ok(())
    }

    /// One step: deletes tokens that are due, and tells the trail.
    async fn delete_due(
        &self,
        shift: &Shift<'_>,
        kind: Kind,
        due: Vec<Token>,
    ) -> Result<u64, Error> {
        let turn = self.turn_for(&due).await;
        let mut entry = self.retained(&shift.caller);
        let cover = self.cover_of(shift.rules.clone(), kind, entry.at);
        let ids = due.into_iter().map(|token| token.id).collect();
        let (memory, forget) = (self.memory(), self.forgetting_chunk(turn));
        self.store
            .write(
                move |conn| -> Work<'_, Chunk, Error> {
                    Box::pin(async move {
                        let tokens = Chunk::covered(conn, ids, &cover, &memory).await?;
                        if tokens.is_empty() {
                            return Ok(Chunk::default());
                        }
                        let chunk = Chunk::delete(conn, &tokens, &cover, &memory, &entry).await?;
                        entry.after = chunk.facts();
                        audit::insert(conn, &entry).await?;
                        Ok(chunk)
                    })
                },
                move |chunk| forget(chunk),
            )
            .await
            .map(|chunk| chunk.gone.len() as u64)
    }

    fn cover_of(&self, rules: Arc<Retention>, kind: Kind, at: Timestamp) -> Cover {
        let directory = self.directory.clone();
        Cover {
            filter: of_kind(kind),
            at,
            goes: Arc::new(move |token, _| {
                let owner = directory.get(token.owner);
                let owner = owner.map_or(UserType::Ghost, |owner| owner.user_type);
                let due = rules.due_at(token, owner, at);
                due.is_some_and(|due| due <= at)
            }),
        }
    }

    /// Removes tombstones, entries of the trail or answers from before a moment.
    async fn remove_old(
        &self,
        shift: &mut Shift<'_>,
        old: Old,
        moment: Timestamp,
    ) -> Result<(), Error> {
        while !self.is_over(shift.end) {
            let entry = self.retained(&shift.caller);
            let some = self.remove_some_old(entry, old, moment).await?;
            shift.running.count(|ran| *old.count(ran) += some);
            if some < u64::from(OLD) {
                break;
            }
            give_way(&self.store).await;
        }
        Ok(())
    }

    async fn remove_some_old(
        &self,
        mut entry: Entry,
        old: Old,
        moment: Timestamp,
    ) -> Result<u64, Error> {
        self.store
            .write(
                move |conn| -> Work<'_, u64, Error> {
                    Box::pin(async move {
                        let (what, removed) = match old {
                            Old::Tombstones => {
                                let some = tombstones::delete_some_before(conn, moment, OLD);
                                ("tombstones_removed", some.await?)
                            }
                            Old::Audit => {
                                let some = audit::delete_some_before(conn, moment, OLD);
                                ("entries_removed", some.await?)
                            }
                            Old::Answers => {
                                let some = kept_answers::delete_some_until(conn, moment, OLD);
                                ("answers_removed", some.await?)
                            }
                        };
                        if removed > 0 {
                            entry.after = json!({ what: removed, "before": moment.to_string() });
                            audit::insert(conn, &entry).await?;
                        }
                        Ok(removed)
                    })
                },
                |_| {},
            )
            .await
    }

    fn retained(&self, caller: &Caller) -> Entry {
        Entry {
            reason: Some(Reason::ours("its retention is over")),
            ..self.entry(caller, Action::RetentionApplied, Target::Instance)
        }
    }
}

/// The log's line of a run.
fn tell(run: &Run, behind: &Behind) {
    let Ran {
        tokens,
        tombstones,
        audit,
        revoked,
        ..
    } = run.ran;
    info!(
        tokens,
        tombstones,
        audit,
        revoked,
        whole = run.is_whole(),
        oldest_due_seconds = behind.tokens.as_secs(),
        "retention ran"
    );
}

fn of_kind(kind: Kind) -> TokenFilter {
    TokenFilter {
        kinds: vec![kind],
        ..TokenFilter::default()
    }
}
