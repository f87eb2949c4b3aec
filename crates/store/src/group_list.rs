//! Which groups a list shows, and in what order, as SQL.

use jiff::Timestamp;
use tokenry_domain::{
    Group,
    page::{Page, Window},
    place_filter::{GroupFilter, Within},
    place_order::{PlaceOrder, PlaceSortKey},
};

use crate::{
    Conn, StoreError,
    groups::{GroupRow, columns},
    list::{self, List},
    sight,
    sql::{Sql, Value},
};

/// One window of the groups that a filter shows.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn page(
    conn: &mut Conn,
    filter: &GroupFilter,
    order: PlaceOrder,
    window: &Window,
    now: Timestamp,
) -> Result<Page<Group>, StoreError> {
    let list = List {
        rows: concat!("SELECT ", columns!(), " FROM namespaces"),
        ones: "SELECT 1 FROM namespaces",
        conditions: conditions(filter, now),
        key: key(order.key),
        direction: order.direction,
    };
    list::page::<GroupRow, Group>(conn, list, window).await
}

fn conditions(filter: &GroupFilter, now: Timestamp) -> Sql {
    let mut sql = Sql::default();
    sql.condition("kind = 'group'");
    match filter.within {
        Within::Anywhere => {}
        Within::Top => drop(sql.condition("parent_id IS NULL")),
        Within::Group(parent) => {
            sql.condition("parent_id = ")
                .bind(Value::Number(parent.get()));
        }
    }
    sight::conditions(&mut sql, "group", &filter.common, now);
    sql
}

pub(crate) const fn key(key: PlaceSortKey) -> &'static str {
    match key {
        PlaceSortKey::Id => "id",
        PlaceSortKey::Name => "name",
        PlaceSortKey::Path => "path",
        PlaceSortKey::Created => "created_at",
        PlaceSortKey::Updated => "updated_at",
    }
}
