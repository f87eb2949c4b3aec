//! `POST /oauth/token` with `grant_type=client_credentials`.

use axum::{
    http::{HeaderValue, header},
    response::Response,
};
use serde::Serialize;
use tokenry_authority::tokens::Issued;
use tokenry_domain::{Scopes, application::ACCESS_SECONDS};
use utoipa::ToSchema;

use super::{Refused, credentials, parameter, required};
use crate::{answer, params::Params, secret::Secret, visit::Visit};

/// The one grant that is given.
const GRANT: &str = "client_credentials";

/// What an application asks for.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "it is what the document says")]
struct GrantRequest {
    /// `client_credentials`.
    grant_type: String,
    /// The application's id, unless it stands in the `Authorization` header.
    client_id: Option<String>,
    /// The application's secret, unless it stands in the `Authorization` header.
    client_secret: Option<String>,
    /// Scopes of the application's, separated by spaces; all of them by default.
    scope: Option<String>,
}

/// An access token.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OauthToken)]
struct GrantedBody<'t> {
    /// The secret.
    #[schema(value_type = String)]
    access_token: Secret<'t>,
    /// Always `Bearer`.
    token_type: &'static str,
    /// How long it works, in seconds.
    expires_in: i64,
    /// What it may be used for, separated by spaces.
    scope: String,
    /// When it was issued, in seconds since 1970.
    created_at: i64,
}

impl<'t> GrantedBody<'t> {
    fn of(issued: &'t Issued) -> Self {
        Self {
            access_token: Secret::new(issued.text.reveal()),
            token_type: "Bearer",
            expires_in: ACCESS_SECONDS,
            scope: issued.token.scopes.to_string(),
            created_at: issued.token.life.created_at.as_second(),
        }
    }
}

/// Get an access token for an application's secret
///
/// It acts as the user whom the application belongs to; of an application of
/// the instance, as the administrator who made it. The application shows who
/// it is by HTTP Basic or in the body, never in the address.
#[utoipa::path(
    post, path = "/oauth/token", tag = "OAuth", security(()),
    request_body(content = GrantRequest, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, body = GrantedBody<'_>),
        (status = 400, description = "`invalid_request`, `unsupported_grant_type`, `invalid_scope` or `unauthorized_client`."),
        (status = 401, description = "`invalid_client`."),
    )
)]
pub(super) async fn grant(visit: Visit) -> Result<Response, Refused> {
    let (visit, params) = visit.taking_body();
    if required(&params, "grant_type")? != GRANT {
        return Err(Refused::UnsupportedGrantType);
    }
    let scopes = scopes(&params)?;
    let shown = credentials::shown(&visit.parts.headers, &params)?;
    let shown = shown.ok_or(Refused::InvalidClient)?;
    let issued = visit
        .to_the_end(|authority, origin| async move {
            let client = authority.oauth_client(&shown, origin).await?;
            authority.grant_to_client(&client, scopes).await
        })
        .await?;
    let mut response = answer::ok(&GrantedBody::of(&issued));
    let headers = response.headers_mut();
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    Ok(response)
}

fn scopes(params: &Params) -> Result<Option<Scopes>, Refused> {
    let names = parameter(params, "scope")?;
    let scopes = names.map(|names| Scopes::from_names(names.split_whitespace()));
    scopes.transpose().map_err(|_| Refused::InvalidScope)
}
