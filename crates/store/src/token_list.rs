//! Which tokens a list shows, and in what order, as SQL.

use jiff::Timestamp;
use tokenry_domain::{
    Token,
    page::{Page, Window},
    token_filter::{SortKey, TokenFilter, TokenOrder},
};

use crate::{
    Conn, StoreError,
    list::{self, List},
    sql::{Sql, Value, contains},
    tokens::{TokenRow, columns},
};

/// One window of the tokens that a filter shows.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn page(
    conn: &mut Conn,
    filter: &TokenFilter,
    order: TokenOrder,
    window: &Window,
    now: Timestamp,
) -> Result<Page<Token>, StoreError> {
    list::page::<TokenRow, Token>(conn, list(filter, order, now), window).await
}

pub(crate) fn list(filter: &TokenFilter, order: TokenOrder, now: Timestamp) -> List {
    List {
        rows: concat!("SELECT ", columns!(), " FROM tokens"),
        ones: "SELECT 1 FROM tokens",
        conditions: conditions(filter, now),
        key: key(order.key),
        direction: order.direction,
    }
}

/// The filter's conditions; [`TokenFilter::matches`] says the same in plain Rust.
pub(crate) fn conditions(filter: &TokenFilter, now: Timestamp) -> Sql {
    let mut sql = Sql::default();
    if let Some(owner) = filter.owner {
        sql.condition("owner_id = ")
            .bind(Value::Number(owner.get()));
    }
    if let Some(subject) = filter.subject {
        let (sort, id) = subject.parts();
        sql.condition("subject_type = ")
            .bind(Value::Text(sort.to_owned()));
        sql.condition("subject_id = ").bind(Value::Number(id));
    }
    if filter.without_subject {
        sql.condition("subject_type IS NULL");
    }
    if !filter.kinds.is_empty() {
        sql.condition("kind IN (");
        for (place, kind) in filter.kinds.iter().enumerate() {
            sql.push(if place == 0 { "" } else { ", " })
                .bind(Value::Text(kind.name().to_owned()));
        }
        sql.push(")");
    }
    match filter.revoked {
        Some(true) => drop(sql.condition("revoked_at IS NOT NULL")),
        Some(false) => drop(sql.condition("revoked_at IS NULL")),
        None => {}
    }
    match filter.active {
        Some(true) => {
            // As the index of the order has it: a list by expiry then begins
            // at the first that works, not at all that have expired.
            sql.condition("revoked_at IS NULL AND ")
                .push(key(SortKey::Expires))
                .push(" > ")
                .bind(time(now));
        }
        Some(false) => {
            sql.condition("(revoked_at IS NOT NULL OR expires_at <= ")
                .bind(time(now))
                .push(")");
        }
        None => {}
    }
    for word in &filter.words {
        sql.condition("COALESCE(folded, name) LIKE ");
        sql.bind(Value::Text(contains(&word.to_lowercase())))
            .push(r" ESCAPE '\'");
    }
    times(&mut sql, filter);
    sql
}

fn times(sql: &mut Sql, filter: &TokenFilter) {
    let bounds = [
        ("created_at >= ", filter.created.after),
        ("created_at <= ", filter.created.before),
        ("expires_at >= ", filter.expires.after),
        ("expires_at < ", filter.expires.before),
        ("last_used_at >= ", filter.last_used.after),
        ("last_used_at <= ", filter.last_used.before),
    ];
    for (piece, bound) in bounds {
        if let Some(bound) = bound {
            sql.condition(piece).bind(time(bound));
        }
    }
}

fn time(time: Timestamp) -> Value {
    Value::Number(time.as_microsecond())
}

/// The indexes in the migrations are made of the same expressions.
const fn key(key: SortKey) -> &'static str {
    match key {
        SortKey::Id => "id",
        SortKey::Created => "created_at",
        SortKey::Expires => "COALESCE(expires_at, 9223372036854775807)",
        SortKey::LastUsed => "COALESCE(last_used_at, 0)",
        SortKey::Name => "name",
    }
}
