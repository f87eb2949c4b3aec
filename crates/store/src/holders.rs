//! What holds a token of its own, one at a time.

use jiff::Timestamp;
use sqlx::FromRow;
use tokenry_domain::{
    HolderId, Place, UserId,
    holder::{Details, Holder, HolderKind, NewHolder},
};

use crate::{Conn, StoreError, dialect::on_engine, tokens::time};

/// The columns of a row, in every statement that reads one.
macro_rules! columns {
    () => {
        "id, place_type, place_id, creator_id, name, details, created_at, updated_at, ended_at"
    };
}
pub(crate) use columns;

/// A row as it lies in the table.
#[derive(Debug, FromRow)]
pub(crate) struct HolderRow {
    id: i64,
    place_type: Option<String>,
    place_id: Option<i64>,
    creator_id: i64,
    name: String,
    details: String,
    created_at: i64,
    updated_at: i64,
    ended_at: Option<i64>,
}

impl TryFrom<HolderRow> for Holder {
    type Error = StoreError;

    fn try_from(row: HolderRow) -> Result<Self, StoreError> {
        let corrupt = || StoreError::Corrupt("holder");
        let place = row.place_type.zip(row.place_id);
        let place = place.map(|(sort, id)| Place::from_parts(&sort, id).ok_or_else(corrupt));
        Ok(Self {
            id: HolderId::from_row(row.id),
            place: place.transpose()?,
            creator: UserId::from_row(row.creator_id),
            name: row.name,
            details: serde_json::from_str(&row.details).map_err(|_| corrupt())?,
            created_at: time(row.created_at)?,
            updated_at: time(row.updated_at)?,
            ended_at: row.ended_at.map(time).transpose()?,
        })
    }
}

/// Adds a holder.
///
/// # Errors
/// [`StoreError::NoOwner`] if the creator was removed.
pub async fn insert(
    conn: &mut Conn,
    new: &NewHolder,
    now: Timestamp,
) -> Result<Holder, StoreError> {
    const INSERT: &str = concat!(
        "INSERT INTO holders (kind, place_type, place_id, creator_id, name, details, created_at, \
         updated_at, owner_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8) RETURNING ",
        columns!()
    );
    let place = new.place.map(Place::parts);
    let row = on_engine!(conn, c => sqlx::query_as::<Db, HolderRow>(INSERT)
        .bind(new.details.kind().name())
        .bind(place.map(|(sort, _)| sort))
        .bind(place.map(|(_, id)| id))
        .bind(new.creator.get())
        .bind(&new.name)
        .bind(json(&new.details)?)
        .bind(now.as_microsecond())
        .bind(new.details.owner().map(UserId::get))
        .fetch_one(c).await)
    .map_err(StoreError::or_no_owner)?;
    Holder::try_from(row)
}

/// The holder with this id.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn by_id(conn: &mut Conn, id: HolderId) -> Result<Option<Holder>, StoreError> {
    const SELECT: &str = concat!("SELECT ", columns!(), " FROM holders WHERE id = $1");
    let row = on_engine!(conn, c => sqlx::query_as::<Db, HolderRow>(SELECT)
        .bind(id.get()).fetch_optional(c).await)?;
    row.map(Holder::try_from).transpose()
}

/// At most `most` holders of a kind that haven't come to their end, the newest
/// first: those that are older than `before`, if it is given.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn lasting(
    conn: &mut Conn,
    kind: HolderKind,
    before: Option<HolderId>,
    most: u32,
) -> Result<Vec<Holder>, StoreError> {
    const SELECT: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM holders WHERE kind = $1 AND id < $2 AND ended_at IS NULL ORDER BY id DESC LIMIT $3"
    );
    let rows = on_engine!(conn, c => sqlx::query_as::<Db, HolderRow>(SELECT)
        .bind(kind.name())
        .bind(before.map_or(i64::MAX, HolderId::get))
        .bind(i64::from(most))
        .fetch_all(c).await)?;
    rows.into_iter().map(Holder::try_from).collect()
}

/// Holds a holder until the transaction ends: of two changes to it, the second
/// sees what the first did. Answers whether it is there.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn hold(conn: &mut Conn, id: HolderId) -> Result<bool, StoreError> {
    // An update is the lock that both engines know.
    const UPDATE: &str = "UPDATE holders SET updated_at = updated_at WHERE id = $1";
    let rows = on_engine!(conn, c => sqlx::query::<Db>(UPDATE)
        .bind(id.get()).execute(c).await?.rows_affected());
    Ok(rows == 1)
}

/// Whether a holder of this kind and name belongs to a place.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn is_named(
    conn: &mut Conn,
    kind: HolderKind,
    place: Place,
    name: &str,
) -> Result<bool, StoreError> {
    const SELECT: &str = "SELECT 1 FROM holders WHERE place_type = $1 AND place_id = $2 \
         AND kind = $3 AND name = $4 LIMIT 1";
    let (sort, id) = place.parts();
    Ok(on_engine!(conn, c => sqlx::query::<Db>(SELECT)
        .bind(sort)
        .bind(id)
        .bind(kind.name())
        .bind(name)
        .fetch_optional(c).await?.is_some()))
}

/// Replaces a holder's name, details and end; answers whether it was there.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn update(conn: &mut Conn, holder: &Holder, now: Timestamp) -> Result<bool, StoreError> {
    const UPDATE: &str = "UPDATE holders SET name = $2, details = $3, updated_at = $4, \
         ended_at = $5 WHERE id = $1";
    let rows = on_engine!(conn, c => sqlx::query::<Db>(UPDATE)
        .bind(holder.id.get())
        .bind(&holder.name)
        .bind(json(&holder.details)?)
        .bind(now.as_microsecond())
        .bind(holder.ended_at.map(Timestamp::as_microsecond))
        .execute(c).await?.rows_affected());
    Ok(rows == 1)
}

/// Ends a holder, unless that was done before; answers whether it did.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn end(conn: &mut Conn, id: HolderId, now: Timestamp) -> Result<bool, StoreError> {
    const UPDATE: &str = "UPDATE holders SET ended_at = $2, updated_at = $2 \
         WHERE id = $1 AND ended_at IS NULL";
    let rows = on_engine!(conn, c => sqlx::query::<Db>(UPDATE)
        .bind(id.get()).bind(now.as_microsecond()).execute(c).await?.rows_affected());
    Ok(rows == 1)
}

/// Removes a holder, whose tokens must be gone; answers whether it was there.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn delete(conn: &mut Conn, id: HolderId) -> Result<bool, StoreError> {
    let rows = on_engine!(conn, c => sqlx::query::<Db>("DELETE FROM holders WHERE id = $1")
        .bind(id.get()).execute(c).await?.rows_affected());
    Ok(rows == 1)
}

/// Removes at most `most` holders that belong to a user alone, whose tokens
/// must be gone; answers how many.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn delete_some_of(conn: &mut Conn, owner: UserId, most: u32) -> Result<u64, StoreError> {
    const DELETE: &str = "DELETE FROM holders WHERE id IN \
         (SELECT id FROM holders WHERE owner_id = $1 ORDER BY id LIMIT $2)";
    Ok(on_engine!(conn, c => sqlx::query::<Db>(DELETE)
        .bind(owner.get()).bind(i64::from(most)).execute(c).await?.rows_affected()))
}

fn json(details: &Details) -> Result<String, StoreError> {
    serde_json::to_string(details).map_err(|_| StoreError::Corrupt("holder"))
}
