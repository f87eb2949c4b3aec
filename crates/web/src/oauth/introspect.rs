//! `POST /oauth/introspect` (RFC 7662): how services have tokens verified that
//! open nothing here.

use axum::response::Response;
use serde::Serialize;
use tokenry_authority::{
    Error,
    oauth::{Asking, Introspected},
};
use tokenry_domain::{access::Need, kind::Opens};
use utoipa::ToSchema;

use super::{
    Refused, credentials,
    revoke::{self, TokenQuestion},
};
use crate::{
    answer,
    credential::{Presented, presented},
    failure::Failure,
    params::Params,
    visit::Visit,
};

/// What a token is. Of one that doesn't work, `active` is all that is told.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = Introspection)]
struct IntrospectionBody {
    /// Whether it works.
    active: bool,
    /// What it may be used for, separated by spaces.
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    /// The application that it was given to.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    /// The user it acts as.
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    /// `Bearer` for what opens the API here.
    #[serde(skip_serializing_if = "Option::is_none")]
    token_type: Option<&'static str>,
    /// When it stops working, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    exp: Option<i64>,
    /// When it was issued, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    iat: Option<i64>,
    /// The id of the user it acts as.
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<String>,
    /// The kind of token; tokenry's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
}

impl IntrospectionBody {
    fn of(found: &Introspected) -> Self {
        let card = &found.card;
        let bearer = matches!(card.kind.descriptor().opens, Opens::Api | Opens::ApiByOauth);
        Self {
            active: true,
            scope: Some(card.scopes.to_string()),
            client_id: found.client_id.clone(),
            username: found.user.as_ref().map(|user| user.username.clone()),
            token_type: bearer.then_some("Bearer"),
            exp: card.expires_at.map(jiff::Timestamp::as_second),
            iat: Some(card.created_at.as_second()),
            sub: found.user.as_ref().map(|user| user.id.to_string()),
            kind: Some(card.kind.name()),
        }
    }
}

/// Ask whether a token works, and what it is
///
/// Of any kind. Asked by an application of the instance, or by one of a user's
/// about its own tokens, which counts as a use; or with an administrator's
/// access token with `api`, which doesn't.
#[utoipa::path(
    post, path = "/oauth/introspect", tag = "OAuth", security(()),
    request_body(content = TokenQuestion, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, body = IntrospectionBody),
        (status = 400, description = "`invalid_request`."),
        (status = 401, description = "`invalid_client`, or an access token that doesn't work."),
        (status = 403, description = "The access token is no administrator's, or lacks `api`."),
    )
)]
pub(super) async fn introspect(visit: Visit) -> Result<Response, Refused> {
    let (visit, params) = visit.taking_body();
    let asking = asking(&visit, &params).await?;
    let text = revoke::token(&params)?;
    let found = visit.authority().introspect(&asking, text).await;
    let found = found.map_err(Failure::from).map_err(Refused::Other)?;
    let body = found.as_ref().map(IntrospectionBody::of);
    Ok(answer::ok(&body.unwrap_or_default()))
}

async fn asking(visit: &Visit, params: &Params) -> Result<Asking, Refused> {
    if let Some(shown) = credentials::shown(&visit.parts.headers, params)? {
        let client = visit.authority().oauth_client(&shown, visit.origin());
        return Ok(Asking::Client(Box::new(client.await?)));
    }
    let Presented::Text(text) = presented(&visit.parts.headers, params, false, false) else {
        return Err(Refused::InvalidClient);
    };
    let admitted = visit
        .authority()
        .authenticate(text, Need::Write, visit.origin())
        .await;
    let checked = admitted.and_then(|caller| {
        caller.require_admin()?;
        Ok(Box::new(caller))
    });
    let usual = |error: Error| Refused::Other(error.into());
    checked.map(Asking::Administrator).map_err(usual)
}
