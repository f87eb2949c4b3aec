//! When and from where tokens were used last, written in batches.

use tokenry_domain::{TokenId, token::LastUse};

use crate::{
    Conn, StoreError,
    dialect::on_engine,
    sql::{Sql, Value, bound},
};

/// Tokens in one statement: to hand a statement to SQLite's thread and hear of
/// it costs more than to change a row.
const AT_ONCE: usize = 50;

/// Writes what was gathered of tokens, none of which comes twice. A token that
/// is gone meanwhile is passed over, and so is one without a use.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn save(conn: &mut Conn, uses: &[(TokenId, LastUse)]) -> Result<(), StoreError> {
    for some in uses.chunks(AT_ONCE) {
        let (text, values) = update(some).finish();
        // The statement for a full batch is the one that comes again.
        let again = some.len() == AT_ONCE;
        on_engine!(conn, c => {
            let query = sqlx::query::<Db>(sqlx::AssertSqlSafe(text)).persistent(again);
            bound!(query, values).execute(c).await.map(drop)?;
        });
    }
    Ok(())
}

fn update(uses: &[(TokenId, LastUse)]) -> Sql {
    let mut sql = Sql::default();
    sql.push("WITH used (id, at, ips) AS (VALUES ");
    for (place, (id, last)) in uses.iter().enumerate() {
        let at = last.at.map_or(NEVER, jiff::Timestamp::as_microsecond);
        sql.push(if place == 0 { "(" } else { ", (" });
        sql.bind(Value::Number(id.get())).push(", ");
        sql.bind(Value::Number(at)).push(", ");
        sql.bind(Value::Text(joined(last))).push(")");
    }
    sql.push(
        ") UPDATE tokens SET last_used_at = used.at, last_used_ips = NULLIF(used.ips, '') \
         FROM used WHERE tokens.id = used.id AND used.at <> ",
    );
    sql.bind(Value::Number(NEVER));
    sql
}

/// Stands for "no time".
const NEVER: i64 = i64::MIN;

fn joined(last: &LastUse) -> String {
    let addresses = last.addresses.iter().map(ToString::to_string);
    addresses.collect::<Vec<_>>().join(",")
}
