//! Filling an empty store, with the store's own statements.

use std::ops::Range;

use std::sync::Arc;
use tokenry_domain::{Token, user::Profile};
use tokenry_store::{
    Conn, Store, StoreError, Work, particulars, sealed_copies, tokens, tokens::Mark, users,
};
use tokenry_token::{KeyRing, Prefix, TokenText};

use super::{
    others::Other,
    plan::{Fate, Firsts, Plan, mixed},
};
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
        firsts: Firsts {
            user: first,
            ..plan.firsts
        },
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
pub(super) async fn add_tokens(store: &Store, plan: Plan, keys: KeyRing) -> Outcome<()> {
    let keys = Arc::new(keys);
    let mut done = 0;
    while done < plan.tokens {
        let batch = done..(done + BATCH).min(plan.tokens);
        done = batch.end;
        let keys = keys.clone();
        store
            .write(
                move |conn| -> Work<'_, (), StoreError> {
                    Box::pin(async move { insert_tokens(conn, plan, &keys, batch).await })
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
    keys: &KeyRing,
    numbers: Range<u64>,
) -> Result<(), StoreError> {
    for number in numbers {
        let token = match plan.other(number) {
            None => {
                let (draft, text) = (plan.draft(number), plan.text(number));
                let mark = mark(keys, &text, Prefix::default().as_str());
                tokens::insert(conn, &draft, mark, plan.created_at(number)).await?
            }
            Some(other) => insert_other(conn, plan, keys, other, number).await?,
        };
        if Plan::fate(number) == Fate::Revoked {
            tokens::revoke(conn, token.id, plan.made_at).await?;
        }
    }
    Ok(())
}

/// A token of another kind, with what is kept beside it.
async fn insert_other(
    conn: &mut Conn,
    plan: Plan,
    keys: &KeyRing,
    other: Other,
    number: u64,
) -> Result<Token, StoreError> {
    let line = other.kind.descriptor();
    let text = other.text(&plan, keys);
    let mark = mark(keys, &text, line.prefixing.default());
    let digest = mark.digest;
    let token = tokens::insert(conn, &other.draft(&plan), mark, plan.created_at(number)).await?;
    if line.shown_again {
        let sealed = keys.seal(&text, digest, nonce(number));
        let sealed = sealed.map_err(|_| StoreError::Corrupt("sealed copy"))?;
        sealed_copies::insert(conn, token.id, &sealed).await?;
    }
    if let Some(own) = other.particulars(&plan) {
        particulars::put(conn, token.id, &own).await?;
    }
    Ok(token)
}

/// No two texts are sealed with the same one.
fn nonce(number: u64) -> [u8; 24] {
    let mut nonce = [0; 24];
    for (place, byte) in nonce.iter_mut().zip(mixed(number, 12).to_le_bytes()) {
        *place = byte;
    }
    nonce
}

fn mark(keys: &KeyRing, text: &TokenText, prefix: &str) -> Mark {
    let key = keys.current();
    Mark {
        digest: key.digest(&text.fingerprint()),
        key: key.id(),
        hint: text.hint(prefix),
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
