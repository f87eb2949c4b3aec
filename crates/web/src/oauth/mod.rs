//! OAuth 2.0 for applications that act by themselves: `/oauth/token`
//! (RFC 6749 section 4.4), `/oauth/revoke` (RFC 7009) and `/oauth/introspect`
//! (RFC 7662).
//!
//! What these routes are told stands in the body: an address is written to
//! logs, and a secret mustn't be.

mod credentials;
mod introspect;
mod refusal;
mod revoke;
mod token;

use utoipa_axum::{router::OpenApiRouter, routes};

use self::refusal::Refused;
use crate::{
    app::App,
    params::{Found, Params},
};

/// Every route under `/oauth`.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::default()
        .routes(routes!(token::grant))
        .routes(routes!(revoke::revoke))
        .routes(routes!(introspect::introspect))
}

/// One parameter. An empty one is as good as none, and none may stand there
/// twice (RFC 6749 section 3.2).
fn parameter<'p>(params: &'p Params, name: &str) -> Result<Option<&'p str>, Refused> {
    match params.find(name) {
        Found::Absent | Found::Null | Found::Text("") => Ok(None),
        Found::Text(text) => Ok(Some(text)),
        Found::List(_) | Found::Odd => Err(Refused::InvalidRequest(
            "a parameter stands there twice or is no text",
        )),
    }
}

/// One parameter that must be there.
fn required<'p>(params: &'p Params, name: &str) -> Result<&'p str, Refused> {
    let found = parameter(params, name)?;
    found.ok_or(Refused::InvalidRequest("a required parameter is missing"))
}
