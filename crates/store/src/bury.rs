//! The only way that rows of the ledger go: each leaves a tombstone in the same
//! transaction.
//!
//! The rows are removed first and answered by the statement that removes them.
//! So what is told of them is what they were last, and of two who remove the
//! same row, one finds nothing.

use jiff::Timestamp;
use sqlx::FromRow;
use tokenry_domain::{Burial, Reason, Subject, TokenId, UserId, token_filter::TokenFilter};

use crate::{
    Conn, StoreError,
    dialect::on_engine,
    sql::{Sql, Value, bound},
    token_list,
    tokens::{Removed, removed},
};

/// What the statements that remove rows end with.
const RETURNING: &str = " RETURNING id, kind, digest, hint, owner_id, created_at, revoked_at";

/// Tombstones in one statement; engines limit how many values one may have.
const MOST_IN_A_STATEMENT: usize = 100;

/// What a tombstone takes over from the row.
#[derive(Debug, FromRow)]
struct Remains {
    id: i64,
    kind: String,
    digest: Vec<u8>,
    hint: String,
    owner_id: i64,
    created_at: i64,
    revoked_at: Option<i64>,
}

/// Removes a token's row; answers whether it was there.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn one(conn: &mut Conn, id: TokenId, burial: &Burial) -> Result<bool, StoreError> {
    let mut sql = Sql::default();
    sql.push("DELETE FROM tokens WHERE id = ")
        .bind(Value::Number(id.get()));
    Ok(!those(conn, sql, burial).await?.is_empty())
}

/// Removes those of these tokens that match a filter at this moment.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn matching(
    conn: &mut Conn,
    ids: impl IntoIterator<Item = TokenId>,
    filter: &TokenFilter,
    now: Timestamp,
    burial: &Burial,
) -> Result<Vec<Removed>, StoreError> {
    let mut sql = token_list::conditions(filter, now);
    sql.condition("id").among(ids.into_iter().map(TokenId::get));
    those(conn, sql.after_start("DELETE FROM tokens"), burial).await
}

/// Removes at most `most` tokens of a user.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn some_of(
    conn: &mut Conn,
    owner: UserId,
    most: u32,
    burial: &Burial,
) -> Result<Vec<Removed>, StoreError> {
    let mut ids = Sql::default();
    ids.push("SELECT id FROM tokens WHERE owner_id = ")
        .bind(Value::Number(owner.get()));
    some(conn, ids, most, burial).await
}

/// Removes at most `most` tokens that belong to a subject.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn some_in(
    conn: &mut Conn,
    subject: Subject,
    most: u32,
    burial: &Burial,
) -> Result<Vec<Removed>, StoreError> {
    let (sort, id) = subject.parts();
    let mut ids = Sql::default();
    ids.push("SELECT id FROM tokens WHERE subject_type = ")
        .bind(Value::Text(sort.to_owned()))
        .push(" AND subject_id = ")
        .bind(Value::Number(id));
    some(conn, ids, most, burial).await
}

/// Removes at most `most` tokens of holders that belong to a user alone.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn some_of_holders(
    conn: &mut Conn,
    owner: UserId,
    most: u32,
    burial: &Burial,
) -> Result<Vec<Removed>, StoreError> {
    let mut ids = Sql::default();
    ids.push(
        "SELECT tokens.id FROM tokens \
         JOIN holders ON subject_type = 'holder' AND subject_id = holders.id \
         WHERE holders.owner_id = ",
    )
    .bind(Value::Number(owner.get()));
    some(conn, ids, most, burial).await
}

/// Removes those of the lowest ids, at most `most`, of the tokens whose ids are
/// selected.
async fn some(
    conn: &mut Conn,
    ids: Sql,
    most: u32,
    burial: &Burial,
) -> Result<Vec<Removed>, StoreError> {
    let mut sql = ids.after_start("DELETE FROM tokens WHERE id IN (");
    sql.push(" ORDER BY tokens.id LIMIT ")
        .bind(Value::Number(i64::from(most)))
        .push(")");
    those(conn, sql, burial).await
}

/// Removes the rows that a statement names, and leaves a tombstone of each.
pub(crate) async fn those(
    conn: &mut Conn,
    mut delete: Sql,
    burial: &Burial,
) -> Result<Vec<Removed>, StoreError> {
    delete.push(RETURNING);
    let (text, values) = delete.finish();
    let rows: Vec<Remains> = on_engine!(conn, c => {
        let query = sqlx::query_as::<Db, Remains>(sqlx::AssertSqlSafe(text));
        bound!(query, values).fetch_all(c).await
    })?;
    for some in rows.chunks(MOST_IN_A_STATEMENT) {
        raise(conn, some, burial).await?;
    }
    rows.into_iter()
        .map(|row| removed((row.id, row.digest)))
        .collect()
}

/// Adds the tombstones of rows.
async fn raise(conn: &mut Conn, rows: &[Remains], burial: &Burial) -> Result<(), StoreError> {
    let text = raising(rows.len());
    on_engine!(conn, c => {
        let mut query = sqlx::query::<Db>(sqlx::AssertSqlSafe(text))
            .bind(burial.at.as_microsecond())
            .bind(burial.by.map(UserId::get))
            .bind(burial.reason.as_ref().map(Reason::as_str));
        for row in rows {
            query = query
                .bind(row.id)
                .bind(&row.kind)
                .bind(&row.digest)
                .bind(&row.hint)
                .bind(row.owner_id)
                .bind(row.created_at)
                .bind(row.revoked_at);
        }
        query.execute(c).await.map(drop)?;
    });
    Ok(())
}

/// The statement that adds so many tombstones: what they have in common comes
/// first, then what each has of its own.
fn raising(rows: usize) -> String {
    const OWN: usize = 7;
    let row = |row: usize| {
        let own = (0..OWN).map(|value| format!("${}", 4 + row * OWN + value));
        format!("($1, $2, $3, {})", own.collect::<Vec<_>>().join(", "))
    };
    let rows: Vec<_> = (0..rows).map(row).collect();
    format!(
        "INSERT INTO tombstones (deleted_at, deleted_by, reason, token_id, kind, digest, hint, \
         owner_id, created_at, revoked_at) VALUES {}",
        rows.join(", ")
    )
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_row_has_seven_values_of_its_own() {
        let text = super::raising(2);
        let values = "($1, $2, $3, $4, $5, $6, $7, $8, $9, $10), \
                      ($1, $2, $3, $11, $12, $13, $14, $15, $16, $17)";
        assert!(text.ends_with(values), "{text}");
    }
}
