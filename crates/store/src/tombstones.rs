//! What stays of tokens whose rows are gone. [`crate::bury`] adds them; here
//! they are found, and go in their turn.

use jiff::Timestamp;
use sqlx::FromRow;
use tokenry_domain::{Burial, Kind, Reason, TokenId, Tombstone, UserId};
use tokenry_token::{Digest, Hint};

use crate::{Conn, StoreError, dialect::on_engine, tokens::time};

/// The columns of a tombstone, in every statement that reads one.
macro_rules! columns {
    () => {
        "token_id, kind, digest, hint, owner_id, created_at, revoked_at, deleted_at, deleted_by, reason"
    };
}

#[derive(Debug, FromRow)]
struct TombstoneRow {
    token_id: i64,
    kind: String,
    digest: Vec<u8>,
    hint: String,
    owner_id: i64,
    created_at: i64,
    revoked_at: Option<i64>,
    deleted_at: i64,
    deleted_by: Option<i64>,
    reason: Option<String>,
}

impl TryFrom<TombstoneRow> for Tombstone {
    type Error = StoreError;

    fn try_from(row: TombstoneRow) -> Result<Self, StoreError> {
        let corrupt = StoreError::Corrupt("tombstone");
        Ok(Self {
            id: TokenId::from_row(row.token_id),
            kind: Kind::from_name(&row.kind).ok_or_else(|| corrupt.clone())?,
            digest: Digest::try_from(row.digest.as_slice()).map_err(|_| corrupt)?,
            hint: Hint::from_stored(row.hint),
            owner: UserId::from_row(row.owner_id),
            created_at: time(row.created_at)?,
            revoked_at: row.revoked_at.map(time).transpose()?,
            burial: Burial {
                at: time(row.deleted_at)?,
                by: row.deleted_by.map(UserId::from_row),
                reason: row.reason.map(Reason::from_stored),
            },
        })
    }
}

/// The tombstone of the token with this id.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn by_id(conn: &mut Conn, id: TokenId) -> Result<Option<Tombstone>, StoreError> {
    const SELECT: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM tombstones WHERE token_id = $1"
    );
    let row = on_engine!(conn, c => sqlx::query_as::<Db, TombstoneRow>(SELECT)
        .bind(id.get()).fetch_optional(c).await)?;
    row.map(Tombstone::try_from).transpose()
}

/// The tombstone of the token whose text has this digest.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn by_digest(conn: &mut Conn, digest: Digest) -> Result<Option<Tombstone>, StoreError> {
    const SELECT: &str = concat!("SELECT ", columns!(), " FROM tombstones WHERE digest = $1");
    let row = on_engine!(conn, c => sqlx::query_as::<Db, TombstoneRow>(SELECT)
        .bind(digest.as_bytes().as_slice()).fetch_optional(c).await)?;
    row.map(Tombstone::try_from).transpose()
}

/// At most `most` tombstones of tokens that had this hint, the oldest first.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn by_hint(conn: &mut Conn, hint: &str, most: u32) -> Result<Vec<Tombstone>, StoreError> {
    const SELECT: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM tombstones WHERE hint = $1 ORDER BY token_id LIMIT $2"
    );
    let rows = on_engine!(conn, c => sqlx::query_as::<Db, TombstoneRow>(SELECT)
        .bind(crate::sql::text(hint).into_owned()).bind(i64::from(most)).fetch_all(c).await)?;
    rows.into_iter().map(Tombstone::try_from).collect()
}

/// When the oldest tombstone was raised; none where there is none.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn oldest(conn: &mut Conn) -> Result<Option<Timestamp>, StoreError> {
    const SELECT: &str = "SELECT MIN(deleted_at) FROM tombstones";
    let at = on_engine!(conn, c => sqlx::query_scalar::<Db, Option<i64>>(SELECT)
        .fetch_one(c).await)?;
    at.map(time).transpose()
}

/// Removes at most `most` tombstones of tokens that were deleted before a
/// moment, the oldest first; answers how many.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn delete_some_before(
    conn: &mut Conn,
    moment: Timestamp,
    most: u32,
) -> Result<u64, StoreError> {
    const DELETE: &str = "DELETE FROM tombstones WHERE token_id IN (SELECT token_id FROM tombstones \
         WHERE deleted_at < $1 ORDER BY deleted_at, token_id LIMIT $2)";
    Ok(on_engine!(conn, c => sqlx::query::<Db>(DELETE)
        .bind(moment.as_microsecond()).bind(i64::from(most))
        .execute(c).await?.rows_affected()))
}

/// How many tombstones there are of tokens that were deleted before a moment.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn count_before(conn: &mut Conn, moment: Timestamp) -> Result<u64, StoreError> {
    const COUNT: &str = "SELECT COUNT(*) FROM tombstones WHERE deleted_at < $1";
    let count = on_engine!(conn, c => sqlx::query_scalar::<Db, i64>(COUNT)
        .bind(moment.as_microsecond()).fetch_one(c).await)?;
    Ok(count.unsigned_abs())
}
