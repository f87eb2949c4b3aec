//! Refusals in the words of RFC 6749 section 5.2.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;
use tokenry_authority::{Error, Refusal};

use crate::{answer, failure::Failure};

/// Why a request isn't done.
#[derive(Debug)]
pub(super) enum Refused {
    /// It isn't what it should be; says why.
    InvalidRequest(&'static str),
    /// No application showed who it is.
    InvalidClient,
    /// The application may not do this.
    UnauthorizedClient,
    /// The grant isn't one that is given here.
    UnsupportedGrantType,
    /// The scopes aren't the application's.
    InvalidScope,
    /// What isn't OAuth's to word.
    Other(Failure),
}

impl Refused {
    fn words(&self) -> (StatusCode, &'static str, &'static str) {
        let bad = StatusCode::BAD_REQUEST;
        match self {
            Self::InvalidRequest(why) => (bad, "invalid_request", why),
            Self::InvalidClient => (
                StatusCode::UNAUTHORIZED,
                "invalid_client",
                "Client authentication failed due to unknown client, no client authentication \
                 included, or unsupported authentication method.",
            ),
            Self::UnauthorizedClient => (
                bad,
                "unauthorized_client",
                "The client is not authorized to perform this request.",
            ),
            Self::UnsupportedGrantType => (
                bad,
                "unsupported_grant_type",
                "The authorization grant type is not supported by the authorization server.",
            ),
            Self::InvalidScope | Self::Other(_) => (
                bad,
                "invalid_scope",
                "The requested scope is invalid, unknown, or malformed.",
            ),
        }
    }
}

/// What is said of an application that wasn't let in. A fault of ours isn't
/// the application's.
impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(Refusal::Unknown | Refusal::Expired | Refusal::Revoked) => {
                Self::InvalidClient
            }
            Error::Refused(Refusal::Account(_)) | Error::NotPermitted(_) => {
                Self::UnauthorizedClient
            }
            Error::Invalid(_) => Self::InvalidScope,
            other => Self::Other(other.into()),
        }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let (status, error, description) = self.words();
        if let Self::Other(failure) = self {
            return failure.into_response();
        }
        let body = json!({ "error": error, "error_description": description });
        let mut response = answer::json(status, &body);
        if status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static(r#"Basic realm="tokenry""#);
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}
