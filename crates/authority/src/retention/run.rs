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

use crate::{
    Authority, Caller, Error, once,
    purges::{Chunk, Cover, give_way},
};

/// The longest run; what is left then waits for the next.
const LONGEST: Duration = Duration::from_mins(10);
/// Tombstones, entries of the trail or answers removed in one transaction.
const OLD: u32 = 500;

/// What a run did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ran {
    /// Tokens deleted.
    pub tokens: u64,
    /// Tombstones removed.
    pub tombstones: u64,
    /// Entries of the audit trail removed.
    pub audit: u64,
    /// Tokens that worked and were revoked.
    pub revoked: u64,
    /// Whether all that was due is gone; else its time ran out.
    pub whole: bool,
}

/// What goes besides tokens.
#[derive(Debug, Clone, Copy)]
enum Old {
    Tombstones,
    Audit,
    Answers,
}

impl Authority {
    /// Deletes what is due by the rules of retention, or as much of it as ten
    /// minutes allow.
    ///
    /// # Errors
    /// [`Error::AdminOnly`], or a fault of ours. What wasn't done now is done
    /// the next time.
    pub async fn run_retention(&self, caller: &Caller) -> Result<Ran, Error> {
        caller.require_admin()?;
        // One at a time.
        let _running = self.purges.retaining().await;
        let retention = Arc::new(self.retention().await?);
        let end = Instant::now() + LONGEST;
        let mut ran = Ran::default();
        for kind in Kind::all() {
            ran.tokens += self.retain_kind(caller, &retention, kind, end).await?;
        }
        let now = self.now();
        let day_over = before(now, once::DAYS);
        self.remove_old(caller, Old::Answers, day_over, end).await?;
        for (old, days, count) in [
            (
                Old::Tombstones,
                retention.tombstone_days,
                &mut ran.tombstones,
            ),
            (Old::Audit, retention.audit_days, &mut ran.audit),
        ] {
            if let Some(days) = days {
                *count = self.remove_old(caller, old, before(now, days), end).await?;
            }
        }
        ran.revoked = self.tidy_up(caller, &retention, end).await?;
        ran.whole = !self.is_over(end);
        let oldest = self.oldest_due(&retention).await?;
        let behind = oldest.map_or(0, |at| self.now().as_second() - at.as_second());
        let Ran {
            tokens,
            tombstones,
            audit,
            revoked,
            whole,
        } = ran;
        info!(
            tokens,
            tombstones,
            audit,
            revoked,
            whole,
            oldest_due_seconds = behind,
            "retention ran"
        );
        Ok(ran)
    }

    /// As [`Authority::run_retention`], by the server itself.
    ///
    /// # Errors
    /// A fault of ours.
    pub async fn retain(&self) -> Result<Ran, Error> {
        let origin = Origin {
            address: None,
            request_id: "retention".to_owned(),
        };
        self.run_retention(&Caller::console(origin)).await
    }

    /// When the oldest token was due that is there yet.
    pub(super) async fn oldest_due(
        &self,
        retention: &Retention,
    ) -> Result<Option<Timestamp>, Error> {
        let mut oldest = None;
        for kind in Kind::all() {
            let Some(days) = retention.fewest_days(kind) else {
                continue;
            };
            let found = self.dead(kind, days, Cursor::before(kind)).await?;
            let due = found
                .tokens
                .iter()
                .find(|token| self.is_due(retention, token));
            let due = due.and_then(|token| token.life.died());
            // It was due when its days were over; the rule that fits may say more.
            let due = due.map(|died| tokenry_domain::retention::later(died, days));
            oldest = [oldest, due].into_iter().flatten().min();
        }
        Ok(oldest)
    }

    pub(super) fn is_over(&self, end: Instant) -> bool {
        Instant::now() >= end || self.purges.is_stopping()
    }

    fn is_due(&self, retention: &Retention, token: &Token) -> bool {
        let owner = self.directory.get(token.owner);
        let owner = owner.map_or(UserType::Ghost, |owner| owner.user_type);
        retention.is_due(token, owner, self.now())
    }

    /// Tokens of a kind that died so many days ago or earlier, the oldest first.
    async fn dead(&self, kind: Kind, days: u16, cursor: Cursor) -> Result<Found, Error> {
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

    async fn retain_kind(
        &self,
        caller: &Caller,
        retention: &Arc<Retention>,
        kind: Kind,
        end: Instant,
    ) -> Result<u64, Error> {
        let Some(days) = retention.fewest_days(kind) else {
            return Ok(0);
        };
        let mut deleted = 0;
        let mut found = Found::nothing(Cursor::before(kind));
        while found.more && !self.is_over(end) {
            found = self.dead(kind, days, found.reached).await?;
            let tokens = std::mem::take(&mut found.tokens);
            let due: Vec<_> = tokens
                .into_iter()
                .filter(|token| self.is_due(retention, token))
                .collect();
            if !due.is_empty() {
                deleted += self.delete_due(caller, retention, kind, due).await?;
                give_way(&self.store).await;
            }
        }
        Ok(deleted)
    }

    /// One step: deletes tokens that are due, and tells the trail.
    async fn delete_due(
        &self,
        caller: &Caller,
        retention: &Arc<Retention>,
        kind: Kind,
        due: Vec<Token>,
    ) -> Result<u64, Error> {
        let turn = self.turn_for(&due).await;
        let mut entry = self.retained(caller);
        let cover = self.cover_of(retention.clone(), kind, entry.at);
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
                        chunk.tell(&mut entry);
                        audit::insert(conn, &entry).await?;
                        Ok(chunk)
                    })
                },
                move |chunk| forget(chunk),
            )
            .await
            .map(|chunk| chunk.gone.len() as u64)
    }

    fn cover_of(&self, retention: Arc<Retention>, kind: Kind, at: Timestamp) -> Cover {
        let directory = self.directory.clone();
        Cover {
            filter: of_kind(kind),
            at,
            goes: Arc::new(move |token, _| {
                let owner = directory.get(token.owner);
                let owner = owner.map_or(UserType::Ghost, |owner| owner.user_type);
                retention.is_due(token, owner, at)
            }),
        }
    }

    /// Removes tombstones, entries of the trail or answers from before a moment.
    async fn remove_old(
        &self,
        caller: &Caller,
        old: Old,
        moment: Timestamp,
        end: Instant,
    ) -> Result<u64, Error> {
        let mut removed = 0;
        while !self.is_over(end) {
            let some = self
                .remove_some_old(self.retained(caller), old, moment)
                .await?;
            removed += some;
            if some == 0 {
                break;
            }
            give_way(&self.store).await;
        }
        Ok(removed)
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

fn of_kind(kind: Kind) -> TokenFilter {
    TokenFilter {
        kinds: vec![kind],
        ..TokenFilter::default()
    }
}
