//! `POST` and `DELETE /admin/token`: from a found text to what it is, and its
//! end (spec/token-information-api.md section 1).
//!
//! Neither counts as a use of the token.

use axum::http::StatusCode;
use serde_json::json;
use tokenry_authority::Error;
use tokenry_domain::kind::Identifies;
use utoipa::ToSchema;

use crate::{
    access::AdminWrite,
    answer,
    call::{Answer, Call},
    failure::Failure,
    openapi::Refusals,
    params::Reader,
    represent::{
        identified::{Identified, IdentifiedJob, IdentifiedOwner},
        job::JobBody,
        token::TokenBody,
    },
};

/// A token that was found somewhere.
#[derive(Debug, ToSchema)]
pub(super) struct FoundToken<'p> {
    /// The token's text, exactly: nothing is trimmed.
    pub(super) token: &'p str,
}

impl<'p> FoundToken<'p> {
    pub(super) fn read(mut reader: Reader<'p>) -> Result<Self, Failure> {
        let token = reader.required("token");
        reader.finish()?;
        Ok(Self { token })
    }
}

/// Identify a token
///
/// Of any kind, under any prefix that was ever in use, dead or alive. A session
/// and the tokens of feeds and mail are told by their owner, and a job's token
/// by its job.
#[utoipa::path(
    post, path = "/api/v4/admin/token", tag = "Token information",
    request_body = FoundToken<'_>,
    responses((status = 200, body = Identified<'_>), (status = 422, description = "No prefix of this instance."), Refusals)
)]
pub(super) async fn identify(call: Call<AdminWrite>) -> Answer {
    let found = FoundToken::read(call.params.reader())?;
    let identified = call
        .authority()
        .identify_token(&call.caller, found.token)
        .await;
    let card = identified.map_err(worded)?;
    let (authority, now, base) = (call.authority(), call.authority().now(), call.base());
    match card.kind.descriptor().identifies {
        Identifies::Owner => {
            if let Some(owner) = authority.recall_user(card.owner) {
                return Ok(answer::ok(&IdentifiedOwner::of(&owner, &card, &base, now)));
            }
        }
        Identifies::Job => {
            if let Some((job, project)) = authority.identified_job(&call.caller, &card).await? {
                let user = authority.recall_user(card.owner);
                let job = JobBody::of(&job, &project, user.as_deref(), &base, now);
                return Ok(answer::ok(&IdentifiedJob::of(job, &card, now)));
            }
        }
        Identifies::Itself => {}
    }
    Ok(answer::ok(&TokenBody::of_identified(&card, now)))
}

/// Revoke a token by its text
///
/// What is revoked already stays so.
#[utoipa::path(
    delete, path = "/api/v4/admin/token", tag = "Token information",
    request_body = FoundToken<'_>,
    responses((status = 204), (status = 422, description = "No prefix of this instance."), Refusals)
)]
pub(super) async fn revoke(call: Call<AdminWrite>) -> Answer {
    let found = FoundToken::read(call.params.reader())?;
    let text = found.token.to_owned();
    call.change(|authority, caller| async move { authority.revoke_by_text(&caller, &text).await })
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
