//! Finding the token in a request (spec/rest.md section 1.3).
//!
//! The first that isn't empty counts: parameter `private_token`, header
//! `PRIVATE-TOKEN`, header `Authorization: Bearer`, parameter `access_token`.
//! Parameters count only where the operator lets them.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::params::{Found, Params};

const PRIVATE_TOKEN: HeaderName = HeaderName::from_static("private-token");
/// The parameters that may carry a token; no link repeats them.
pub(crate) const PARAMETERS: [&str; 2] = ["private_token", "access_token"];

/// What a request presents.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Presented<'r> {
    /// Nothing.
    Nothing,
    /// Something that can't be a token's text.
    Garbage,
    /// A text.
    Text(&'r str),
}

/// The token that a request presents.
pub(crate) fn presented<'r>(
    headers: &'r HeaderMap,
    params: &'r Params,
    from_parameters: bool,
) -> Presented<'r> {
    let [private, access] = PARAMETERS.map(|name| {
        move || {
            if from_parameters {
                match params.find(name) {
                    Found::Absent | Found::Null => Presented::Nothing,
                    Found::Text(text) => Presented::Text(text),
                    Found::List(_) | Found::Odd => Presented::Garbage,
                }
            } else {
                Presented::Nothing
            }
        }
    });
    private()
        .or(|| headers.get(PRIVATE_TOKEN).map_or(Presented::Nothing, text))
        .or(|| bearer(headers))
        .or(access)
}

impl Presented<'_> {
    fn or(self, next: impl FnOnce() -> Self) -> Self {
        match self {
            Self::Nothing | Self::Text("") => next(),
            found => found,
        }
    }
}

fn text(value: &HeaderValue) -> Presented<'_> {
    value.to_str().map_or(Presented::Garbage, Presented::Text)
}

fn bearer(headers: &HeaderMap) -> Presented<'_> {
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        return Presented::Nothing;
    };
    let Ok(value) = value.to_str() else {
        return Presented::Garbage;
    };
    match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => {
            Presented::Text(token.trim())
        }
        _ => Presented::Nothing,
    }
}
