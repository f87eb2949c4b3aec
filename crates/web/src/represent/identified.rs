//! What a found text turned out to be (spec/token-information-api.md section 2).

use jiff::Timestamp;
use serde::Serialize;
use tokenry_domain::{User, token::Card};
use utoipa::ToSchema;

use super::{job::JobBody, token::TokenBody, user::FullUser};

/// What a found text turned out to be. Only the document needs all in one.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "it is what the document says")]
#[schema(as = Identified)]
#[serde(untagged)]
pub(crate) enum Identified<'i> {
    /// Most kinds are told by themselves.
    Token(TokenBody<'i>),
    /// Some by their owner.
    Owner(IdentifiedOwner<'i>),
    /// And some by their job.
    Job(IdentifiedJob<'i>),
}

/// The owner of a token, and what it is. The user has a `state` too.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IdentifiedOwner<'i> {
    #[serde(flatten)]
    user: FullUser<'i>,
    /// The kind of token.
    token_type: &'static str,
    /// The ledger row's id.
    token_id: i64,
    /// `active`, `expired` or `revoked`.
    token_state: &'static str,
}

impl<'i> IdentifiedOwner<'i> {
    pub(crate) fn of(user: &'i User, card: &Card, base: &str, now: Timestamp) -> Self {
        Self {
            user: FullUser::for_admin(user, base),
            token_type: card.kind.name(),
            token_id: card.id.get(),
            token_state: card.state(now).name(),
        }
    }
}

/// The job of a token, and what it is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IdentifiedJob<'i> {
    job: Option<JobBody<'i>>,
    /// The kind of token.
    token_type: &'static str,
    /// The ledger row's id.
    token_id: i64,
    /// `active`, `expired` or `revoked`.
    state: &'static str,
}

impl<'i> IdentifiedJob<'i> {
    pub(crate) fn of(job: Option<JobBody<'i>>, card: &Card, now: Timestamp) -> Self {
        Self {
            job,
            token_type: card.kind.name(),
            token_id: card.id.get(),
            state: card.state(now).name(),
        }
    }
}
