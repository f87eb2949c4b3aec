//! Whether the server works, for those who watch it. No token is asked for.

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use serde_json::json;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{answer, app::App};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::default()
        .routes(routes!(liveness))
        .routes(routes!(readiness))
        .routes(routes!(health))
}

/// Ask whether the process answers
#[utoipa::path(get, path = "/-/liveness", tag = "Health", security(()), responses((status = 200)))]
async fn liveness() -> Response {
    answer::ok(&json!({ "status": "ok" }))
}

/// Ask whether the server and its database answer
#[utoipa::path(get, path = "/-/readiness", tag = "Health", security(()), responses((status = 200), (status = 503)))]
async fn readiness(State(app): State<App>) -> Response {
    let (status, word) = match app.authority().ready().await {
        Ok(()) => (StatusCode::OK, "ok"),
        Err(error) => {
            tracing::warn!(%error, "not ready: the database doesn't answer");
            (StatusCode::SERVICE_UNAVAILABLE, "failed")
        }
    };
    let body = json!({ "status": word, "master_check": [{ "status": word }] });
    answer::json(status, &body)
}

/// Ask whether the process answers, in words
#[utoipa::path(get, path = "/-/health", tag = "Health", security(()), responses((status = 200, content_type = "text/plain", body = String)))]
async fn health() -> Response {
    "tokenry OK".into_response()
}
