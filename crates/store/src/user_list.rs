//! Which users a list shows, and in what order, as SQL.

use jiff::Timestamp;
use tokenry_domain::{
    Place, User,
    page::{Page, Window},
    user_filter::{UserFilter, UserOrder, UserSortKey},
};

use crate::{
    Conn, StoreError,
    list::{self, List},
    sql::{Sql, Value, contains},
    users::{UserRow, columns},
};

/// One window of the users that a filter shows.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn page(
    conn: &mut Conn,
    filter: &UserFilter,
    order: UserOrder,
    window: &Window,
) -> Result<Page<User>, StoreError> {
    let list = List {
        rows: concat!("SELECT ", columns!(), " FROM users"),
        ones: "SELECT 1 FROM users",
        conditions: conditions(filter),
        key: match order.key {
            UserSortKey::Id => "id",
            UserSortKey::Name => "name",
            UserSortKey::Username => "username",
            UserSortKey::Created => "created_at",
        },
        direction: order.direction,
    };
    list::page::<UserRow, User>(conn, list, window).await
}

fn conditions(filter: &UserFilter) -> Sql {
    let mut sql = Sql::default();
    if let Some(username) = &filter.username {
        sql.condition("lower(username) = ")
            .bind(Value::Text(username.to_ascii_lowercase()));
    }
    if let Some(search) = &filter.search {
        sql.condition("(folded LIKE ")
            .bind(Value::Text(contains(&search.to_lowercase())));
        sql.push(r" ESCAPE '\'");
        if filter.emails {
            sql.push(" OR lower(email) = ")
                .bind(Value::Text(search.to_ascii_lowercase()));
        }
        sql.push(")");
    }
    if let Some(state) = filter.state {
        sql.condition("state = ")
            .bind(Value::Text(state.name().to_owned()));
    }
    if filter.admins {
        sql.condition("admin = TRUE");
    }
    if let Some(external) = filter.external {
        sql.condition(if external {
            "external = TRUE"
        } else {
            "external = FALSE"
        });
    }
    match filter.humans {
        Some(true) => drop(sql.condition("user_type = 'human'")),
        Some(false) => drop(sql.condition("user_type <> 'human'")),
        None => {}
    }
    if filter.without_project_bots {
        sql.condition("user_type <> 'project_bot'");
    }
    match filter
        .service_accounts_of
        .map(|home| home.map(Place::parts))
    {
        None => {}
        Some(None) => {
            sql.condition("user_type = 'service_account' AND home_id IS NULL");
        }
        Some(Some((sort, id))) => {
            sql.condition("user_type = 'service_account' AND home_id = ")
                .bind(Value::Number(id));
            sql.condition("home_type = ")
                .bind(Value::Text(sort.to_owned()));
        }
    }
    created(&mut sql, ">= ", filter.created_after);
    created(&mut sql, "<= ", filter.created_before);
    sql
}

fn created(sql: &mut Sql, comparison: &'static str, bound: Option<Timestamp>) {
    if let Some(bound) = bound {
        sql.condition("created_at ")
            .push(comparison)
            .bind(Value::Number(bound.as_microsecond()));
    }
}
