//! Sealed copies of the texts of tokens that are shown again. They go with
//! their token.

use tokenry_domain::TokenId;
use tokenry_token::{KeyId, Sealed};

use crate::{Conn, StoreError, dialect::on_engine};

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

/// The sealed copy of a token's text, if one is kept.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn of(conn: &mut Conn, token: TokenId) -> Result<Option<Sealed>, StoreError> {
    const SELECT: &str = "SELECT key_id, bytes FROM sealed_copies WHERE token_id = $1";
    let row = on_engine!(conn, c => sqlx::query_as::<Db, (i64, Vec<u8>)>(SELECT)
        .bind(token.get()).fetch_optional(c).await)?;
    row.map(|(key, bytes)| {
        let key = u32::try_from(key).map_err(|_| StoreError::Corrupt("sealed copy"))?;
        Ok(Sealed {
            key: KeyId::new(key),
            bytes,
        })
    })
    .transpose()
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
