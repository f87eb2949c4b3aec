//! How long things are kept, on the wire.

use serde::{Deserialize, Serialize};
use tokenry_authority::retention::{Due, Kept, Preview, Run, Unwanted};
use tokenry_domain::{State, hygiene::Hygiene, retention::Rule};
use utoipa::ToSchema;

use super::time::Moment;

/// For how long some of the dead tokens are kept.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = RetentionRule)]
pub(crate) struct RuleBody {
    /// Of these kinds; empty means all.
    kinds: Vec<String>,
    /// Whose owner is one of these: `human`, `project_bot`, `service_account`,
    /// `ghost`; empty means any.
    owner_types: Vec<String>,
    /// `expired` or `revoked`; either if null.
    state: Option<String>,
    /// For how many days after they died; for ever if null.
    days: Option<u16>,
}

impl RuleBody {
    fn of(rule: &Rule) -> Self {
        let kinds = rule.kinds.iter().map(|kind| kind.name().to_owned());
        let owners = rule.owners.iter().map(|owner| owner.name().to_owned());
        Self {
            kinds: kinds.collect(),
            owner_types: owners.collect(),
            state: rule.state.map(State::name).map(str::to_owned),
            days: rule.days,
        }
    }
}

/// How long things are kept. Rules are tried in their order; the first that
/// fits a dead token decides, and where none fits, it stays.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NewRetention)]
pub(crate) struct RetentionForm {
    tokens: Vec<RuleBody>,
    /// For how many days tombstones are kept; for ever if null.
    tombstone_days: Option<u16>,
    /// For how many days the audit trail is kept; for ever if null.
    audit_days: Option<u16>,
    hygiene: HygieneBody,
}

/// Which access tokens are revoked, though they work.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Hygiene)]
pub(crate) struct HygieneBody {
    /// Those that weren't used for so many days, nor issued in them; off if null.
    unused_days: Option<u16>,
    /// Those whose owner is blocked, banned or gone.
    owner_out: bool,
    /// Those that live longer than `max_personal_access_token_lifetime` allows now.
    over_maximum: bool,
}

impl From<&Hygiene> for HygieneBody {
    fn from(hygiene: &Hygiene) -> Self {
        Self {
            unused_days: hygiene.unused_days,
            owner_out: hygiene.owner_out,
            over_maximum: hygiene.over_maximum,
        }
    }
}

/// How long things are kept, and how far behind that is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Retention)]
pub(crate) struct RetentionBody {
    #[serde(flatten)]
    retention: RetentionForm,
    /// When the oldest token was due that is there yet; null if none is.
    #[schema(value_type = Option<String>, format = DateTime)]
    oldest_due_at: Option<Moment>,
}

impl RetentionBody {
    pub(crate) fn of(kept: &Kept) -> Self {
        let retention = &kept.retention;
        Self {
            retention: RetentionForm {
                tokens: retention.tokens.iter().map(RuleBody::of).collect(),
                tombstone_days: retention.tombstone_days,
                audit_days: retention.audit_days,
                hygiene: (&retention.hygiene).into(),
            },
            oldest_due_at: kept.oldest_due.map(Moment),
        }
    }
}

/// How many things are due.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Due)]
pub(crate) struct DueBody {
    /// Now.
    due_now: u64,
    /// Within the next 30 days, those of now included, if nothing else happens.
    due_within_30_days: u64,
}

impl From<Due> for DueBody {
    fn from(due: Due) -> Self {
        Self {
            due_now: due.now,
            due_within_30_days: due.soon,
        }
    }
}

/// How many tokens are due by a rule.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DueByRule {
    #[serde(flatten)]
    rule: RuleBody,
    #[serde(flatten)]
    due: DueBody,
}

/// What would go.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RetentionPreview)]
pub(crate) struct PreviewBody {
    tokens: Vec<DueByRule>,
    tombstones: DueBody,
    audit: DueBody,
    hygiene: UnwantedBody,
}

/// How many tokens the rules of hygiene would revoke now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Unwanted)]
pub(crate) struct UnwantedBody {
    would_revoke: u64,
    /// Whether the whole ledger was looked at; else there may be more.
    whole: bool,
}

impl From<Unwanted> for UnwantedBody {
    fn from(unwanted: Unwanted) -> Self {
        Self {
            would_revoke: unwanted.found,
            whole: unwanted.whole,
        }
    }
}

impl PreviewBody {
    pub(crate) fn of(preview: &Preview) -> Self {
        let rules = preview.retention.tokens.iter().zip(&preview.tokens);
        let tokens = rules.map(|(rule, due)| DueByRule {
            rule: RuleBody::of(rule),
            due: (*due).into(),
        });
        Self {
            tokens: tokens.collect(),
            tombstones: preview.tombstones.into(),
            audit: preview.audit.into(),
            hygiene: preview.hygiene.into(),
        }
    }
}

/// The runs since the server started, the newest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RetentionRuns)]
pub(crate) struct RunsBody {
    pub(crate) runs: Vec<RunBody>,
}

/// One run, as far as it has come.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RetentionRun)]
pub(crate) struct RunBody {
    /// Counted from 1 since the server started.
    id: u64,
    /// `running`, `done`, `early` (its time ran out) or `failed`.
    state: &'static str,
    #[schema(value_type = String, format = DateTime)]
    began_at: Moment,
    /// Null while it goes on.
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Moment>,
    /// Tokens deleted.
    tokens: u64,
    /// Tombstones removed.
    tombstones: u64,
    /// Entries of the audit trail removed.
    audit: u64,
    /// Answers removed that might have been given again.
    answers: u64,
    /// Tokens that worked and were revoked.
    revoked: u64,
}

impl RunBody {
    pub(crate) fn of(run: &Run) -> Self {
        Self {
            id: run.number,
            state: run.state(),
            began_at: Moment(run.began_at),
            ended_at: run.ended.map(|(at, _)| Moment(at)),
            tokens: run.ran.tokens,
            tombstones: run.ran.tombstones,
            audit: run.ran.audit,
            answers: run.ran.answers,
            revoked: run.ran.revoked,
        }
    }
}
