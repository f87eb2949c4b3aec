//! `GET /personal_access_tokens/:id` and `/self` (spec/rest.md sections 2.3, 2.4).

use super::{only, token_id};
use crate::{
    access::{Own, Read},
    answer,
    call::{Answer, Call},
    failure::Failure,
    openapi::Refusals,
    represent::token::TokenBody,
};

/// Show a token
///
/// To its owner and to administrators. To others it looks like one that isn't
/// there: 401.
#[utoipa::path(
    get, path = "/api/v4/personal_access_tokens/{id}", tag = "Personal access tokens",
    params(("id" = i64, Path)),
    responses((status = 200, body = TokenBody<'_>), Refusals)
)]
pub(super) async fn show(call: Call<Read>) -> Answer {
    let id = only(call.params.reader(), token_id)?;
    let hidden = |error| Failure::hidden(error, call.caller.is_admin());
    let authority = call.authority();
    authority.require_access_token(id).await.map_err(hidden)?;
    let token = authority.show_token(&call.caller, id).await;
    let token = token.map_err(hidden)?;
    Ok(answer::ok(&TokenBody::of(&token, call.authority().now())))
}

/// Show the token presented
///
/// Whatever its scopes.
#[utoipa::path(
    get, path = "/api/v4/personal_access_tokens/self", tag = "Personal access tokens",
    responses((status = 200, body = TokenBody<'_>), Refusals)
)]
pub(super) async fn show_self(call: Call<Own>) -> Answer {
    let card = call.presented_card()?;
    Ok(answer::ok(&TokenBody::of_card(
        card,
        call.authority().now(),
    )))
}
