//! Filling an empty store, with the store's own statements.

use std::ops::Range;

use std::sync::Arc;
use tokenry_domain::user::Profile;
use tokenry_store::{Conn, Store, StoreError, Work, tokens, tokens::Mark, users};
use tokenry_token::{DigestKey, Prefix};

use super::plan::{Fate, Plan};
use crate::fault::{Outcome, fault};

/// Rows in one change. More aren't faster: the embedded engine walks through all that a change
/// may have to undo at the end of each of its statements.
const BATCH: u64 = 200;

/// Adds the plan's users, and answers the plan with their ids in it.
pub(super) async fn add_users(store: &Store, plan: Plan) -> Outcome<Plan> {
    let first = store
        .write(
            move |conn| -> Work<'_, i64, StoreError> { Box::pin(insert_users(conn, plan)) },
            |_| {},
        )
        .await?;
    Ok(Plan {
        first_user: first,
        ..plan
    })
}

async fn insert_users(conn: &mut Conn, plan: Plan) -> Result<i64, StoreError> {
    let mut first = None;
    for number in 0..plan.users() {
        let user = users::insert(conn, &profile(number), None, plan.made_at).await?;
        first = first.or(Some(user.id.get()));
    }
    Ok(first.unwrap_or_default())
}

fn profile(number: u64) -> Profile {
    Profile {
        username: format!("user{number}"),
        name: format!("User Number {number}"),
        email: format!("user{number}@example.com"),
        admin: false,
        external: false,
    }
}

/// Adds the plan's tokens.
pub(super) async fn add_tokens(store: &Store, plan: Plan, key: DigestKey) -> Outcome<()> {
    let key = Arc::new(key);
    let mut done = 0;
    while done < plan.tokens {
        let batch = done..(done + BATCH).min(plan.tokens);
        done = batch.end;
        let key = key.clone();
        store
            .write(
                move |conn| -> Work<'_, (), StoreError> {
                    Box::pin(async move { insert_tokens(conn, plan, &key, batch).await })
                },
                |()| {},
            )
            .await?;
        if done.is_multiple_of(100_000) {
            eprintln!("  {done} tokens");
        }
    }
    Ok(())
}

async fn insert_tokens(
    conn: &mut Conn,
    plan: Plan,
    key: &DigestKey,
    numbers: Range<u64>,
) -> Result<(), StoreError> {
    for number in numbers {
        let created = plan.created_at(number);
        let draft = plan.draft(number);
        let token = tokens::insert(conn, &draft, mark(plan, key, number), created).await?;
        if Plan::fate(number) == Fate::Revoked {
            tokens::revoke(conn, token.id, plan.made_at).await?;
        }
    }
    Ok(())
}

fn mark(plan: Plan, key: &DigestKey, number: u64) -> Mark {
    let text = plan.text(number);
    Mark {
        digest: key.digest(&text.fingerprint()),
        key: key.id(),
        hint: text.hint(Prefix::default().as_str()),
    }
}

/// Makes sure that a database holds nothing but what a first start puts there.
pub(super) async fn check_empty(store: &Store) -> Outcome<()> {
    let found = tokens::after(&mut store.read().await?, 0, 2).await?;
    if found.len() > 1 {
        return Err(fault(
            "this database holds tokens that weren't made for this run; give an empty one",
        ));
    }
    Ok(())
}
