//! Which digest keys the database's tokens were made with.
//!
//! Only a check value of each key is here, which tells a right key from a
//! wrong one and nothing else; the keys lie in the data directory.

use jiff::Timestamp;
use tokenry_token::KeyId;

use crate::{Conn, StoreError, dialect::on_engine};

/// A key's id and check value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownKey {
    /// The key's id.
    pub id: KeyId,
    /// What the right key of that id gives.
    pub check_value: [u8; 8],
}

/// All keys the database knows, by id.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn all(conn: &mut Conn) -> Result<Vec<KnownKey>, StoreError> {
    const SELECT: &str = "SELECT id, check_value FROM digest_keys ORDER BY id";
    let rows: Vec<(i64, Vec<u8>)> =
        on_engine!(conn, c => sqlx::query_as::<Db, (i64, Vec<u8>)>(SELECT).fetch_all(c).await)?;
    rows.into_iter().map(known_key).collect()
}

fn known_key((id, check_value): (i64, Vec<u8>)) -> Result<KnownKey, StoreError> {
    let corrupt = StoreError::Corrupt("digest key");
    let id = u32::try_from(id).map_err(|_| corrupt.clone())?;
    let check_value = check_value.try_into().map_err(|_| corrupt)?;
    Ok(KnownKey {
        id: KeyId::new(id),
        check_value,
    })
}

/// Makes a key known.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn insert(conn: &mut Conn, key: KnownKey, now: Timestamp) -> Result<(), StoreError> {
    const INSERT: &str = "INSERT INTO digest_keys (id, check_value, since) VALUES ($1, $2, $3)";
    on_engine!(conn, c => sqlx::query::<Db>(INSERT)
        .bind(i64::from(key.id.get()))
        .bind(key.check_value.as_slice())
        .bind(now.as_microsecond())
        .execute(c).await.map(drop)?);
    Ok(())
}
