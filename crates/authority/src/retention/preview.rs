//! What is due now, and what will be soon.

use jiff::Timestamp;
use tokenry_domain::{Kind, Retention, State, UserType, retention};
use tokenry_store::{Conn, audit, retention::count_dead, tombstones};

use super::Unwanted;
use crate::{Authority, Caller, Error};

/// How far the preview looks ahead, in days.
const AHEAD: u16 = 30;

/// How many things are due.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Due {
    /// Now.
    pub now: u64,
    /// Within the next 30 days, those of now included, if nothing else happens.
    pub soon: u64,
}

/// What would go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// By which rules.
    pub retention: Retention,
    /// Tokens, by each of the rules.
    pub tokens: Vec<Due>,
    /// Tombstones.
    pub tombstones: Due,
    /// Entries of the audit trail.
    pub audit: Due,
    /// Tokens that work and would be revoked.
    pub hygiene: Unwanted,
}

impl Authority {
    /// What is due now and in the next 30 days, for administrators: by the
    /// rules in force, or by others that somebody thinks about.
    ///
    /// # Errors
    /// [`Error::AdminOnly`], [`Error::Invalid`], or a fault of ours.
    pub async fn preview_retention(
        &self,
        caller: &Caller,
        instead: Option<Retention>,
    ) -> Result<Preview, Error> {
        caller.require_admin()?;
        let retention = match instead {
            Some(instead) => instead,
            None => self.retention().await?,
        };
        retention.check()?;
        let now = self.now();
        let mut conn = self.store.read().await?;
        let mut tokens = vec![Due::default(); retention.tokens.len()];
        for kind in Kind::all() {
            for owner in UserType::ALL {
                for state in [State::Expired, State::Revoked] {
                    let place = retention.rule(kind, owner, state);
                    let rule = place.and_then(|place| retention.tokens.get(place));
                    let days = rule.and_then(|rule| rule.days);
                    let due = place.and_then(|place| tokens.get_mut(place));
                    if let (Some(days), Some(due)) = (days, due) {
                        let class = (kind, owner, state);
                        add(&mut conn, due, class, days, now).await?;
                    }
                }
            }
        }
        let hygiene = self.count_unwanted(&retention).await?;
        Ok(Preview {
            hygiene,
            tombstones: old_stones(&mut conn, retention.tombstone_days, now).await?,
            audit: old_entries(&mut conn, retention.audit_days, now).await?,
            retention,
            tokens,
        })
    }
}

async fn add(
    conn: &mut Conn,
    due: &mut Due,
    (kind, owner, state): (Kind, UserType, State),
    days: u16,
    now: Timestamp,
) -> Result<(), Error> {
    let [past, ahead] = ends(days, now);
    due.now += count_dead(conn, kind, owner, state, past).await?;
    due.soon += count_dead(conn, kind, owner, state, ahead).await?;
    Ok(())
}

async fn old_stones(conn: &mut Conn, days: Option<u16>, now: Timestamp) -> Result<Due, Error> {
    let Some(days) = days else {
        return Ok(Due::default());
    };
    let [past, ahead] = ends(days, now);
    Ok(Due {
        now: tombstones::count_before(conn, past).await?,
        soon: tombstones::count_before(conn, ahead).await?,
    })
}

async fn old_entries(conn: &mut Conn, days: Option<u16>, now: Timestamp) -> Result<Due, Error> {
    let Some(days) = days else {
        return Ok(Due::default());
    };
    let [past, ahead] = ends(days, now);
    Ok(Due {
        now: audit::count_before(conn, past).await?,
        soon: audit::count_before(conn, ahead).await?,
    })
}

/// What died until then is due now, and within the time ahead.
fn ends(days: u16, now: Timestamp) -> [Timestamp; 2] {
    let ahead = retention::later(now, AHEAD);
    [now, ahead].map(|at| retention::before(at, days))
}
