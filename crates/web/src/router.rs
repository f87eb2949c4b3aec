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
    health, keys, oauth, openapi as document,
    request_id::RequestIds,
    v4,
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
    let (router, _) = routes().split_for_parts();
    let router = router
        .fallback(unknown_route)
        .method_not_allowed_fallback(wrong_method)
        .with_state(App::new(authority, options));
    Frame::new(RequestIds::new(process)).layer(router)
}

/// What is served, as a document.
#[must_use]
pub fn openapi() -> OpenApi {
    let (_, mut api) = routes().split_for_parts();
    document::complete(&mut api);
    api
}

/// Every route, and what the document says of it: a route can't have one
/// without the other.
fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::default()
        .merge(v4::routes())
        .merge(oauth::routes())
        .merge(health::routes())
        .merge(keys::routes())
}
