//! What stays of tokens whose rows are gone. [`crate::bury`] adds them; here
//! they are found, and go in their turn.

use jiff::Timestamp;
use sqlx::FromRow;
use tokenry_domain::{Burial, Kind, Reason, TokenId, Tombstone, UserId, token_filter::HintPart};
use tokenry_token::{Digest, Hint};

use crate::{
    Conn, StoreError,
    dialect::on_engine,
    list::fetch,
    sql::{Sql, Value},
    token_list,
    tokens::time,
};

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

/// The tombstones of those of these tokens that were deleted.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn with_ids(
    conn: &mut Conn,
    ids: impl IntoIterator<Item = TokenId>,
) -> Result<Vec<Tombstone>, StoreError> {
    let mut sql = selecting();
    sql.condition("token_id")
        .among(ids.into_iter().map(TokenId::get));
    fetch::<TombstoneRow, Tombstone>(conn, sql).await
}

/// The tombstones of the tokens whose texts had these digests.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn with_digests(
    conn: &mut Conn,
    digests: impl IntoIterator<Item = Digest>,
) -> Result<Vec<Tombstone>, StoreError> {
    let mut sql = selecting();
    sql.condition("digest").among_digests(digests);
    fetch::<TombstoneRow, Tombstone>(conn, sql).await
}

/// The tombstone of the token with this id.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn by_id(conn: &mut Conn, id: TokenId) -> Result<Option<Tombstone>, StoreError> {
    Ok(with_ids(conn, [id]).await?.pop())
}

/// The tombstone of the token whose text had this digest.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn by_digest(conn: &mut Conn, digest: Digest) -> Result<Option<Tombstone>, StoreError> {
    Ok(with_digests(conn, [digest]).await?.pop())
}

/// At most `most` tombstones of tokens whose hints say so, the oldest first.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn hinted(
    conn: &mut Conn,
    hint: &HintPart,
    most: usize,
) -> Result<Vec<Tombstone>, StoreError> {
    let mut sql = selecting();
    token_list::hinted(&mut sql, hint);
    sql.push(" ORDER BY token_id LIMIT ")
        .bind(Value::Number(i64::try_from(most).unwrap_or(i64::MAX)));
    fetch::<TombstoneRow, Tombstone>(conn, sql).await
}

fn selecting() -> Sql {
    let mut sql = Sql::default();
    sql.push(concat!("SELECT ", columns!(), " FROM tombstones"));
    sql
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
