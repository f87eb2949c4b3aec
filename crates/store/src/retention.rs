//! How long things are kept, one row; and what is due.

use jiff::Timestamp;
use tokenry_domain::{Kind, Retention, State, UserType};

use crate::{
    Conn, StoreError,
    dialect::on_engine,
    sql::{Sql, Value, bound},
};

/// How long things are kept, as shipped where nothing was ever said.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn load(conn: &mut Conn) -> Result<Retention, StoreError> {
    const SELECT: &str = "SELECT json FROM retention WHERE id = 1";
    let json =
        on_engine!(conn, c => sqlx::query_scalar::<Db, String>(SELECT).fetch_optional(c).await)?;
    match json {
        Some(json) => serde_json::from_str(&json).map_err(|_| StoreError::Corrupt("retention")),
        None => Ok(Retention::default()),
    }
}

/// Says how long things are kept from now on.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn save(conn: &mut Conn, retention: &Retention) -> Result<(), StoreError> {
    const UPSERT: &str = "INSERT INTO retention (id, json) VALUES (1, $1) \
         ON CONFLICT (id) DO UPDATE SET json = excluded.json";
    let json = retention.facts().to_string();
    on_engine!(conn, c => sqlx::query::<Db>(UPSERT).bind(json).execute(c).await.map(drop)?);
    Ok(())
}

/// How many tokens of a kind, of owners of one sort, died until a moment in one
/// way: they expired, or somebody revoked them.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn count_dead(
    conn: &mut Conn,
    kind: Kind,
    owner: UserType,
    state: State,
    until: Timestamp,
) -> Result<u64, StoreError> {
    let mut sql = Sql::default();
    sql.push("SELECT COUNT(*) FROM tokens JOIN users ON users.id = owner_id");
    sql.condition("kind = ")
        .bind(Value::Text(kind.name().to_owned()));
    sql.condition("COALESCE(revoked_at, expires_at) IS NOT NULL");
    sql.condition("COALESCE(revoked_at, expires_at) <= ")
        .bind(Value::Number(until.as_microsecond()));
    sql.condition("user_type = ")
        .bind(Value::Text(owner.name().to_owned()));
    sql.condition(match state {
        State::Revoked => "revoked_at IS NOT NULL",
        State::Active | State::Expired => "revoked_at IS NULL",
    });
    let (text, values) = sql.finish();
    let count = on_engine!(conn, c => {
        let query = sqlx::query_scalar::<Db, i64>(sqlx::AssertSqlSafe(text));
        bound!(query, values).fetch_one(c).await
    })?;
    Ok(count.unsigned_abs())
}
