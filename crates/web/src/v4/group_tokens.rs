//! `POST /groups/:id/tokens/revoke` (spec/token-information-api.md section 5).

use axum::http::StatusCode;
use serde_json::json;
use tokenry_authority::{Error, Thing, tokens::TokenText};

use super::{place_params::place_name, token_information::FoundToken};
use crate::{
    access::Write,
    answer,
    call::{Answer, Call},
    failure::Failure,
    openapi::{PlaceId, Refusals},
};

/// Revoke a token of a group by its text
///
/// For the owners of a group at the top: a member's own token, or one that
/// belongs to anything in the group. What is revoked already stays so.
#[utoipa::path(
    post, path = "/api/v4/groups/{id}/tokens/revoke", tag = "Token information",
    params(PlaceId),
    request_body = FoundToken<'_>,
    responses((status = 204), (status = 422, description = "No prefix of this instance."), Refusals)
)]
pub(super) async fn revoke(call: Call<Write>) -> Answer {
    let mut reader = call.params.reader();
    let group = place_name(&mut reader, "id");
    let found = FoundToken::read(reader)?;
    let text = TokenText::new(found.token.reveal().to_owned());
    let revoked = call.change(|authority, caller| async move {
        authority
            .revoke_in_group(&caller, &group, text.reveal())
            .await
    });
    revoked.await.map_err(|error| match error {
        Error::NotFound(Thing::Token) => {
            Failure::message(StatusCode::NOT_FOUND, json!({ "error": "Not found" }))
        }
        other => other.into(),
    })?;
    Ok(answer::no_content())
}
