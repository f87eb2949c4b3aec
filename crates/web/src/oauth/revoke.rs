//! `POST /oauth/revoke` (RFC 7009).

use axum::response::Response;
use serde_json::json;
use tokenry_authority::tokens::TokenText;
use utoipa::ToSchema;

use super::{Refused, credentials, parameter, required};
use crate::{answer, params::Params, visit::Visit};

/// A token, and who asks.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "it is what the document says")]
pub(super) struct TokenQuestion {
    /// The token's text.
    token: String,
    /// Ignored: tokens of all kinds are found alike.
    token_type_hint: Option<String>,
    /// The application's id, unless it stands in the `Authorization` header.
    client_id: Option<String>,
    /// The application's secret, unless it stands in the `Authorization` header.
    client_secret: Option<String>,
}

/// The token asked about. Its hint needs to be a text, and that's all.
pub(super) fn token(params: &Params) -> Result<&str, Refused> {
    parameter(params, "token_type_hint")?;
    required(params, "token")
}

/// Revoke an access token that the application got
///
/// What is unknown or revoked already is no mistake.
#[utoipa::path(
    post, path = "/oauth/revoke", tag = "OAuth", security(()),
    request_body(content = TokenQuestion, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200),
        (status = 400, description = "`invalid_request`, or `unauthorized_client` for another's token."),
        (status = 401, description = "`invalid_client`."),
    )
)]
pub(super) async fn revoke(visit: Visit) -> Result<Response, Refused> {
    let (visit, params) = visit.taking_body();
    let shown = credentials::shown(&visit.parts.headers, &params)?;
    let shown = shown.ok_or(Refused::InvalidClient)?;
    let text = TokenText::new(token(&params)?.to_owned());
    visit
        .to_the_end(|authority, origin| async move {
            let client = authority.oauth_client(&shown, origin).await?;
            authority.revoke_for_client(&client, text.reveal()).await
        })
        .await?;
    Ok(answer::ok(&json!({})))
}
