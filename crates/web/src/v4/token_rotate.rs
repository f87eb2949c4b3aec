//! `POST /personal_access_tokens/:id/rotate` and `/self/rotate`
//! (spec/rest.md section 2.8).

use jiff::civil::Date;
use tokenry_authority::Error;
use tokenry_domain::TokenId;
use utoipa::ToSchema;

use super::token_id;
use crate::{
    access::{Rotate, RotateSelf},
    answer,
    call::{Answer, Call},
    failure::Failure,
    openapi::Refusals,
    params::Reader,
    represent::token::TokenBody,
};

/// What is asked for of a token's successor.
#[derive(Debug, ToSchema)]
pub(super) struct Rotation {
    /// The date it stops working at, at 00:00 UTC. If expiry is required, the
    /// default is a week from today, else none.
    #[schema(value_type = Option<String>, format = Date)]
    pub(super) expires_at: Option<Date>,
}

impl Rotation {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        Self {
            expires_at: reader.date("expires_at"),
        }
    }
}

/// Replace a token
///
/// The old token is revoked in the same step. The answer holds the new token's
/// text, this once.
#[utoipa::path(
    post, path = "/api/v4/personal_access_tokens/{id}/rotate", tag = "Personal access tokens",
    params(("id" = i64, Path)), request_body = Option<Rotation>,
    responses((status = 200, body = TokenBody<'_>), Refusals)
)]
pub(super) async fn rotate(call: Call<Rotate>) -> Answer {
    let mut reader = call.params.reader();
    let id = token_id(&mut reader, "id");
    let rotation = Rotation::read(&mut reader);
    reader.finish()?;
    let known = call.authority().require_access_token(id).await;
    known.map_err(|error| worded(error, call.caller.is_admin()))?;
    replace(&call, id, rotation).await
}

/// Replace the token presented
///
/// With scope `api` or `self_rotate`.
#[utoipa::path(
    post, path = "/api/v4/personal_access_tokens/self/rotate", tag = "Personal access tokens",
    request_body = Option<Rotation>,
    responses((status = 200, body = TokenBody<'_>), Refusals)
)]
pub(super) async fn rotate_self(call: Call<RotateSelf>) -> Answer {
    let mut reader = call.params.reader();
    let rotation = Rotation::read(&mut reader);
    reader.finish()?;
    let id = call.presented_card()?.id;
    replace(&call, id, rotation).await
}

async fn replace<A>(call: &Call<A>, id: TokenId, rotation: Rotation) -> Answer {
    let expires = rotation.expires_at;
    let issued = call
        .change(
            |authority, caller| async move { authority.rotate_token(&caller, id, expires).await },
        )
        .await
        .map_err(|error| worded(error, call.caller.is_admin()))?;
    Ok(answer::ok(&TokenBody::of_issued(
        &issued,
        call.authority().now(),
    )))
}

fn worded(error: Error, admin: bool) -> Failure {
    match error {
        Error::Invalid(invalid) => Failure::bad_request(&invalid.sentence()),
        other => Failure::hidden(other, admin),
    }
}
