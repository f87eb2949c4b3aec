//! Which tokens an entry of the audit trail was about, besides its target.

use std::collections::BTreeSet;

use tokenry_domain::{
    TokenId,
    audit::{Entry, Target},
};

use crate::{
    Conn, StoreError,
    dialect::on_engine,
    sql::{Sql, Value, bound},
};

/// Tokens in one statement; engines limit how many values one may have.
const MOST_IN_A_STATEMENT: usize = 500;

/// Adds the other tokens of an entry that has just got this id.
pub(crate) async fn insert(conn: &mut Conn, id: i64, entry: &Entry) -> Result<(), StoreError> {
    // Something may have been done to one of them in two ways.
    let others: BTreeSet<TokenId> = entry.tokens.iter().copied().collect();
    let others: Vec<TokenId> = others
        .into_iter()
        .filter(|token| Target::Token(*token) != entry.target)
        .collect();
    for some in others.chunks(MOST_IN_A_STATEMENT) {
        let (text, values) = adding(id, some).finish();
        on_engine!(conn, c => {
            bound!(sqlx::query::<Db>(sqlx::AssertSqlSafe(text)), values)
                .execute(c).await.map(drop)?;
        });
    }
    Ok(())
}

/// The statement that adds these tokens.
fn adding(id: i64, tokens: &[TokenId]) -> Sql {
    let mut sql = Sql::default();
    sql.push("INSERT INTO audit_tokens (event_id, token_id) VALUES ");
    let mut start = "(";
    for token in tokens {
        sql.push(start)
            .bind(Value::Number(id))
            .push(", ")
            .bind(Value::Number(token.get()))
            .push(")");
        start = ", (";
    }
    sql
}
