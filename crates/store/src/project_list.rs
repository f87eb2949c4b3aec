//! Which projects a list shows, and in what order, as SQL.

use jiff::Timestamp;
use tokenry_domain::{
    Project,
    page::{Page, Window},
    place_filter::ProjectFilter,
    place_order::PlaceOrder,
};

use crate::{
    Conn, StoreError,
    group_list::key,
    list::{self, List},
    projects::{ProjectRow, select},
    sight,
    sql::{Sql, Value},
};

/// One window of the projects that a filter shows.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn page(
    conn: &mut Conn,
    filter: &ProjectFilter,
    order: PlaceOrder,
    window: &Window,
    now: Timestamp,
) -> Result<Page<Project>, StoreError> {
    let list = List {
        rows: concat!("SELECT * FROM (", select!(), ") AS listed"),
        ones: "SELECT 1 FROM projects",
        conditions: conditions(filter, now),
        key: key(order.key),
        direction: order.direction,
    };
    list::page::<ProjectRow, Project>(conn, list, window).await
}

fn conditions(filter: &ProjectFilter, now: Timestamp) -> Sql {
    let mut sql = Sql::default();
    match filter.archived {
        Some(true) => drop(sql.condition("archived = TRUE")),
        Some(false) => drop(sql.condition("archived = FALSE")),
        None => {}
    }
    if let Some(namespace) = filter.namespace {
        sql.condition("namespace_id = ")
            .bind(Value::Number(namespace.get()));
    }
    if let Some(top) = filter.beneath {
        sql.condition("namespace_id IN (SELECT namespace_id FROM ancestry WHERE ancestor_id = ")
            .bind(Value::Number(top.get()))
            .push(")");
    }
    if let Some(holder) = filter.holder {
        sql.condition("id IN (SELECT place_id FROM holders WHERE place_type = 'project' AND id = ")
            .bind(Value::Number(holder.get()))
            .push(")");
    }
    sight::conditions(&mut sql, "project", &filter.common, now);
    sql
}
