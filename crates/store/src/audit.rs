//! The audit trail. Rows are only ever added, and go when retention says so.

use jiff::Timestamp;
use serde_json::Value;
use sqlx::FromRow;
use tokenry_domain::{Reason, TokenId, UserId, audit::Entry};

use crate::{Conn, StoreError, dialect::on_engine, tokens::time};

/// The columns of a row, in every statement that reads one.
macro_rules! columns {
    () => {
        "id, at, action, actor_user_id, actor_token_id, on_behalf_id, address, request_id, \
         target_type, target_id, reason, before_json, after_json"
    };
}
pub(crate) use columns;

/// Adds an entry. It belongs in the transaction of the change it tells of.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn insert(conn: &mut Conn, entry: &Entry) -> Result<(), StoreError> {
    const INSERT: &str = "INSERT INTO audit_events (at, action, actor_user_id, actor_token_id, \
         on_behalf_id, address, request_id, target_type, target_id, reason, before_json, after_json) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    let (target_type, target_id) = entry.target.parts();
    on_engine!(conn, c => sqlx::query::<Db>(INSERT)
        .bind(entry.at.as_microsecond())
        .bind(entry.action.name())
        .bind(entry.actor.user.map(UserId::get))
        .bind(entry.actor.token.map(TokenId::get))
        .bind(entry.actor.on_behalf.map(UserId::get))
        .bind(entry.origin.address.map(|address| address.to_string()))
        .bind(&entry.origin.request_id)
        .bind(target_type)
        .bind(target_id)
        .bind(entry.reason.as_ref().map(Reason::as_str))
        .bind(json(&entry.before))
        .bind(json(&entry.after))
        .execute(c).await.map(drop)?);
    Ok(())
}

fn json(facts: &Value) -> Option<String> {
    if facts.is_null() {
        None
    } else {
        Some(facts.to_string())
    }
}

/// Removes at most `most` entries, the oldest there are, of those from before a
/// moment; answers how many.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn delete_some_before(
    conn: &mut Conn,
    moment: Timestamp,
    most: u32,
) -> Result<u64, StoreError> {
    const DELETE: &str = "DELETE FROM audit_events WHERE at < $1 \
         AND id IN (SELECT id FROM audit_events ORDER BY id LIMIT $2)";
    Ok(on_engine!(conn, c => sqlx::query::<Db>(DELETE)
        .bind(moment.as_microsecond()).bind(i64::from(most))
        .execute(c).await?.rows_affected()))
}

/// When the oldest entry was written; none where there is none.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn oldest(conn: &mut Conn) -> Result<Option<Timestamp>, StoreError> {
    const SELECT: &str = "SELECT at FROM audit_events ORDER BY id LIMIT 1";
    let at = on_engine!(conn, c => sqlx::query_scalar::<Db, i64>(SELECT)
        .fetch_optional(c).await)?;
    at.map(time).transpose()
}

/// How many entries there are from before a moment.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn count_before(conn: &mut Conn, moment: Timestamp) -> Result<u64, StoreError> {
    const COUNT: &str = "SELECT COUNT(*) FROM audit_events WHERE at < $1";
    let count = on_engine!(conn, c => sqlx::query_scalar::<Db, i64>(COUNT)
        .bind(moment.as_microsecond()).fetch_one(c).await)?;
    Ok(count.unsigned_abs())
}

/// An entry as it was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    /// The row's id; later entries have larger ones.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// What was done.
    pub action: String,
    /// The user who did it; none for the server's own console.
    pub actor_user: Option<i64>,
    /// The token it was done with.
    pub actor_token: Option<i64>,
    /// The administrator behind a `sudo`.
    pub on_behalf: Option<i64>,
    /// The client's address.
    pub address: Option<String>,
    /// The request.
    pub request_id: String,
    /// What it was done to, such as `token` or `instance`, and its id.
    pub target: (String, Option<i64>),
    /// Why, if anybody said.
    pub reason: Option<String>,
    /// What it was before.
    pub before: Value,
    /// What it was after.
    pub after: Value,
}

/// A row as it lies in the table.
#[derive(Debug, FromRow)]
pub(crate) struct AuditRow {
    id: i64,
    at: i64,
    action: String,
    actor_user_id: Option<i64>,
    actor_token_id: Option<i64>,
    on_behalf_id: Option<i64>,
    address: Option<String>,
    request_id: String,
    target_type: String,
    target_id: Option<i64>,
    reason: Option<String>,
    before_json: Option<String>,
    after_json: Option<String>,
}

/// The entries after this id, oldest first, at most `most`.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn after(conn: &mut Conn, id: i64, most: u32) -> Result<Vec<Written>, StoreError> {
    const SELECT: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM audit_events WHERE id > $1 ORDER BY id LIMIT $2"
    );
    let rows = on_engine!(conn, c => sqlx::query_as::<Db, AuditRow>(SELECT)
        .bind(id).bind(i64::from(most)).fetch_all(c).await)?;
    rows.into_iter().map(Written::try_from).collect()
}

impl TryFrom<AuditRow> for Written {
    type Error = StoreError;

    fn try_from(row: AuditRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            at: time(row.at)?,
            action: row.action,
            actor_user: row.actor_user_id,
            actor_token: row.actor_token_id,
            on_behalf: row.on_behalf_id,
            address: row.address,
            request_id: row.request_id,
            target: (row.target_type, row.target_id),
            reason: row.reason,
            before: facts(row.before_json.as_deref())?,
            after: facts(row.after_json.as_deref())?,
        })
    }
}

fn facts(json: Option<&str>) -> Result<Value, StoreError> {
    json.map_or(Ok(Value::Null), |text| {
        serde_json::from_str(text).map_err(|_| StoreError::Corrupt("audit entry"))
    })
}
