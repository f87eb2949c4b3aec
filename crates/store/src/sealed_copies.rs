//! Sealed copies of the texts of tokens that are shown again. They go with
//! their token.

use std::collections::BTreeMap;

use tokenry_domain::TokenId;
use tokenry_token::{KeyId, Sealed};

use crate::{
    Conn, StoreError,
    dialect::on_engine,
    sql::{Sql, bound},
};

/// Keeps the sealed copy of a new token's text.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn insert(conn: &mut Conn, token: TokenId, sealed: &Sealed) -> Result<(), StoreError> {
    const INSERT: &str = "INSERT INTO sealed_copies (token_id, key_id, bytes) VALUES ($1, $2, $3)";
    on_engine!(conn, c => sqlx::query::<Db>(INSERT)
        .bind(token.get())
        .bind(i64::from(sealed.key.get()))
        .bind(sealed.bytes.as_slice())
        .execute(c).await.map(drop)?);
    Ok(())
}

/// The sealed copies that are kept of these tokens' texts.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn of(
    conn: &mut Conn,
    tokens: impl IntoIterator<Item = TokenId>,
) -> Result<BTreeMap<TokenId, Sealed>, StoreError> {
    let mut sql = Sql::default();
    sql.push("SELECT token_id, key_id, bytes FROM sealed_copies")
        .condition("token_id")
        .among(tokens.into_iter().map(TokenId::get));
    let (text, values) = sql.finish();
    let rows: Vec<(i64, i64, Vec<u8>)> = on_engine!(conn, c => {
        let query = sqlx::query_as::<Db, (i64, i64, Vec<u8>)>(sqlx::AssertSqlSafe(text));
        bound!(query, values).fetch_all(c).await
    })?;
    rows.into_iter()
        .map(|(token, key, bytes)| {
            let key = u32::try_from(key).map_err(|_| StoreError::Corrupt("sealed copy"))?;
            let key = KeyId::new(key);
            Ok((TokenId::from_row(token), Sealed { key, bytes }))
        })
        .collect()
}

/// Throws the sealed copy of a token's text away, if one is kept.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn remove(conn: &mut Conn, token: TokenId) -> Result<(), StoreError> {
    const DELETE: &str = "DELETE FROM sealed_copies WHERE token_id = $1";
    on_engine!(conn, c => sqlx::query::<Db>(DELETE).bind(token.get()).execute(c).await.map(drop)?);
    Ok(())
}
