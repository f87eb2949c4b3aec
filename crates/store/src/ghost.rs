//! The user who stands for those who are gone. What acts as nobody and lives
//! on goes over to them.

use jiff::Timestamp;
use tokenry_domain::{Kind, User, UserId, UserType, user::Profile};

use crate::{
    Conn, StoreError,
    dialect::on_engine,
    sql::{Sql, Value, bound},
    tokens::{Removed, removed},
    users,
    users::{UserRow, columns},
};

/// What went over.
#[derive(Debug, Default)]
pub struct Handed {
    /// These tokens.
    pub tokens: Vec<Removed>,
    /// How many holders of tokens.
    pub holders: u64,
    /// To whom.
    pub ghost: Option<User>,
}

/// Hands over at most `most` tokens of these kinds that belong to something,
/// and at most as many holders, of a user who is about to go.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn hand_over(
    conn: &mut Conn,
    from: UserId,
    kinds: impl IntoIterator<Item = Kind>,
    most: u32,
    now: Timestamp,
) -> Result<Handed, StoreError> {
    const HOLDERS: &str = "UPDATE holders SET creator_id = $2 WHERE id IN \
         (SELECT id FROM holders WHERE creator_id = $1 LIMIT $3)";
    if !users::answers_for_something(conn, from).await? {
        return Ok(Handed::default());
    }
    let ghost = ghost(conn, now).await?;
    let mut sql = Sql::default();
    sql.push("UPDATE tokens SET owner_id = ")
        .bind(Value::Number(ghost.id.get()))
        .push(" WHERE id IN (SELECT id FROM tokens WHERE owner_id = ")
        .bind(Value::Number(from.get()))
        .push(" AND subject_id IS NOT NULL AND kind IN ('nothing'");
    for kind in kinds {
        sql.push(", ").bind(Value::Text(kind.name().to_owned()));
    }
    sql.push(") LIMIT ")
        .bind(Value::Number(i64::from(most)))
        .push(") RETURNING id, digest");
    let (text, values) = sql.finish();
    let rows: Vec<(i64, Vec<u8>)> = on_engine!(conn, c => {
        let query = sqlx::query_as::<Db, (i64, Vec<u8>)>(sqlx::AssertSqlSafe(text));
        bound!(query, values).fetch_all(c).await
    })?;
    let holders = on_engine!(conn, c => sqlx::query::<Db>(HOLDERS)
        .bind(from.get()).bind(ghost.id.get()).bind(i64::from(most))
        .execute(c).await?.rows_affected());
    Ok(Handed {
        tokens: rows.into_iter().map(removed).collect::<Result<_, _>>()?,
        holders,
        ghost: Some(ghost),
    })
}

/// The ghost, made when it is needed first.
async fn ghost(conn: &mut Conn, now: Timestamp) -> Result<User, StoreError> {
    const SELECT: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM users WHERE user_type = 'ghost' ORDER BY id LIMIT 1"
    );
    let row = on_engine!(conn, c => sqlx::query_as::<Db, UserRow>(SELECT).fetch_optional(c).await)?;
    if let Some(row) = row {
        return User::try_from(row);
    }
    let mut username = "ghost".to_owned();
    while users::by_username(conn, &username).await?.is_some() {
        username.push('_');
    }
    let profile = Profile {
        email: format!("{username}@noreply.tokenry.invalid"),
        username,
        name: "Ghost User".to_owned(),
        admin: false,
        external: false,
    };
    users::insert_bot(conn, UserType::Ghost, None, &profile, now).await
}
