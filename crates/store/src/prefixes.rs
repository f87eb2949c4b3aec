//! Every prefix that tokens of this instance ever began with.

use jiff::Timestamp;
use tokenry_token::Prefix;

use crate::{Conn, StoreError, dialect::on_engine};

/// All of them, the former ones too.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn all(conn: &mut Conn) -> Result<Vec<Prefix>, StoreError> {
    let rows = on_engine!(conn, c => {
        sqlx::query_scalar::<Db, String>("SELECT prefix FROM prefixes ORDER BY prefix").fetch_all(c).await
    })?;
    rows.iter()
        .map(|text| Prefix::new(text).map_err(|_| StoreError::Corrupt("prefix")))
        .collect()
}

/// Remembers prefixes for good.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn remember(
    conn: &mut Conn,
    prefixes: &[Prefix],
    now: Timestamp,
) -> Result<(), StoreError> {
    const INSERT: &str =
        "INSERT INTO prefixes (prefix, since) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    for prefix in prefixes {
        on_engine!(conn, c => sqlx::query::<Db>(INSERT)
            .bind(prefix.as_str()).bind(now.as_microsecond()).execute(c).await.map(drop)?);
    }
    Ok(())
}
