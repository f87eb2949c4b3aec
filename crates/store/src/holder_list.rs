//! Which holders a list shows, as SQL. The order is that of their ids.

use tokenry_domain::{
    AccessLevel,
    holder::{Holder, HolderFilter, Keeper},
    page::{Direction, Page, Window},
};

use crate::{
    Conn, StoreError,
    holders::{HolderRow, columns},
    list::{self, List},
    sql::{Sql, Value},
    standings::lasting,
};

/// One window of the holders that a filter shows.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn page(
    conn: &mut Conn,
    filter: &HolderFilter,
    direction: Direction,
    window: &Window,
) -> Result<Page<Holder>, StoreError> {
    let list = List {
        rows: concat!("SELECT ", columns!(), " FROM holders"),
        ones: "SELECT 1 FROM holders",
        conditions: conditions(filter),
        key: "id",
        direction,
    };
    list::page::<HolderRow, Holder>(conn, list, window).await
}

fn conditions(filter: &HolderFilter) -> Sql {
    let mut sql = Sql::default();
    sql.condition("kind = ")
        .bind(Value::Text(filter.kind.name().to_owned()));
    if let Some(place) = filter.place {
        let (sort, id) = place.parts();
        sql.condition("place_type = ")
            .bind(Value::Text(sort.to_owned()));
        sql.condition("place_id = ").bind(Value::Number(id));
    }
    if let Some(owner) = filter.owner {
        sql.condition("owner_id = ")
            .bind(Value::Number(owner.get()));
    }
    if filter.of_instance {
        sql.condition("owner_id IS NULL AND place_id IS NULL");
    }
    if let Some(keeper) = filter.kept_by {
        kept_by(&mut sql, keeper);
    }
    if let Some(creator) = filter.creator {
        sql.condition("creator_id = ")
            .bind(Value::Number(creator.get()));
    }
    match filter.ended {
        Some(true) => drop(sql.condition("ended_at IS NOT NULL")),
        Some(false) => drop(sql.condition("ended_at IS NULL")),
        None => {}
    }
    sql
}

fn kept_by(sql: &mut Sql, keeper: Keeper) {
    let [in_project, in_group] = keeper.levels.map(AccessLevel::number);
    sql.condition("EXISTS (SELECT 1 FROM standings WHERE user_id = ")
        .bind(Value::Number(keeper.user.get()))
        .push(
            " AND standings.place_type = holders.place_type \
             AND standings.place_id = holders.place_id \
             AND access_level >= CASE standings.place_type WHEN 'project' THEN ",
        )
        .bind(Value::Number(in_project))
        .push(" ELSE ")
        .bind(Value::Number(in_group))
        .push(" END");
    lasting(sql, keeper.now);
    sql.push(")");
}
