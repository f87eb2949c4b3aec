//! tokenry's own API: one resource for tokens of every kind.
//!
//! Errors are problem details, lists go by signed cursors, and revoke and
//! delete are two verbs.

mod asked;
mod audit;
mod clues;
mod end;
mod identify;
mod kinds;
pub(crate) mod problem;
mod revoke_many;
mod rotate;

use axum::response::Response;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;

/// What handlers answer.
type Answer = Result<Response, problem::Problem>;

/// Every route under `/api/v1`.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::default()
        .routes(routes!(kinds::list))
        .routes(routes!(audit::list))
        .routes(routes!(identify::identify))
        .routes(routes!(revoke_many::revoke))
        .routes(routes!(end::delete))
        .routes(routes!(end::revoke))
        .routes(routes!(rotate::rotate))
}
