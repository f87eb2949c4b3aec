//! The audit trail as lists show it: the newest entry first.

use jiff::Timestamp;
use tokenry_domain::{TokenId, audit_filter::AuditFilter};

use crate::{
    Conn, StoreError,
    audit::{AuditRow, Written, columns},
    dialect::on_engine,
    sql::{Sql, Value, bound, contains},
};

/// Entries that one page looks at, at most, where no index leads to those
/// wanted: so a rare action costs many short answers, and never a long silence.
const LOOKED_AT: i64 = 50_000;

/// A part of the trail.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// The entries, the newest first.
    pub entries: Vec<Written>,
    /// The entry below which the next part begins; none at the end.
    pub next: Option<i64>,
}

/// At most `most` entries below an id, the newest first. There may be fewer,
/// or none, though more follow.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn below(
    conn: &mut Conn,
    filter: &AuditFilter,
    id: Option<i64>,
    most: usize,
) -> Result<Part, StoreError> {
    let top = match id {
        Some(id) => id,
        None => newest(conn).await?.saturating_add(1),
    };
    let bottom = match filter.token {
        Some(_) => 0,
        None => top.saturating_sub(LOOKED_AT).max(0),
    };
    let (text, values) = statement(filter, top, bottom, most).finish();
    let rows = on_engine!(conn, c => {
        let query = sqlx::query_as::<Db, AuditRow>(sqlx::AssertSqlSafe(text));
        bound!(query, values).fetch_all(c).await
    })?;
    let full = rows.len() > most;
    let entries = rows.into_iter().take(most).map(Written::try_from);
    let entries: Vec<_> = entries.collect::<Result<_, _>>()?;
    let next = if full {
        entries.last().map(|entry| entry.id)
    } else {
        Some(bottom).filter(|bottom| *bottom > 1)
    };
    Ok(Part { entries, next })
}

async fn newest(conn: &mut Conn) -> Result<i64, StoreError> {
    const SELECT: &str = "SELECT COALESCE(MAX(id), 0) FROM audit_events";
    Ok(on_engine!(conn, c => sqlx::query_scalar::<Db, i64>(SELECT).fetch_one(c).await)?)
}

/// The entries below `top`, from `bottom` on; one more than is shown.
pub(crate) fn statement(filter: &AuditFilter, top: i64, bottom: i64, most: usize) -> Sql {
    let mut sql = Sql::default();
    sql.push(concat!("SELECT ", columns!(), " FROM audit_events"));
    sql.condition("id < ").bind(Value::Number(top));
    sql.condition("id >= ").bind(Value::Number(bottom));
    for (piece, moment) in [("at >= ", filter.after), ("at <= ", filter.before)] {
        if let Some(moment) = moment {
            let moment = Timestamp::as_microsecond(moment);
            sql.condition(piece).bind(Value::Number(moment));
        }
    }
    if let Some(user) = filter.actor {
        let user = Value::Number(user.get());
        sql.condition("(actor_user_id = ").bind(user.clone());
        sql.push(" OR on_behalf_id = ").bind(user).push(")");
    }
    if let Some(token) = filter.token {
        of_token(&mut sql, token);
    }
    if let Some(action) = filter.action {
        let name = Value::Text(action.name().to_owned());
        sql.condition("action = ").bind(name);
    }
    if let Some(kind) = filter.kind {
        // As the facts are written: see `token_facts`.
        let fact = contains(&format!("\"kind\":\"{}\"", kind.name()));
        sql.condition("target_type = 'token'");
        sql.condition("(before_json LIKE ")
            .bind(Value::Text(fact.clone()));
        sql.push(r" ESCAPE '\' OR after_json LIKE ")
            .bind(Value::Text(fact));
        sql.push(r" ESCAPE '\')");
    }
    sql.push(" ORDER BY id DESC LIMIT ");
    sql.bind(Value::Number(
        i64::try_from(most).unwrap_or(i64::MAX).saturating_add(1),
    ));
    sql
}

/// Each part has an index of its own.
fn of_token(sql: &mut Sql, token: TokenId) {
    let token = Value::Number(token.get());
    sql.condition(
        "id IN (SELECT id FROM audit_events WHERE target_type = 'token' AND target_id = ",
    );
    sql.bind(token.clone());
    sql.push(" UNION ALL SELECT id FROM audit_events WHERE actor_token_id = ");
    sql.bind(token.clone());
    sql.push(" UNION ALL SELECT event_id FROM audit_tokens WHERE token_id = ");
    sql.bind(token).push(")");
}
