//! `POST` and `DELETE /admin/token`: from a found text to what it is, and its
//! end (spec/token-information-api.md section 1).
//!
//! Neither counts as a use of the token.

use axum::{http::StatusCode, response::Response};
use serde_json::json;
use tokenry_authority::{Error, tokens::TokenText};
use tokenry_domain::{HolderId, holder::HolderKind, kind::Identifies, token::Card};
use utoipa::ToSchema;

use super::token_revoke::delete_means;
use crate::{
    access::AdminWrite,
    answer,
    call::{Answer, Call},
    failure::Failure,
    openapi::Refusals,
    params::Reader,
    represent::{
        agent::AgentTokenBody,
        application::ApplicationBody,
        deploy_token::DeployTokenBody,
        flags_client::FlagsClientBody,
        identified::{Identified, Told, ToldJob, ToldOwner, holder_of},
        job::JobBody,
        runner::FoundRunner,
        scim_token::ScimTokenBody,
        token::TokenBody,
        trigger::TriggerBody,
    },
    secret::Secret,
};

/// A token that was found somewhere.
#[derive(Debug, ToSchema)]
pub(super) struct FoundToken<'p> {
    /// The token's text, exactly: nothing is trimmed.
    #[schema(value_type = String)]
    pub(super) token: Secret<'p>,
}

impl<'p> FoundToken<'p> {
    pub(super) fn read(mut reader: Reader<'p>) -> Result<Self, Failure> {
        let token = Secret::new(reader.required("token"));
        reader.finish()?;
        Ok(Self { token })
    }
}

/// Identify a token
///
/// Of any kind, under any prefix that was ever in use, dead or alive. GitLab's
/// fields for its kind, and what tokenry adds: `token_type`, `subject`, `state`.
#[utoipa::path(
    post, path = "/api/v4/admin/token", tag = "Token information",
    request_body = FoundToken<'_>,
    responses((status = 200, body = Identified<'_>), (status = 422, description = "No prefix of this instance."), Refusals)
)]
pub(super) async fn identify(call: Call<AdminWrite>) -> Answer {
    let found = FoundToken::read(call.params.reader())?;
    let identified = call
        .authority()
        .identify_token(&call.caller, found.token.reveal())
        .await;
    let card = identified.map_err(worded)?;
    if card.kind.descriptor().identifies != Identifies::Itself
        && let Some(answer) = tell(&call, &card, found.token).await?
    {
        return Ok(answer);
    }
    let now = call.authority().now();
    Ok(answer::ok(&TokenBody::of_identified(&card, now)))
}

/// What GitLab tells of kinds that have an answer of their own; none where
/// what would be told is gone.
async fn tell(
    call: &Call<AdminWrite>,
    card: &Card,
    text: Secret<'_>,
) -> Result<Option<Response>, Failure> {
    let (authority, now) = (call.authority(), call.authority().now());
    Ok(match card.kind.descriptor().identifies {
        Identifies::Itself => None,
        Identifies::Owner => authority
            .recall_user(card.owner)
            .map(|owner| answer::ok(&ToldOwner::of(&owner, card, &call.base(), now))),
        Identifies::Holder => tell_holder(call, card).await?,
        Identifies::Job => tell_job(call, card).await?,
        Identifies::DeployToken => {
            let particulars = authority.identified_particulars(&call.caller, card).await?;
            let body = DeployTokenBody::of(card, &particulars, now);
            Some(answer::ok(&Told::of(body, card, now)))
        }
        Identifies::Trigger => Some(tell_trigger(call, card, text).await?),
        Identifies::AgentToken => {
            let agent = holder_of(card).map_or(0, HolderId::get);
            let body = AgentTokenBody::shown(card, agent, card.state(now));
            Some(answer::ok(&Told::of(body, card, now)))
        }
        Identifies::ScimToken => {
            let body = ScimTokenBody::of(card, now);
            Some(answer::ok(&Told::of(body, card, now)))
        }
    })
}

async fn tell_trigger(call: &Call<AdminWrite>, card: &Card, text: Secret<'_>) -> Answer {
    let (authority, caller, base) = (call.authority(), &call.caller, call.base());
    let particulars = authority.identified_particulars(caller, card).await?;
    let revoked_at = authority.identified_revocation(caller, card).await;
    let revoked_at = revoked_at.map_err(worded)?;
    let owner = authority.recall_user(card.owner);
    // Never the whole of it, not even to whoever sent it.
    let begins = authority.beginning(text.reveal());
    let begins = Some(begins.reveal());
    let owner = owner.as_deref();
    let body = TriggerBody::of(card, revoked_at, &particulars, begins, owner, &base);
    Ok(answer::ok(&Told::of(body, card, authority.now())))
}

/// What holds the token, where GitLab tells that.
async fn tell_holder(call: &Call<AdminWrite>, card: &Card) -> Result<Option<Response>, Failure> {
    let authority = call.authority();
    let now = authority.now();
    let Some(holder) = authority.identified_holder(&call.caller, card).await? else {
        return Ok(None);
    };
    Ok(match holder.kind() {
        HolderKind::Application => {
            ApplicationBody::of(&holder).map(|body| answer::ok(&Told::of(body, card, now)))
        }
        HolderKind::Runner => {
            let (creator, base) = (authority.recall_user(holder.creator), call.base());
            let told = (now, base.as_str());
            FoundRunner::of(&holder, card.last_use.at, creator.as_deref(), told)
                .map(|body| answer::ok(&Told::of(body, card, now)))
        }
        HolderKind::FeatureFlagsClient => {
            let body = FlagsClientBody::of(&holder);
            Some(answer::ok(&Told::of(body, card, now)))
        }
        HolderKind::ClusterAgent | HolderKind::Job => None,
    })
}

async fn tell_job(call: &Call<AdminWrite>, card: &Card) -> Result<Option<Response>, Failure> {
    let (authority, base) = (call.authority(), call.base());
    let now = authority.now();
    let found = authority.identified_job(&call.caller, card).await?;
    Ok(found.map(|(job, project)| {
        let user = authority.recall_user(card.owner);
        let job = JobBody::of(&job, &project, user.as_deref(), &base, now);
        answer::ok(&Told::of(ToldJob { job }, card, now))
    }))
}

/// Revoke a token by its text
///
/// What is revoked already stays so.
#[utoipa::path(
    delete, path = "/api/v4/admin/token", tag = "Token information",
    params(("hard_delete" = Option<bool>, Query, description = "Whether the row goes too, whatever the setting `delete_means` says.")),
    request_body = FoundToken<'_>,
    responses((status = 204), (status = 422, description = "No prefix of this instance."), Refusals)
)]
pub(super) async fn revoke(call: Call<AdminWrite>) -> Answer {
    let mut reader = call.params.reader();
    let means = delete_means(&call, &mut reader);
    let text = TokenText::new(FoundToken::read(reader)?.token.reveal().to_owned());
    call.change(|authority, caller| async move {
        authority.end_by_text(&caller, text.reveal(), means).await
    })
    .await
    .map_err(worded)?;
    Ok(answer::no_content())
}

/// The words differ from those of other routes.
fn worded(error: Error) -> Failure {
    match error {
        Error::NotFound(_) => {
            Failure::message(StatusCode::NOT_FOUND, json!({ "error": "Not found" }))
        }
        other => other.into(),
    }
}
