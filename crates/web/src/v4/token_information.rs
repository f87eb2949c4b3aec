//! `POST` and `DELETE /admin/token`: from a found text to what it is, and its
//! end (spec/token-information-api.md section 1).
//!
//! Neither counts as a use of the token.

use axum::http::StatusCode;
use serde_json::json;
use tokenry_authority::Error;
use utoipa::ToSchema;

use crate::{
    access::AdminWrite,
    answer,
    call::{Answer, Call},
    failure::Failure,
    openapi::Refusals,
    params::Reader,
    represent::token::TokenBody,
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
/// Of any kind, under any prefix that was ever in use, dead or alive.
#[utoipa::path(
    post, path = "/api/v4/admin/token", tag = "Token information",
    request_body = FoundToken<'_>,
    responses((status = 200, body = TokenBody<'_>), (status = 422, description = "No prefix of this instance."), Refusals)
)]
pub(super) async fn identify(call: Call<AdminWrite>) -> Answer {
    let found = FoundToken::read(call.params.reader())?;
    let identified = call
        .authority()
        .identify_token(&call.caller, found.token)
        .await;
    let card = identified.map_err(worded)?;
    let now = call.authority().now();
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
