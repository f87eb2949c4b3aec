//! When and from where tokens were used last, written in batches.

use tokenry_domain::{TokenId, token::LastUse};

use crate::{Conn, StoreError, dialect::on_engine};

/// Writes what was gathered of one token. A token that is gone meanwhile is
/// passed over.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn save(conn: &mut Conn, id: TokenId, last: &LastUse) -> Result<(), StoreError> {
    const UPDATE: &str = "UPDATE tokens SET last_used_at = $2, last_used_ips = $3 WHERE id = $1";
    let joined = last
        .addresses
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(",");
    on_engine!(conn, c => sqlx::query::<Db>(UPDATE)
        .bind(id.get())
        .bind(last.at.map(jiff::Timestamp::as_microsecond))
        .bind(Some(joined).filter(|text| !text.is_empty()))
        .execute(c).await.map(drop)?);
    Ok(())
}
