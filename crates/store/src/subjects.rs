//! What people call the things that tokens belong to.

use std::collections::{BTreeSet, HashMap};

use tokenry_domain::Subject;

use crate::{
    Conn, StoreError,
    dialect::on_engine,
    sql::{Sql, bound},
};

/// Where the names of each sort stand: a place goes by its full path.
const NAMES: [(&str, &str); 3] = [
    ("group", "SELECT id, full_path FROM namespaces"),
    ("project", "SELECT id, full_path FROM projects"),
    ("holder", "SELECT id, name FROM holders"),
];

/// The names of these subjects. One that is gone has no entry.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn names(
    conn: &mut Conn,
    subjects: impl IntoIterator<Item = Subject>,
) -> Result<HashMap<Subject, String>, StoreError> {
    let wanted: BTreeSet<_> = subjects.into_iter().map(Subject::parts).collect();
    let mut names = HashMap::new();
    for (sort, select) in NAMES {
        let ids = of_sort(&wanted, sort);
        if ids.is_empty() {
            continue;
        }
        let mut sql = Sql::default();
        sql.push(select).condition("id").among(ids);
        let (text, values) = sql.finish();
        let rows: Vec<(i64, String)> = on_engine!(conn, c => {
            let query = sqlx::query_as::<Db, (i64, String)>(sqlx::AssertSqlSafe(text));
            bound!(query, values).fetch_all(c).await
        })?;
        let found = rows
            .into_iter()
            .filter_map(|(id, name)| Some((Subject::from_parts(sort, id)?, name)));
        names.extend(found);
    }
    Ok(names)
}

fn of_sort(subjects: &BTreeSet<(&str, i64)>, sort: &str) -> Vec<i64> {
    let of_sort = subjects.iter().filter(|(found, _)| *found == sort);
    of_sort.map(|(_, id)| *id).collect()
}
