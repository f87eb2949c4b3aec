//! What the console does with retention, and what it answers.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokenry_authority::{
    Caller,
    retention::{Due, Kept, Preview},
};
use tokenry_domain::Retention;

use super::{Desk, Outcome};
use crate::exit::Failure;

/// How long things are kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct KeptRow {
    #[serde(flatten)]
    pub(crate) retention: Retention,
    pub(crate) oldest_due_at: Option<Timestamp>,
}

/// How many things are due.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct DueRow {
    /// The rule's sentence, or what else goes.
    pub(crate) what: String,
    pub(crate) due_now: u64,
    pub(crate) due_within_30_days: u64,
}

/// What a run deleted.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct RanRow {
    pub(crate) tokens: u64,
    pub(crate) tombstones: u64,
    pub(crate) audit: u64,
    pub(crate) revoked: u64,
    /// Whether all that was due is gone.
    pub(crate) whole: bool,
}

impl Desk {
    pub(super) async fn show_retention(&self, caller: &Caller) -> Result<Outcome, Failure> {
        let Kept {
            retention,
            oldest_due,
        } = self.authority.show_retention(caller).await?;
        Ok(Outcome::Retention(KeptRow {
            retention,
            oldest_due_at: oldest_due,
        }))
    }

    pub(super) async fn preview_retention(&self, caller: &Caller) -> Result<Outcome, Failure> {
        let preview = self.authority.preview_retention(caller, None).await?;
        Ok(Outcome::Due(due_rows(&preview)))
    }

    pub(super) async fn run_retention(&self, caller: &Caller) -> Result<Outcome, Failure> {
        let run = self.authority.run_retention(caller).await?;
        Ok(Outcome::Ran(RanRow {
            tokens: run.ran.tokens,
            tombstones: run.ran.tombstones,
            audit: run.ran.audit,
            revoked: run.ran.revoked,
            whole: run.is_whole(),
        }))
    }
}

/// What is due, a row for each rule and for what else goes.
pub(crate) fn due_rows(preview: &Preview) -> Vec<DueRow> {
    let row = |what: String, due: Due| DueRow {
        what,
        due_now: due.now,
        due_within_30_days: due.soon,
    };
    let rules = preview.retention.tokens.iter().zip(&preview.tokens);
    let rules = rules.map(|(rule, due)| row(rule.sentence(), *due));
    let unwanted = Due {
        now: preview.hygiene.found,
        soon: preview.hygiene.found,
    };
    let others = [
        row("revoked by hygiene".to_owned(), unwanted),
        row("tombstones".to_owned(), preview.tombstones),
        row("audit".to_owned(), preview.audit),
    ];
    rules.chain(others).collect()
}
