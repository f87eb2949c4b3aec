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
pub(crate) mod once;
pub(crate) mod problem;
mod purges;
mod retention;
mod revoke_many;
mod rotate;
mod token_edit;
mod token_export;
mod token_issue;
mod token_list;
mod token_show;

use axum::response::Response;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;

/// What handlers answer.
type Answer = Result<Response, problem::Problem>;

/// Every route under `/api/v1`.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::default()
        .routes(routes!(kinds::list))
        .routes(routes!(purges::list, purges::file))
        .routes(routes!(purges::show))
        .routes(routes!(purges::cancel))
        .routes(routes!(retention::show, retention::change))
        .routes(routes!(retention::preview, retention::preview_of))
        .routes(routes!(retention::runs, retention::run))
        .routes(routes!(token_list::list, token_issue::issue))
        .routes(routes!(token_show::show, token_edit::edit))
        .routes(routes!(audit::list))
        .routes(routes!(identify::identify))
        .routes(routes!(revoke_many::revoke))
        .routes(routes!(end::delete))
        .routes(routes!(end::revoke))
        .routes(routes!(rotate::rotate))
}
