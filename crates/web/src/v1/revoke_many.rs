//! `POST /api/v1/tokens/revoke`: many tokens ended at once.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tokenry_authority::{
    Authority, Error,
    tokens::{Fate, Revoked},
};
use tokenry_domain::{Invalid, Reason, Token, kind::Ending, token_query};
use utoipa::ToSchema;

use super::{
    Answer,
    asked::{Asked, is_dry_run},
    clues::{self, ClueForm},
    problem::{Problem, ProblemBody},
};
use crate::{
    access::AdminWrite,
    answer,
    call::Call,
    represent::{ledger_token::LedgerToken, tombstone::TombstoneBody},
};

/// What is said of a fault of ours.
const OURS: &str = "a fault of ours; the log tells more under the request id";

/// Which tokens are to end: `tokens`, or those that `filter` means.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RevokeForm {
    /// Values, hashes or ids, up to 1,000; hints are too little to go by.
    tokens: Option<Vec<ClueForm>>,
    /// The fields of the list of tokens. What is revoked already is left out.
    #[schema(value_type = Option<Object>)]
    filter: Option<token_query::Asked>,
    /// Whether to say only what would become of them.
    #[serde(default)]
    dry_run: bool,
    /// Why; the trail repeats it.
    reason: Option<String>,
}

/// What became of one token, or would become of it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "outcome", rename_all = "snake_case")]
#[schema(as = Fate)]
enum FateBody<'f> {
    /// It works no more.
    Revoked { token: Box<LedgerToken<'f>> },
    /// It works no more, and another took its place, which nobody has seen yet.
    Reset { token: Box<LedgerToken<'f>> },
    /// It works no more, and the job that ran with it is canceled.
    Finished { token: Box<LedgerToken<'f>> },
    /// It was revoked before; nothing was changed.
    AlreadyRevoked { token: Box<LedgerToken<'f>> },
    /// It was deleted before.
    Deleted { tombstone: Box<TombstoneBody<'f>> },
    /// It isn't known here.
    Unknown,
    /// The value begins with no prefix that was ever in force here.
    NoKnownPrefix,
    /// It ceased to match the filter before its turn; nothing was changed.
    Kept { token: Box<LedgerToken<'f>> },
    /// It wasn't ended.
    Failed {
        token: Box<LedgerToken<'f>>,
        /// The stable code of what was in the way.
        code: &'static str,
        /// What was in the way.
        detail: String,
    },
}

/// What became of all of them.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RevokedTokens)]
struct RevokedBody<'f> {
    /// Whether this is only what would become of them.
    dry_run: bool,
    /// Of each, in the order they were sent, or of their ids.
    results: Vec<FateBody<'f>>,
    /// How many came to each outcome.
    counts: BTreeMap<&'static str, usize>,
    /// Whether the filter means more tokens: then ask again.
    more: bool,
}

/// Revoke tokens
///
/// Each ends as its kind says, with a row of the trail of its own; doing it twice
/// is no mistake. Where some can't be ended, the others are. For administrators.
#[utoipa::path(
    post, path = "/api/v1/tokens/revoke", tag = "Tokens", request_body = RevokeForm,
    params(("dry_run" = Option<bool>, Query, description = "As in the body; if either says so, nothing is changed.")),
    responses(
        (status = 200, body = RevokedBody<'_>),
        (status = "4XX", body = ProblemBody<'_>, content_type = "application/problem+json"),
    )
)]
pub(super) async fn revoke(asked: Asked<AdminWrite, RevokeForm>) -> Answer {
    let Asked { call, body } = asked;
    let (dry_run, revoked) = carry_out(&call, body).await?;
    let authority = call.authority();
    let fates = revoked.fates.iter();
    let results: Vec<_> = fates.map(|fate| told(fate, authority)).collect();
    let mut counts = BTreeMap::new();
    for result in &results {
        *counts.entry(result.name()).or_default() += 1;
    }
    Ok(answer::ok(&RevokedBody {
        dry_run,
        results,
        counts,
        more: revoked.more,
    }))
}

async fn carry_out(call: &Call<AdminWrite>, form: RevokeForm) -> Result<(bool, Revoked), Problem> {
    let dry_run = form.dry_run || is_dry_run(call)?;
    let reason = form
        .reason
        .map(Reason::new)
        .transpose()
        .map_err(Error::from)?;
    let caller = call.caller.clone().because(reason);
    let revoked = match (form.tokens, form.filter) {
        (Some(tokens), None) => {
            let clues = clues::read(call, tokens)?;
            call.change(|authority, _| async move {
                let fates = authority.revoke_tokens(&caller, &clues, dry_run).await?;
                Ok(Revoked { fates, more: false })
            })
            .await?
        }
        (None, Some(filter)) => {
            let query = filter.read(call.authority().now()).map_err(Error::from)?;
            if query.is_empty() {
                let problem = "can't be empty: it would mean every token";
                return Err(Error::from(Invalid::field("filter", problem)).into());
            }
            let filter = call.authority().settle_tokens(&caller, query).await?;
            call.change(|authority, _| async move {
                authority.revoke_matching(&caller, filter, dry_run).await
            })
            .await?
        }
        _ => return Err(Problem::body("send either tokens or a filter")),
    };
    Ok((dry_run, revoked))
}

fn told<'f>(fate: &'f Fate, authority: &Authority) -> FateBody<'f> {
    let row = |token| Box::new(LedgerToken::of(token, authority));
    match fate {
        Fate::Ended(token) => ended(token, row(token)),
        Fate::AlreadyRevoked(token) => FateBody::AlreadyRevoked { token: row(token) },
        Fate::Deleted(tombstone) => FateBody::Deleted {
            tombstone: Box::new(TombstoneBody::of(tombstone, authority)),
        },
        Fate::Kept(token) => FateBody::Kept { token: row(token) },
        Fate::Unknown => FateBody::Unknown,
        Fate::NoKnownPrefix => FateBody::NoKnownPrefix,
        Fate::Failed(token, error) => {
            let problem = Problem::from(error.clone());
            let (code, detail) = problem.item();
            let detail = if error.is_ours() { OURS } else { detail };
            FateBody::Failed {
                token: row(token),
                code,
                detail: detail.to_owned(),
            }
        }
    }
}

fn ended<'f>(row: &Token, token: Box<LedgerToken<'f>>) -> FateBody<'f> {
    match row.kind.descriptor().ending {
        Ending::Revoke => FateBody::Revoked { token },
        Ending::Reset => FateBody::Reset { token },
        Ending::Finish => FateBody::Finished { token },
    }
}

impl FateBody<'_> {
    /// The outcome's name, as it is written.
    const fn name(&self) -> &'static str {
        match self {
            Self::Revoked { .. } => "revoked",
            Self::Reset { .. } => "reset",
            Self::Finished { .. } => "finished",
            Self::AlreadyRevoked { .. } => "already_revoked",
            Self::Deleted { .. } => "deleted",
            Self::Kept { .. } => "kept",
            Self::Unknown => "unknown",
            Self::NoKnownPrefix => "no_known_prefix",
            Self::Failed { .. } => "failed",
        }
    }
}
