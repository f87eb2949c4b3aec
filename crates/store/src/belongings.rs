//! What belongs to the places in a scope besides members: tokens, what holds
//! tokens, and machines.
//!
//! Each sort of place is asked for apart: that is a seek in an index, where
//! one question for both may walk over the whole table.

use tokenry_domain::{Burial, UserId};

use crate::{
    Conn, StoreError, bury,
    dialect::on_engine,
    sql::{Sql, Value, bound},
    sweep::Scope,
    tokens::Removed,
};

/// The places of one sort that lie in a scope, as the end of a condition on
/// the column of their ids.
struct Reach {
    sort: &'static str,
    ids: [&'static str; 2],
}

const PROJECT: [Reach; 1] = [Reach {
    sort: "project",
    ids: [" = ", ""],
}];

const NAMESPACE: [Reach; 2] = [
    Reach {
        sort: "group",
        ids: [
            " IN (SELECT namespace_id FROM ancestry WHERE ancestor_id = ",
            ")",
        ],
    },
    Reach {
        sort: "project",
        ids: [
            " IN (SELECT projects.id FROM ancestry \
             JOIN projects ON projects.namespace_id = ancestry.namespace_id WHERE ancestor_id = ",
            ")",
        ],
    },
];

impl Scope {
    fn reaches(self) -> (&'static [Reach], i64) {
        match self {
            Self::Namespace(id) => (&NAMESPACE, id.get()),
            Self::Project(id) => (&PROJECT, id.get()),
        }
    }
}

/// A statement about the rows that belong to these places: `[before the sort,
/// before the ids, before the limit, after it]`.
fn statement(pieces: [&'static str; 4], reach: &Reach, scope: i64, most: u32) -> Sql {
    let [sort, ids, limit, end] = pieces;
    let [before, after] = reach.ids;
    let mut sql = Sql::default();
    sql.push(sort)
        .bind(Value::Text(reach.sort.to_owned()))
        .push(ids)
        .push(before)
        .bind(Value::Number(scope))
        .push(after)
        .push(limit)
        .bind(Value::Number(i64::from(most)))
        .push(end);
    sql
}

/// Removes at most `most` tokens that belong to places in a scope, or to what
/// is held there.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn bury_tokens(
    conn: &mut Conn,
    scope: Scope,
    most: u32,
    burial: &Burial,
) -> Result<Vec<Removed>, StoreError> {
    const OF_PLACES: [&str; 4] = [
        "DELETE FROM tokens WHERE id IN (SELECT id FROM tokens WHERE subject_type = ",
        " AND subject_id",
        " LIMIT ",
        ")",
    ];
    const OF_HOLDERS: [&str; 4] = [
        "DELETE FROM tokens WHERE id IN (SELECT id FROM tokens WHERE subject_type = 'holder' \
         AND subject_id IN (SELECT id FROM holders WHERE place_type = ",
        " AND place_id",
        ") LIMIT ",
        ")",
    ];
    let (reaches, id) = scope.reaches();
    let mut gone = Vec::new();
    for pieces in [OF_PLACES, OF_HOLDERS] {
        for reach in reaches {
            let room = most.saturating_sub(u32::try_from(gone.len()).unwrap_or(u32::MAX));
            let delete = statement(pieces, reach, id, room);
            gone.extend(bury::those(conn, delete, burial).await?);
        }
    }
    Ok(gone)
}

/// Removes at most `most` holders of places in a scope, whose tokens must be
/// gone; answers how many.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn delete_holders(conn: &mut Conn, scope: Scope, most: u32) -> Result<u64, StoreError> {
    const DELETE: [&str; 4] = [
        "DELETE FROM holders WHERE id IN (SELECT id FROM holders WHERE place_type = ",
        " AND place_id",
        " LIMIT ",
        ")",
    ];
    let (reaches, id) = scope.reaches();
    let mut gone = 0;
    for reach in reaches {
        let room = most.saturating_sub(u32::try_from(gone).unwrap_or(u32::MAX));
        let (text, values) = statement(DELETE, reach, id, room).finish();
        gone += on_engine!(conn, c => {
            bound!(sqlx::query::<Db>(sqlx::AssertSqlSafe(text)), values)
                .execute(c).await?.rows_affected()
        });
    }
    Ok(gone)
}

/// At most `most` of the bots and service accounts that are at home in a scope.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn machines(conn: &mut Conn, scope: Scope, most: u32) -> Result<Vec<UserId>, StoreError> {
    const SELECT: [&str; 4] = [
        "SELECT id FROM users WHERE home_type = ",
        " AND home_id",
        " LIMIT ",
        "",
    ];
    let (reaches, id) = scope.reaches();
    let mut found = Vec::new();
    for reach in reaches {
        let room = most.saturating_sub(u32::try_from(found.len()).unwrap_or(u32::MAX));
        let (text, values) = statement(SELECT, reach, id, room).finish();
        let rows: Vec<i64> = on_engine!(conn, c => {
            let query = sqlx::query_scalar::<Db, i64>(sqlx::AssertSqlSafe(text));
            bound!(query, values).fetch_all(c).await
        })?;
        found.extend(rows.into_iter().map(UserId::from_row));
    }
    Ok(found)
}
