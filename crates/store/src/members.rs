//! Members, one at a time. A membership whose date has come counts as none.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sqlx::FromRow;
use tokenry_domain::{AccessLevel, Member, Place, UserId};

use crate::{
    Conn, StoreError,
    dialect::on_engine,
    sql::{Sql, Value, bound},
    standings::lasting,
    tokens::time,
};

/// A row as it lies in the table.
#[derive(Debug, FromRow)]
struct MemberRow {
    access_level: i64,
    expires_at: Option<i64>,
    created_by: Option<i64>,
    created_at: i64,
}

/// A role as the database keeps it.
pub(crate) fn level(number: i64) -> Result<AccessLevel, StoreError> {
    AccessLevel::from_number(number).ok_or(StoreError::Corrupt("access level"))
}

/// Makes a user a member; answers whether the user wasn't one.
///
/// # Errors
/// [`StoreError::NoOwner`] if the user was removed.
pub async fn insert(conn: &mut Conn, member: &Member, now: Timestamp) -> Result<bool, StoreError> {
    // A membership that has ended makes room for a new one.
    const INSERT: &str = "INSERT INTO members \
         (place_type, place_id, user_id, access_level, expires_at, created_by, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) \
         ON CONFLICT (place_type, place_id, user_id) DO UPDATE SET \
         access_level = excluded.access_level, expires_at = excluded.expires_at, \
         created_by = excluded.created_by, created_at = excluded.created_at \
         WHERE members.expires_at <= $8";
    let (place_type, place_id) = member.place.parts();
    let rows = on_engine!(conn, c => sqlx::query::<Db>(INSERT)
        .bind(place_type)
        .bind(place_id)
        .bind(member.user.get())
        .bind(member.level.number())
        .bind(member.expires_at.map(Timestamp::as_microsecond))
        .bind(member.created_by.map(UserId::get))
        .bind(member.created_at.as_microsecond())
        .bind(now.as_microsecond())
        .execute(c).await.map_err(StoreError::or_no_owner)?.rows_affected());
    Ok(rows == 1)
}

/// Changes a member's role and when it ends; answers whether the user is one.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn update(conn: &mut Conn, member: &Member) -> Result<bool, StoreError> {
    const UPDATE: &str = "UPDATE members SET access_level = $4, expires_at = $5 \
         WHERE place_type = $1 AND place_id = $2 AND user_id = $3";
    let (place_type, place_id) = member.place.parts();
    let rows = on_engine!(conn, c => sqlx::query::<Db>(UPDATE)
        .bind(place_type)
        .bind(place_id)
        .bind(member.user.get())
        .bind(member.level.number())
        .bind(member.expires_at.map(Timestamp::as_microsecond))
        .execute(c).await?.rows_affected());
    Ok(rows == 1)
}

/// A user's membership in this very place.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn find(
    conn: &mut Conn,
    place: Place,
    user: UserId,
    now: Timestamp,
) -> Result<Option<Member>, StoreError> {
    const SELECT: &str = "SELECT access_level, expires_at, created_by, created_at FROM members \
         WHERE place_type = $1 AND place_id = $2 AND user_id = $3 \
         AND (expires_at IS NULL OR expires_at > $4)";
    let (place_type, place_id) = place.parts();
    let row = on_engine!(conn, c => sqlx::query_as::<Db, MemberRow>(SELECT)
        .bind(place_type)
        .bind(place_id)
        .bind(user.get())
        .bind(now.as_microsecond())
        .fetch_optional(c).await)?;
    row.map(|row| {
        Ok(Member {
            user,
            place,
            level: level(row.access_level)?,
            created_at: time(row.created_at)?,
            created_by: row.created_by.map(UserId::from_row),
            expires_at: row.expires_at.map(time).transpose()?,
        })
    })
    .transpose()
}

/// The roles that were given in a place to each of these users. Who isn't a
/// member has no entry.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn levels(
    conn: &mut Conn,
    place: Place,
    users: &[UserId],
    now: Timestamp,
) -> Result<BTreeMap<UserId, AccessLevel>, StoreError> {
    let Some((first, rest)) = users.split_first() else {
        return Ok(BTreeMap::new());
    };
    let (place_type, place_id) = place.parts();
    let mut sql = Sql::default();
    sql.push("SELECT user_id, access_level FROM members WHERE place_type = ")
        .bind(Value::Text(place_type.to_owned()))
        .push(" AND place_id = ")
        .bind(Value::Number(place_id))
        .push(" AND user_id IN (")
        .bind(Value::Number(first.get()));
    for user in rest {
        sql.push(", ").bind(Value::Number(user.get()));
    }
    sql.push(")");
    lasting(&mut sql, now);
    let (text, values) = sql.finish();
    let rows: Vec<(i64, i64)> = on_engine!(conn, c => {
        let query = sqlx::query_as::<Db, (i64, i64)>(sqlx::AssertSqlSafe(text));
        bound!(query, values).fetch_all(c).await
    })?;
    rows.into_iter()
        .map(|(user, number)| Ok((UserId::from_row(user), level(number)?)))
        .collect()
}

/// Ends a membership; answers whether there was one.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn delete(conn: &mut Conn, place: Place, user: UserId) -> Result<bool, StoreError> {
    const DELETE: &str =
        "DELETE FROM members WHERE place_type = $1 AND place_id = $2 AND user_id = $3";
    let (place_type, place_id) = place.parts();
    let rows = on_engine!(conn, c => sqlx::query::<Db>(DELETE)
        .bind(place_type).bind(place_id).bind(user.get()).execute(c).await?.rows_affected());
    Ok(rows == 1)
}

/// Ends at most `most` memberships of a user; answers how many.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn delete_some_of(conn: &mut Conn, user: UserId, most: u32) -> Result<u64, StoreError> {
    const DELETE: &str = "DELETE FROM members WHERE user_id = $1 AND (place_type, place_id) IN \
         (SELECT place_type, place_id FROM members WHERE user_id = $1 LIMIT $2)";
    Ok(on_engine!(conn, c => sqlx::query::<Db>(DELETE)
        .bind(user.get()).bind(i64::from(most)).execute(c).await?.rows_affected()))
}
