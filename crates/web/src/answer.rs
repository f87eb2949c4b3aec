//! Answers.

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use serde::Serialize;

use crate::frame::Fault;

/// Room for one token's object, so that most bodies are written without growing.
const USUAL_BYTES: usize = 512;

/// A JSON answer. The type is exactly `application/json`: some clients compare
/// it by the letter.
pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> Response {
    let mut bytes = Vec::with_capacity(USUAL_BYTES);
    if let Err(error) = serde_json::to_writer(&mut bytes, body) {
        return fault(StatusCode::INTERNAL_SERVER_ERROR, error.to_string());
    }
    of_json(status, Body::from(bytes))
}

/// A JSON answer that is always the same.
pub(crate) fn fixed(status: StatusCode, body: &'static str) -> Response {
    of_json(status, Body::from(body))
}

/// A JSON answer that is written already.
pub(crate) fn of_json(status: StatusCode, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    response
}

/// 200 with a body.
pub(crate) fn ok(body: &impl Serialize) -> Response {
    json(StatusCode::OK, body)
}

/// 201 with a body.
pub(crate) fn created(body: &impl Serialize) -> Response {
    json(StatusCode::CREATED, body)
}

/// 202, in GitLab's words. What was asked for is done all the same.
pub(crate) fn accepted() -> Response {
    json(
        StatusCode::ACCEPTED,
        &serde_json::json!({ "message": "202 Accepted" }),
    )
}

/// 204.
pub(crate) fn no_content() -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

/// A fault of ours: the frame writes the body.
pub(crate) fn fault(status: StatusCode, cause: String) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response.extensions_mut().insert(Fault(cause));
    response
}
