//! `POST /api/v1/tokens/identify`: from what was found to what it is.

use serde::{Deserialize, Serialize};
use tokenry_authority::{Authority, tokens::Identified};
use utoipa::ToSchema;

use super::{
    Answer,
    asked::Asked,
    clues::{self, ClueForm},
    problem::ProblemBody,
};
use crate::{
    access::AdminRead,
    answer,
    represent::{ledger_token::LedgerToken, tombstone::TombstoneBody},
};

/// What was found.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct IdentifyForm {
    /// What is known of each token; up to 1,000.
    tokens: Vec<ClueForm>,
}

/// What one of them is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "result", rename_all = "snake_case")]
#[schema(as = Identified)]
enum IdentifiedBody<'i> {
    /// A token of this instance, dead or alive.
    Token { token: Box<LedgerToken<'i>> },
    /// A token of this instance that was deleted.
    Deleted { tombstone: Box<TombstoneBody<'i>> },
    /// A hint that several tokens have.
    Several {
        tokens: Vec<LedgerToken<'i>>,
        tombstones: Vec<TombstoneBody<'i>>,
        /// Whether there are more than these.
        more: bool,
    },
    /// Nothing that is known here.
    Unknown,
    /// The value begins with no prefix that was ever in force here.
    NoKnownPrefix,
}

/// What they are, in the order they were sent.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = IdentifiedTokens)]
struct IdentifiedBodies<'i> {
    results: Vec<IdentifiedBody<'i>>,
}

/// Identify tokens
///
/// By value, by the SHA-256 of the value, by id or by hint; of every kind, under
/// any prefix that was ever in use, dead or alive, and those that were deleted
/// while their tombstones stay. Never counts as a use. For administrators.
#[utoipa::path(
    post, path = "/api/v1/tokens/identify", tag = "Tokens", request_body = IdentifyForm,
    responses(
        (status = 200, body = IdentifiedBodies<'_>),
        (status = "4XX", body = ProblemBody<'_>, content_type = "application/problem+json"),
    )
)]
pub(super) async fn identify(asked: Asked<AdminRead, IdentifyForm>) -> Answer {
    let Asked { call, body } = asked;
    let clues = clues::read(&call, body.tokens)?;
    let authority = call.authority();
    let found = authority.identify_tokens(&call.caller, &clues).await?;
    let results = found.iter().map(|found| told(found, authority)).collect();
    Ok(answer::ok(&IdentifiedBodies { results }))
}

fn told<'i>(found: &'i Identified, authority: &Authority) -> IdentifiedBody<'i> {
    match found {
        Identified::Token(token) => IdentifiedBody::Token {
            token: Box::new(LedgerToken::of(token, authority)),
        },
        Identified::Deleted(tombstone) => IdentifiedBody::Deleted {
            tombstone: Box::new(TombstoneBody::of(tombstone, authority)),
        },
        Identified::Several {
            tokens,
            tombstones,
            more,
        } => IdentifiedBody::Several {
            tokens: tokens
                .iter()
                .map(|token| LedgerToken::of(token, authority))
                .collect(),
            tombstones: tombstones
                .iter()
                .map(|tombstone| TombstoneBody::of(tombstone, authority))
                .collect(),
            more: *more,
        },
        Identified::Unknown => IdentifiedBody::Unknown,
        Identified::NoKnownPrefix => IdentifiedBody::NoKnownPrefix,
    }
}
