//! A request whose body is one JSON object of a known shape.

use axum::{
    body::Body,
    extract::{FromRequest, Request},
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use serde::{Deserialize as _, Deserializer, de::DeserializeOwned};

use super::problem::Problem;
use crate::{access::Access, app::App, call::Call, failure::Failure, params::whole_body};

/// A call, and what its body asks for.
///
/// The body is read after the caller has been let in. A field that isn't known
/// is refused with its name, if the shape says so (`deny_unknown_fields`).
#[derive(Debug)]
pub(crate) struct Asked<A, T> {
    /// Who asks, and the address's parameters.
    pub(crate) call: Call<A>,
    /// What is asked for.
    pub(crate) body: T,
}

impl<A: Access, T: DeserializeOwned> FromRequest<App> for Asked<A, T> {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        let (call, bytes) = received(request, app).await?;
        let body = read(&bytes).map_err(Problem::into_response)?;
        Ok(Self { call, body })
    }
}

/// A call, and its body as it was sent.
pub(super) async fn received<A: Access>(
    request: Request,
    app: &App,
) -> Result<(Call<A>, Bytes), Response> {
    let (parts, body) = request.into_parts();
    let head = Request::from_parts(parts, Body::empty());
    let call = Call::from_request(head, app).await?;
    let bytes = whole_body(body, app.options().body_limit).await;
    let bytes = bytes.map_err(|trouble| Problem::from(Failure::from(trouble)).into_response())?;
    Ok((call, bytes))
}

/// Whether the address asks for a dry run. Where the body says something else,
/// the one that changes nothing counts.
pub(super) fn is_dry_run<A>(call: &Call<A>) -> Result<bool, Problem> {
    let mut reader = call.params.reader();
    let dry_run = reader.flag("dry_run").unwrap_or_default();
    reader.finish()?;
    Ok(dry_run)
}

/// What a body asks for; an empty one for nothing.
pub(super) fn read<T: DeserializeOwned>(bytes: &Bytes) -> Result<T, Problem> {
    let text = if bytes.is_empty() { b"{}" } else { &**bytes };
    let mut json = serde_json::Deserializer::from_slice(text);
    let read = serde_path_to_error::deserialize(&mut json);
    let body = read.map_err(|error| problem(&error))?;
    let end = json.end();
    end.map_err(|error| not_json(error.line(), error.column()))?;
    Ok(body)
}

/// Tells `null` from what isn't there.
#[expect(clippy::option_option, reason = "`null` clears, and absence doesn't")]
pub(super) fn said<'de, D: Deserializer<'de>>(
    value: D,
) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(value).map(Some)
}

/// serde's own words can repeat what was sent, which may be a secret; where it
/// stands says enough.
fn problem(error: &serde_path_to_error::Error<serde_json::Error>) -> Problem {
    let inner = error.inner();
    if inner.is_data() {
        let path = error.path().to_string();
        let problem = match missing(&inner.to_string()) {
            Some(field) => format!("lacks {field}"),
            None => "is unknown, there twice, or not of the documented type".to_owned(),
        };
        return match path.as_str() {
            "." => Problem::field("body", problem),
            path => Problem::field(path, problem),
        };
    }
    not_json(inner.line(), inner.column())
}

/// The field that serde misses: a name of ours, by which nothing is repeated.
fn missing(words: &str) -> Option<&str> {
    let (field, _) = words.strip_prefix("missing field `")?.split_once('`')?;
    Some(field)
}

fn not_json(line: usize, column: usize) -> Problem {
    Problem::body(format!("the body isn't JSON: line {line}, column {column}"))
}
