//! What only few kinds of token have beside the rest. It goes with its token.

use std::collections::BTreeMap;

use jiff::Timestamp;
use tokenry_domain::{Particulars, TokenId};

use crate::{
    Conn, StoreError,
    dialect::on_engine,
    sql::{Sql, bound},
    tokens::time,
};

/// Keeps the particulars of a token, in place of what was kept before.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn put(
    conn: &mut Conn,
    token: TokenId,
    particulars: &Particulars,
) -> Result<(), StoreError> {
    const INSERT: &str = "INSERT INTO token_particulars (token_id, username, updated_at) \
         VALUES ($1, $2, $3) ON CONFLICT (token_id) DO UPDATE \
         SET username = excluded.username, updated_at = excluded.updated_at";
    on_engine!(conn, c => sqlx::query::<Db>(INSERT)
        .bind(token.get())
        .bind(&particulars.username)
        .bind(particulars.updated_at.map(Timestamp::as_microsecond))
        .execute(c).await.map(drop)?);
    Ok(())
}

/// The row as it lies in the table.
type Row = (i64, Option<String>, Option<i64>);

/// The particulars of these tokens. One that has none has no entry.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn of(
    conn: &mut Conn,
    tokens: impl IntoIterator<Item = TokenId>,
) -> Result<BTreeMap<TokenId, Particulars>, StoreError> {
    let mut sql = Sql::default();
    sql.push("SELECT token_id, username, updated_at FROM token_particulars")
        .condition("token_id")
        .among(tokens.into_iter().map(TokenId::get));
    let (text, values) = sql.finish();
    let rows: Vec<Row> = on_engine!(conn, c => {
        let query = sqlx::query_as::<Db, Row>(sqlx::AssertSqlSafe(text));
        bound!(query, values).fetch_all(c).await
    })?;
    by_token(rows)
}

/// The particulars of the tokens from one to another, as [`of`].
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn between(
    conn: &mut Conn,
    first: TokenId,
    last: TokenId,
) -> Result<BTreeMap<TokenId, Particulars>, StoreError> {
    const SELECT: &str = "SELECT token_id, username, updated_at FROM token_particulars \
         WHERE token_id BETWEEN $1 AND $2";
    let rows = on_engine!(conn, c => sqlx::query_as::<Db, Row>(SELECT)
        .bind(first.get()).bind(last.get()).fetch_all(c).await)?;
    by_token(rows)
}

fn by_token(rows: Vec<Row>) -> Result<BTreeMap<TokenId, Particulars>, StoreError> {
    rows.into_iter()
        .map(|(token, username, updated_at)| {
            let updated_at = updated_at.map(time).transpose()?;
            let particulars = Particulars {
                username,
                updated_at,
            };
            Ok((TokenId::from_row(token), particulars))
        })
        .collect()
}
