//! Purges, one at a time. What one has come to is written in the transaction
//! that deletes: whatever becomes of the server, the two agree.

use std::collections::BTreeSet;

use jiff::Timestamp;
use sqlx::FromRow;
use tokenry_domain::{
    Kind, Purge, PurgeId, Reason, TokenId, UserId,
    audit::Actor,
    page::{Direction, Page, Window},
    purge::{Cursor, Filed, NewPurge, Outcome, Progress, beginning},
};

use crate::{
    Conn, StoreError,
    dialect::on_engine,
    list::{self, List},
    sql::Sql,
    tokens::time,
};

/// The columns of a row, in every statement that reads one.
macro_rules! columns {
    () => {
        "id, filter, dry_run, reason, filed_at, filed_by, token_id, on_behalf_id, request_id, \
         last_id, owner_ids, cursor_kind, cursor_at, cursor_id, steps, examined, deleted, ended_at, outcome"
    };
}

/// A row as it lies in the table.
#[derive(Debug, FromRow)]
struct PurgeRow {
    id: i64,
    filter: String,
    dry_run: bool,
    reason: Option<String>,
    filed_at: i64,
    filed_by: Option<i64>,
    token_id: Option<i64>,
    on_behalf_id: Option<i64>,
    request_id: String,
    last_id: i64,
    owner_ids: Option<String>,
    cursor_kind: Option<String>,
    cursor_at: Option<i64>,
    cursor_id: i64,
    steps: i64,
    examined: i64,
    deleted: i64,
    ended_at: Option<i64>,
    outcome: Option<String>,
}

impl TryFrom<PurgeRow> for Purge {
    type Error = StoreError;

    fn try_from(row: PurgeRow) -> Result<Self, StoreError> {
        let cursor = row.cursor()?;
        let ended = row.ended_at.map(time).transpose()?;
        let outcome = row.outcome.as_deref().map(outcome).transpose()?;
        Ok(Self {
            id: PurgeId::from_row(row.id),
            wanted: NewPurge {
                filter: serde_json::from_str(&row.filter).map_err(|_| CORRUPT)?,
                dry_run: row.dry_run,
                reason: row.reason.map(Reason::from_stored),
            },
            filed: Filed {
                at: time(row.filed_at)?,
                by: Actor {
                    user: row.filed_by.map(UserId::from_row),
                    token: row.token_id.map(TokenId::from_row),
                    on_behalf: row.on_behalf_id.map(UserId::from_row),
                },
                request_id: row.request_id,
                last: row.last_id,
                owners: row.owner_ids.as_deref().map(owners).transpose()?,
            },
            progress: Progress {
                cursor,
                steps: row.steps.unsigned_abs(),
                examined: row.examined.unsigned_abs(),
                deleted: row.deleted.unsigned_abs(),
            },
            ended: ended.zip(outcome),
        })
    }
}

const CORRUPT: StoreError = StoreError::Corrupt("purge");

impl PurgeRow {
    fn cursor(&self) -> Result<Cursor, StoreError> {
        let Some((kind, at)) = self.cursor_kind.as_deref().zip(self.cursor_at) else {
            return Ok(Cursor::Id(self.cursor_id));
        };
        Ok(Cursor::Death {
            kind: Kind::from_name(kind).ok_or(CORRUPT)?,
            at: time(at)?,
            id: self.cursor_id,
        })
    }
}

fn outcome(name: &str) -> Result<Outcome, StoreError> {
    let all = Outcome::ALL.into_iter();
    all.clone()
        .find(|outcome| outcome.name() == name)
        .ok_or(CORRUPT)
}

fn owners(json: &str) -> Result<BTreeSet<UserId>, StoreError> {
    serde_json::from_str(json).map_err(|_| CORRUPT)
}

/// A cursor's columns: kind, moment and id.
fn parts(cursor: Cursor) -> (Option<&'static str>, Option<i64>, i64) {
    match cursor {
        Cursor::Id(id) => (None, None, id),
        Cursor::Death { kind, at, id } => (Some(kind.name()), Some(at.as_microsecond()), id),
    }
}

/// Files a purge, which remembers the highest id there is, and these owners
/// where it asks for owners' states.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn insert(
    conn: &mut Conn,
    wanted: &NewPurge,
    by: &Actor,
    request_id: &str,
    owners: Option<&BTreeSet<UserId>>,
    now: Timestamp,
) -> Result<Purge, StoreError> {
    const INSERT: &str = concat!(
        "INSERT INTO purges (filter, dry_run, reason, filed_at, filed_by, token_id, on_behalf_id, \
         request_id, cursor_kind, cursor_at, cursor_id, owner_ids, last_id) \
         SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, COALESCE(MAX(id), 0) FROM tokens \
         RETURNING ",
        columns!()
    );
    let filter = serde_json::to_string(&wanted.filter).map_err(|_| CORRUPT)?;
    let owners = owners.map(serde_json::to_string).transpose();
    let owners = owners.map_err(|_| CORRUPT)?;
    let (kind, at, id) = parts(beginning(&wanted.filter, now));
    let row = on_engine!(conn, c => sqlx::query_as::<Db, PurgeRow>(INSERT)
        .bind(filter)
        .bind(wanted.dry_run)
        .bind(wanted.reason.as_ref().map(Reason::as_str))
        .bind(now.as_microsecond())
        .bind(by.user.map(UserId::get))
        .bind(by.token.map(TokenId::get))
        .bind(by.on_behalf.map(UserId::get))
        .bind(request_id)
        .bind(kind)
        .bind(at)
        .bind(id)
        .bind(owners)
        .fetch_one(c).await)?;
    Purge::try_from(row)
}

/// The purge with this id.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn by_id(conn: &mut Conn, id: PurgeId) -> Result<Option<Purge>, StoreError> {
    const SELECT: &str = concat!("SELECT ", columns!(), " FROM purges WHERE id = $1");
    let row = on_engine!(conn, c => sqlx::query_as::<Db, PurgeRow>(SELECT)
        .bind(id.get()).fetch_optional(c).await)?;
    row.map(Purge::try_from).transpose()
}

/// One window of the purges, the newest first.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn page(conn: &mut Conn, window: &Window) -> Result<Page<Purge>, StoreError> {
    let list = List {
        rows: concat!("SELECT ", columns!(), " FROM purges"),
        ones: "SELECT 1 FROM purges",
        conditions: Sql::default(),
        key: "id",
        direction: Direction::Descending,
    };
    list::page::<PurgeRow, Purge>(conn, list, window).await
}

/// The oldest purge that hasn't ended.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn oldest_open(conn: &mut Conn) -> Result<Option<PurgeId>, StoreError> {
    const SELECT: &str = "SELECT id FROM purges WHERE ended_at IS NULL ORDER BY id LIMIT 1";
    let id = on_engine!(conn, c => sqlx::query_scalar::<Db, i64>(SELECT).fetch_optional(c).await)?;
    Ok(id.map(PurgeId::from_row))
}

/// How many purges haven't ended.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn count_open(conn: &mut Conn) -> Result<u64, StoreError> {
    const COUNT: &str = "SELECT COUNT(*) FROM purges WHERE ended_at IS NULL";
    let count = on_engine!(conn, c => sqlx::query_scalar::<Db, i64>(COUNT).fetch_one(c).await)?;
    Ok(count.unsigned_abs())
}

/// Writes how far a purge has come, if it hasn't ended and this is the step
/// after the last one; answers whether it is so. It holds the purge until the
/// transaction ends.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn advance(
    conn: &mut Conn,
    id: PurgeId,
    progress: &Progress,
) -> Result<bool, StoreError> {
    const UPDATE: &str = "UPDATE purges SET cursor_kind = $2, cursor_at = $3, cursor_id = $4, \
         steps = $5, examined = $6 \
         WHERE id = $1 AND ended_at IS NULL AND steps = $5 - 1";
    let (kind, at, cursor_id) = parts(progress.cursor);
    let rows = on_engine!(conn, c => sqlx::query::<Db>(UPDATE)
        .bind(id.get())
        .bind(kind)
        .bind(at)
        .bind(cursor_id)
        .bind(progress.steps.cast_signed())
        .bind(progress.examined.cast_signed())
        .execute(c).await?.rows_affected());
    Ok(rows == 1)
}

/// Counts tokens that a purge deleted.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn count_deleted(conn: &mut Conn, id: PurgeId, deleted: usize) -> Result<(), StoreError> {
    const UPDATE: &str = "UPDATE purges SET deleted = deleted + $2 WHERE id = $1";
    on_engine!(conn, c => sqlx::query::<Db>(UPDATE)
        .bind(id.get()).bind(i64::try_from(deleted).unwrap_or(0))
        .execute(c).await.map(drop)?);
    Ok(())
}

/// Ends a purge, unless it has ended; answers whether it did.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn end(
    conn: &mut Conn,
    id: PurgeId,
    outcome: Outcome,
    now: Timestamp,
) -> Result<bool, StoreError> {
    const UPDATE: &str =
        "UPDATE purges SET outcome = $2, ended_at = $3 WHERE id = $1 AND ended_at IS NULL";
    let rows = on_engine!(conn, c => sqlx::query::<Db>(UPDATE)
        .bind(id.get()).bind(outcome.name()).bind(now.as_microsecond())
        .execute(c).await?.rows_affected());
    Ok(rows == 1)
}
