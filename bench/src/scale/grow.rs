//! Many tokens out of few: copies with digests of their own, made by the
//! database itself, without its indexes, which are made again afterwards.

use std::fmt::Write as _;

use crate::{data::Plan, fault::Outcome};

use super::{purge::DUE, raw::Raw};

const DAY: i64 = 86_400_000_000;

/// Copies tokens until there are so many.
pub(super) async fn grow(raw: &mut Raw, plan: &Plan, tokens: u64) -> Outcome<()> {
    let indexes = raw.indexes().await?;
    for (name, _) in &indexes {
        raw.run(format!("DROP INDEX {name}")).await?;
    }
    let last = raw.number("SELECT MAX(id) FROM tokens").await?;
    for copy in 1..tokens / plan.tokens {
        raw.run(copying(raw, plan, copy, last)).await?;
        if copy.is_multiple_of(10) {
            eprintln!("  {} tokens", (copy + 1) * plan.tokens);
        }
    }
    for (name, sql) in indexes {
        eprintln!("  {name}");
        raw.run(sql).await?;
    }
    raw.run("ANALYZE".to_owned()).await
}

/// Copies every token once: under a name of its own, older by 500 days, and
/// some of them revoked long ago.
fn copying(raw: &Raw, plan: &Plan, copy: u64, last: u64) -> String {
    let digest = match raw {
        Raw::Sqlite(_) => "randomblob(32)".to_owned(),
        Raw::Postgres(_) => format!("sha256(convert_to('{copy} ' || id, 'UTF8'))"),
    };
    let age = 500 * DAY;
    let revoked = revoked(plan, copy);
    format!(
        "INSERT INTO tokens (kind, owner_id, subject_type, subject_id, name, description, scopes, \
         digest, key_id, hint, created_at, expires_at, revoked_at) \
         SELECT kind, owner_id, subject_type, subject_id, name || '.{copy}', description, scopes, \
         {digest}, key_id, hint, created_at - {age}, expires_at, {revoked} \
         FROM tokens WHERE id <= {last} ORDER BY id"
    )
}

/// When a copy was revoked: of a thousand copies, so many that purges find
/// what they are to find.
fn revoked(plan: &Plan, copy: u64) -> String {
    let mut sql = "CASE".to_owned();
    let mut below = 0;
    for due in &DUE {
        below += due.of_a_thousand;
        let at = plan.made_at.as_microsecond() - due.days * DAY;
        // Writing to a string can't fail.
        let _ = write!(sql, " WHEN (id + {copy}) % 1000 < {below} THEN {at}");
    }
    sql + " END"
}
