//! Which roles users have in places, those given in the groups above included.

use std::collections::BTreeMap;

use jiff::Timestamp;
use tokenry_domain::{GroupId, Levels, Place, UserId};

use crate::{
    Conn, StoreError,
    dialect::on_engine,
    members::level,
    sql::{Sql, Value, bound},
};

/// Adds the condition that a role's date hasn't come.
pub(crate) fn lasting(sql: &mut Sql, now: Timestamp) {
    sql.push(" AND (expires_at IS NULL OR expires_at > ")
        .bind(Value::Number(now.as_microsecond()))
        .push(")");
}

/// The roles of a user in each of these places. Where there is none, there is
/// no entry.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn levels(
    conn: &mut Conn,
    user: UserId,
    places: &[Place],
    now: Timestamp,
) -> Result<BTreeMap<Place, Levels>, StoreError> {
    let mut levels = BTreeMap::new();
    for sort in ["group", "project"] {
        let of_sort = places.iter().map(|place| place.parts());
        let ids: Vec<_> = of_sort
            .filter_map(|(own, id)| (own == sort).then_some(id))
            .collect();
        if !ids.is_empty() {
            gather(conn, &mut levels, user, sort, &ids, now).await?;
        }
    }
    Ok(levels)
}

async fn gather(
    conn: &mut Conn,
    levels: &mut BTreeMap<Place, Levels>,
    user: UserId,
    sort: &'static str,
    ids: &[i64],
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut sql = Sql::default();
    sql.push(
        "SELECT place_id, source_type, source_id, access_level FROM standings WHERE user_id = ",
    )
    .bind(Value::Number(user.get()))
    .push(" AND place_type = ")
    .bind(Value::Text(sort.to_owned()))
    .push(" AND place_id IN (");
    for (number, id) in ids.iter().enumerate() {
        sql.push(if number == 0 { "" } else { ", " })
            .bind(Value::Number(*id));
    }
    sql.push(")");
    lasting(&mut sql, now);
    let (text, values) = sql.finish();
    let rows: Vec<(i64, String, i64, i64)> = on_engine!(conn, c => {
        let query = sqlx::query_as::<Db, (i64, String, i64, i64)>(sqlx::AssertSqlSafe(text));
        bound!(query, values).fetch_all(c).await
    })?;
    for (id, source_type, source_id, number) in rows {
        let place = Place::from_parts(sort, id).ok_or(StoreError::Corrupt("member"))?;
        let found: &mut Levels = levels.entry(place).or_default();
        let held = if (source_type.as_str(), source_id) == (sort, id) {
            &mut found.own
        } else {
            &mut found.inherited
        };
        *held = (*held).max(Some(level(number)?));
    }
    Ok(())
}

/// Whether a user is a member of a group or project beneath this group.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn is_member_beneath(
    conn: &mut Conn,
    user: UserId,
    group: GroupId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    const SELECT: &str = "SELECT 1 FROM members WHERE user_id = $1 \
         AND (expires_at IS NULL OR expires_at > $3) AND ( \
         place_type = 'group' AND place_id IN \
         (SELECT namespace_id FROM ancestry WHERE ancestor_id = $2) \
         OR place_type = 'project' AND place_id IN \
         (SELECT projects.id FROM ancestry JOIN projects ON projects.namespace_id = ancestry.namespace_id \
         WHERE ancestor_id = $2)) LIMIT 1";
    Ok(on_engine!(conn, c => sqlx::query::<Db>(SELECT)
        .bind(user.get())
        .bind(group.get())
        .bind(now.as_microsecond())
        .fetch_optional(c).await?.is_some()))
}

/// Whether somebody else than this user owns a group, or a group above it.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn has_other_owner(
    conn: &mut Conn,
    group: GroupId,
    user: UserId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    const SELECT: &str = "SELECT 1 FROM standings WHERE place_type = 'group' AND place_id = $1 \
         AND user_id <> $2 AND access_level = 50 AND (expires_at IS NULL OR expires_at > $3) \
         AND EXISTS (SELECT 1 FROM users WHERE users.id = standings.user_id \
         AND users.user_type <> 'project_bot') LIMIT 1";
    Ok(on_engine!(conn, c => sqlx::query::<Db>(SELECT)
        .bind(group.get())
        .bind(user.get())
        .bind(now.as_microsecond())
        .fetch_optional(c).await?.is_some()))
}

/// Whether a user owns a group that nobody else owns, in itself or from above.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn is_sole_owner(
    conn: &mut Conn,
    user: UserId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    const SELECT: &str = "SELECT 1 FROM members WHERE user_id = $1 AND place_type = 'group' \
         AND access_level = 50 AND (expires_at IS NULL OR expires_at > $2) \
         AND NOT EXISTS (SELECT 1 FROM standings WHERE standings.place_type = 'group' \
         AND standings.place_id = members.place_id AND standings.user_id <> $1 \
         AND standings.access_level = 50 \
         AND (standings.expires_at IS NULL OR standings.expires_at > $2) \
         AND EXISTS (SELECT 1 FROM users WHERE users.id = standings.user_id \
         AND users.user_type <> 'project_bot')) LIMIT 1";
    Ok(on_engine!(conn, c => sqlx::query::<Db>(SELECT)
        .bind(user.get())
        .bind(now.as_microsecond())
        .fetch_optional(c).await?.is_some()))
}
