//! What a user may see of the groups and projects, as SQL.

use jiff::Timestamp;
use tokenry_domain::{
    Visibility,
    place_filter::{PlaceFilter, Viewer},
};

use crate::{
    sql::{Sql, Value, contains},
    standings::lasting,
};

/// The conditions that group and project lists have in common. `sort` is the
/// sort of place listed.
pub(crate) fn conditions(sql: &mut Sql, sort: &'static str, filter: &PlaceFilter, now: Timestamp) {
    if let Some(viewer) = filter.seen_by {
        seen(sql, sort, viewer, now);
    }
    if let Some((user, level)) = filter.role {
        sql.condition("id IN (SELECT place_id FROM standings WHERE place_type = ");
        sql.bind(Value::Text(sort.to_owned()))
            .push(" AND user_id = ")
            .bind(Value::Number(user.get()))
            .push(" AND access_level >= ")
            .bind(Value::Number(level.number()));
        lasting(sql, now);
        sql.push(")");
    }
    if let Some(search) = &filter.search {
        sql.condition("folded LIKE ")
            .bind(Value::Text(contains(&search.to_lowercase())))
            .push(r" ESCAPE '\'");
    }
    if let Some(visibility) = filter.visibility {
        sql.condition("visibility = ")
            .bind(Value::Text(visibility.name().to_owned()));
    }
}

fn seen(sql: &mut Sql, sort: &'static str, viewer: Viewer, now: Timestamp) {
    sql.condition("(id IN (SELECT place_id FROM standings WHERE place_type = ");
    sql.bind(Value::Text(sort.to_owned()));
    of(sql, viewer, now);
    sql.push(")");
    if sort == "group" {
        seen_from_beneath(sql, viewer, now);
    }
    match viewer.sees_from {
        None => {}
        Some(Visibility::Public) => drop(sql.push(" OR visibility = 'public'")),
        Some(Visibility::Internal) => drop(sql.push(" OR visibility <> 'private'")),
        Some(Visibility::Private) => drop(sql.push(" OR TRUE")),
    }
    sql.push(")");
}

/// Whoever is a member of something sees the groups that it lies in.
fn seen_from_beneath(sql: &mut Sql, viewer: Viewer, now: Timestamp) {
    sql.push(
        " OR id IN (SELECT ancestor_id FROM ancestry WHERE namespace_id IN \
         (SELECT place_id FROM members WHERE place_type = 'group'",
    );
    of(sql, viewer, now);
    sql.push(
        " UNION ALL SELECT namespace_id FROM projects WHERE id IN \
         (SELECT place_id FROM members WHERE place_type = 'project'",
    );
    of(sql, viewer, now);
    sql.push(")))");
}

fn of(sql: &mut Sql, viewer: Viewer, now: Timestamp) {
    sql.push(" AND user_id = ")
        .bind(Value::Number(viewer.user.get()));
    lasting(sql, now);
}
