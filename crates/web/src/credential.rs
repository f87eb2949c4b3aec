//! Finding the token in a request (spec/rest.md section 1.3).
//!
//! The first that isn't empty counts: parameter `private_token`, header
//! `PRIVATE-TOKEN`, header `Authorization: Bearer`, parameter `access_token`;
//! on routes that take job tokens, parameter `job_token`, header `JOB-TOKEN`,
//! and the password of the user `gitlab-ci-token`; last, the session's cookie.
//! Parameters count only where the operator lets them.

use std::borrow::Cow;

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use data_encoding::BASE64;
use tokenry_authority::sessions;

use crate::params::{Found, Params};

const PRIVATE_TOKEN: HeaderName = HeaderName::from_static("private-token");
const JOB_TOKEN: HeaderName = HeaderName::from_static("job-token");
/// The parameters that may carry a token; no link repeats them.
pub(crate) const PARAMETERS: [&str; 3] = ["private_token", "access_token", "job_token"];
/// The name under which a job token is a password.
const JOB_USER: &str = "gitlab-ci-token";

/// What a request presents.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Presented<'r> {
    /// Nothing.
    Nothing,
    /// Something that can't be a token's text.
    Garbage,
    /// A text.
    Text(&'r str),
    /// A text where job tokens alone are presented.
    Job(Cow<'r, str>),
    /// The value of a session's cookie.
    Cookie(&'r str),
}

/// The token that a request presents, where job tokens are taken or not.
pub(crate) fn presented<'r>(
    headers: &'r HeaderMap,
    params: &'r Params,
    from_parameters: bool,
    jobs: bool,
) -> Presented<'r> {
    let [private, access, job] = PARAMETERS.map(|name| {
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
        .or(|| {
            if jobs {
                job_token(headers, job())
            } else {
                Presented::Nothing
            }
        })
        .or(|| cookie(headers))
}

fn job_token<'r>(headers: &'r HeaderMap, parameter: Presented<'r>) -> Presented<'r> {
    let found = parameter.or(|| headers.get(JOB_TOKEN).map_or(Presented::Nothing, text));
    match found {
        Presented::Text(text) if !text.is_empty() => Presented::Job(text.into()),
        found => found.or(|| job_password(headers).unwrap_or(Presented::Nothing)),
    }
}

/// The password that comes with the user name of jobs.
fn job_password(headers: &HeaderMap) -> Option<Presented<'static>> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, pair) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = String::from_utf8(BASE64.decode(pair.trim().as_bytes()).ok()?).ok()?;
    let (user, password) = pair.split_once(':')?;
    (user == JOB_USER).then(|| Presented::Job(password.to_owned().into()))
}

/// The value of the session's cookie.
fn cookie(headers: &HeaderMap) -> Presented<'_> {
    let values = headers.get_all(header::COOKIE).iter();
    let pairs = values.flat_map(|value| value.to_str().unwrap_or_default().split(';'));
    let mut named = pairs.filter_map(|pair| pair.trim().split_once('='));
    let found = named.find(|(name, value)| *name == sessions::COOKIE && !value.is_empty());
    found.map_or(Presented::Nothing, |(_, value)| Presented::Cookie(value))
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
