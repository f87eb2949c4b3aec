//! tokenry's own API: one resource for tokens of every kind.
//!
//! Errors are problem details, lists go by signed cursors, and revoke and
//! delete are two verbs.

mod asked;
mod kinds;
pub(crate) mod problem;

use axum::response::Response;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;

/// What handlers answer.
type Answer = Result<Response, problem::Problem>;

/// Every route under `/api/v1`.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::default().routes(routes!(kinds::list))
}
