//! Answers that are given again to whoever repeats a request. They go with
//! their token, or when their time is over.

use jiff::Timestamp;
use sqlx::FromRow;
use tokenry_domain::TokenId;
use tokenry_token::{Digest, KeyId, Sealed};

use crate::{
    Conn, StoreError,
    dialect::on_engine,
    list::fetch,
    sql::{Sql, Value},
};

/// An answer as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptAnswer {
    /// What it is found by: the HMAC of whose request it was, and of its key.
    pub mark: Digest,
    /// The HMAC of what was asked for, under the key that sealed the answer.
    pub request: Digest,
    /// The token that the request made.
    pub token: TokenId,
    /// The answer itself.
    pub sealed: Sealed,
}

#[derive(Debug, FromRow)]
struct Row {
    token_id: i64,
    mark: Vec<u8>,
    request: Vec<u8>,
    key_id: i64,
    sealed: Vec<u8>,
}

impl TryFrom<Row> for KeptAnswer {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let corrupt = StoreError::Corrupt("kept answer");
        let key = u32::try_from(row.key_id).map_err(|_| corrupt.clone())?;
        Ok(Self {
            mark: Digest::try_from(row.mark.as_slice()).map_err(|_| corrupt.clone())?,
            request: Digest::try_from(row.request.as_slice()).map_err(|_| corrupt)?,
            token: TokenId::from_row(row.token_id),
            sealed: Sealed {
                key: KeyId::new(key),
                bytes: row.sealed,
            },
        })
    }
}

/// Keeps an answer; answers whether it did. It doesn't if one with the same
/// mark was kept after `since`; an older one it takes the place of. Of two at
/// once, one is kept.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn insert(
    conn: &mut Conn,
    answer: &KeptAnswer,
    since: Timestamp,
    now: Timestamp,
) -> Result<bool, StoreError> {
    const INSERT: &str = "INSERT INTO idempotency \
         (token_id, mark, request, key_id, sealed, made_at) VALUES ($1, $2, $3, $4, $5, $6) \
         ON CONFLICT (mark) DO UPDATE SET token_id = excluded.token_id, \
         request = excluded.request, key_id = excluded.key_id, sealed = excluded.sealed, \
         made_at = excluded.made_at WHERE idempotency.made_at <= $7";
    let rows = on_engine!(conn, c => sqlx::query::<Db>(INSERT)
        .bind(answer.token.get())
        .bind(answer.mark.as_bytes().as_slice())
        .bind(answer.request.as_bytes().as_slice())
        .bind(i64::from(answer.sealed.key.get()))
        .bind(answer.sealed.bytes.as_slice())
        .bind(now.as_microsecond())
        .bind(since.as_microsecond())
        .execute(c).await?.rows_affected());
    Ok(rows == 1)
}

/// The answer with one of these marks, if it was kept after `since`.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn find(
    conn: &mut Conn,
    marks: impl IntoIterator<Item = Digest>,
    since: Timestamp,
) -> Result<Option<KeptAnswer>, StoreError> {
    let mut sql = Sql::default();
    sql.push("SELECT token_id, mark, request, key_id, sealed FROM idempotency")
        .condition("mark")
        .among_digests(marks)
        .condition("made_at > ")
        .bind(Value::Number(since.as_microsecond()))
        .push(" ORDER BY made_at DESC, token_id DESC LIMIT 1");
    Ok(fetch::<Row, KeptAnswer>(conn, sql).await?.pop())
}

/// Removes at most `most` answers that were kept until a moment, the oldest
/// first; answers how many.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn delete_some_until(
    conn: &mut Conn,
    moment: Timestamp,
    most: u32,
) -> Result<u64, StoreError> {
    const DELETE: &str = "DELETE FROM idempotency WHERE token_id IN (SELECT token_id \
         FROM idempotency WHERE made_at <= $1 ORDER BY made_at, token_id LIMIT $2)";
    Ok(on_engine!(conn, c => sqlx::query::<Db>(DELETE)
        .bind(moment.as_microsecond()).bind(i64::from(most)).execute(c).await?.rows_affected()))
}
