//! What a found text turned out to be (spec/token-information-api.md section 2).

use jiff::Timestamp;
use serde::Serialize;
use tokenry_domain::{HolderId, Kind, Subject, User, token::Card};
use utoipa::ToSchema;

use super::{
    agent::AgentTokenBody, application::ApplicationBody, deploy_token::DeployTokenBody,
    flags_client::FlagsClientBody, job::JobBody, runner::FoundRunner, scim_token::ScimTokenBody,
    token::TokenBody, trigger::TriggerBody, user::FullUser,
};

/// What a found text turned out to be. Only the document needs all in one.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "it is what the document says")]
#[schema(as = Identified)]
#[serde(untagged)]
pub(crate) enum Identified<'i> {
    /// What acts as a user over the API.
    Token(TokenBody<'i>),
    DeployToken(Told<DeployTokenBody<'i>>),
    Trigger(Told<TriggerBody<'i>>),
    AgentToken(Told<AgentTokenBody<'i>>),
    ScimToken(Told<ScimTokenBody<'i>>),
    /// An application's secret is told by the application,
    Application(Told<ApplicationBody<'i>>),
    /// a runner's token by the runner,
    Runner(Told<FoundRunner<'i>>),
    /// a feature flags client's by the client,
    FlagsClient(Told<FlagsClientBody<'i>>),
    /// a job's by the job,
    Job(Told<ToldJob<'i>>),
    /// and what belongs to a user alone by that user.
    Owner(ToldOwner<'i>),
}

/// What GitLab tells of a token, and what it is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Told<B> {
    #[serde(flatten)]
    body: B,
    /// The kind of token.
    token_type: &'static str,
    /// The ledger row's id.
    token_id: i64,
    /// What it belongs to, where that isn't just its owner.
    subject: Option<SubjectBody>,
    /// `active`, `expired` or `revoked`.
    state: &'static str,
}

impl<B> Told<B> {
    pub(crate) fn of(body: B, card: &Card, now: Timestamp) -> Self {
        Self {
            body,
            token_type: card.kind.name(),
            token_id: card.id.get(),
            subject: SubjectBody::of(card),
            state: card.state(now).name(),
        }
    }
}

/// What a token belongs to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Subject)]
pub(crate) struct SubjectBody {
    /// `project`, `group`, or what holds the token: `application`,
    /// `cluster_agent`, `runner`, `feature_flags_client` or `job`.
    pub(super) r#type: &'static str,
    /// Its id.
    pub(super) id: i64,
}

impl SubjectBody {
    /// The subject of a token, if it has one.
    pub(crate) fn of(card: &Card) -> Option<Self> {
        Some(Self::of_kind(card.kind, card.subject?))
    }

    /// The subject of a token of this kind.
    pub(crate) fn of_kind(kind: Kind, subject: Subject) -> Self {
        let (r#type, (_, id)) = (subject.sort(kind), subject.parts());
        Self { r#type, id }
    }
}

/// The holder of a token, if it has one.
pub(crate) const fn holder_of(card: &Card) -> Option<HolderId> {
    match card.subject {
        Some(Subject::Holder(id)) => Some(id),
        _ => None,
    }
}

/// A job, under the name that GitLab gives it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ToldJob<'i> {
    pub(crate) job: Option<JobBody<'i>>,
}

/// The owner of a token, and what it is. The user has a `state` too.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ToldOwner<'i> {
    #[serde(flatten)]
    user: FullUser<'i>,
    /// The kind of token.
    token_type: &'static str,
    /// The ledger row's id.
    token_id: i64,
    /// `active`, `expired` or `revoked`.
    token_state: &'static str,
}

impl<'i> ToldOwner<'i> {
    pub(crate) fn of(user: &'i User, card: &Card, base: &str, now: Timestamp) -> Self {
        Self {
            user: FullUser::for_admin(user, base),
            token_type: card.kind.name(),
            token_id: card.id.get(),
            token_state: card.state(now).name(),
        }
    }
}
