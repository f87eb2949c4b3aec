//! Every route.

use std::sync::Arc;

use axum::Router;
use tokenry_authority::Authority;
use tower::Layer as _;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::{
    WebOptions,
    app::App,
    call::{unknown_route, wrong_method},
    frame::{Frame, Framed},
    handbook, health, keys, metrics, oauth, openapi as document,
    queries::Queries,
    request_id::RequestIds,
    v1, v4,
};

/// Everything that is served, over an open authority.
///
/// It knows the addresses of its clients where requests carry a
/// `ConnectInfo<SocketAddr>`.
pub fn router(authority: Arc<Authority>, options: WebOptions) -> Framed<Router> {
    // Without randomness the names of requests are told apart by their count alone.
    let process = authority
        .random()
        .map(u32::from_ne_bytes)
        .unwrap_or_default();
    let queries = Queries::of(&own().split_for_parts().1);
    let (router, _) = routes().split_for_parts();
    let router = router
        .fallback(unknown_route)
        .method_not_allowed_fallback(wrong_method)
        .with_state(App::new(authority, options, queries));
    Frame::new(RequestIds::new(process)).layer(router)
}

/// What is served, as documents: one for each JSON face, by the name of its file.
#[must_use]
pub fn openapi() -> [(&'static str, OpenApi); 2] {
    let [gitlabs, own] = [gitlabs(), own()].map(|routes| routes.split_for_parts().1);
    [
        (
            "v4.json",
            document::complete(
                gitlabs,
                "GitLab's REST API, version 4, as far as access tokens need it.",
            ),
        ),
        (
            "v1.json",
            document::complete(
                own,
                "tokenry's own API: tokens of every kind as one resource.",
            ),
        ),
    ]
}

/// Every route, and what the documents say of it: a route can't have one
/// without the other.
fn routes() -> OpenApiRouter<App> {
    gitlabs().merge(own())
}

fn gitlabs() -> OpenApiRouter<App> {
    OpenApiRouter::default()
        .merge(v4::routes())
        .merge(oauth::routes())
        .merge(health::routes())
        .merge(metrics::routes())
        .merge(keys::routes())
        .merge(handbook::routes())
}

fn own() -> OpenApiRouter<App> {
    OpenApiRouter::default().merge(v1::routes())
}
