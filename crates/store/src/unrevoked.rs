//! What somebody or something has of one kind and wasn't revoked.

use jiff::Timestamp;
use tokenry_domain::{Kind, Subject, Token, UserId};

use crate::{
    Conn, StoreError,
    list::fetch,
    sql::{Sql, Value},
    tokens::{self, TokenRow, columns},
};

/// Whose tokens are meant.
#[derive(Debug, Clone, Copy)]
pub enum Whose {
    /// A user's.
    Owner(UserId),
    /// Those that belong to this.
    Subject(Subject),
}

/// All of them, the oldest first.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn of(conn: &mut Conn, whose: Whose, kind: Kind) -> Result<Vec<Token>, StoreError> {
    let mut sql = select(whose, kind);
    sql.push(" ORDER BY id");
    fetch::<TokenRow, Token>(conn, sql).await
}

/// Those of exactly this name, the oldest first.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn named(
    conn: &mut Conn,
    whose: Whose,
    kind: Kind,
    name: &str,
) -> Result<Vec<Token>, StoreError> {
    let mut sql = select(whose, kind);
    sql.condition("name = ").bind(Value::Text(name.to_owned()));
    sql.push(" ORDER BY id");
    fetch::<TokenRow, Token>(conn, sql).await
}

/// The newest.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn newest(
    conn: &mut Conn,
    whose: Whose,
    kind: Kind,
) -> Result<Option<Token>, StoreError> {
    let mut sql = select(whose, kind);
    sql.push(" ORDER BY id DESC LIMIT 1");
    Ok(fetch::<TokenRow, Token>(conn, sql).await?.pop())
}

/// Revokes all of them, and answers them as they were.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn revoke(
    conn: &mut Conn,
    whose: Whose,
    kind: Kind,
    now: Timestamp,
) -> Result<Vec<Token>, StoreError> {
    let ended = of(conn, whose, kind).await?;
    for token in &ended {
        tokens::revoke(conn, token.id, now).await?;
    }
    Ok(ended)
}

fn select(whose: Whose, kind: Kind) -> Sql {
    let mut sql = Sql::default();
    sql.push(concat!("SELECT ", columns!(), " FROM tokens"));
    match whose {
        Whose::Owner(owner) => drop(
            sql.condition("owner_id = ")
                .bind(Value::Number(owner.get())),
        ),
        Whose::Subject(subject) => {
            let (sort, id) = subject.parts();
            sql.condition("subject_type = ")
                .bind(Value::Text(sort.to_owned()));
            sql.condition("subject_id = ").bind(Value::Number(id));
        }
    }
    sql.condition("kind = ")
        .bind(Value::Text(kind.name().to_owned()));
    sql.condition("revoked_at IS NULL");
    sql
}
