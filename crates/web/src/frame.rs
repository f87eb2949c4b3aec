//! What surrounds every request: its name, the headers of every answer, and
//! what is said when something of ours breaks.
//!
//! This is the one layer of the server, written by hand and put around the
//! router rather than into it, where it would be in a box of its own for every
//! request: a check of a token costs about as much as two such boxes.

use std::{
    convert::Infallible,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{
    extract::Request,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};
use pin_project_lite::pin_project;
use serde_json::json;
use tower::{Layer, Service};

use crate::{
    answer,
    face::Face,
    origin,
    request_id::{self, RequestId, RequestIds},
    v1::problem,
};

/// The longest part of a path that logs repeat.
const LONGEST_PART: usize = 40;

/// Marks an answer as a fault of ours; the frame logs it and words the body.
#[derive(Debug, Clone)]
pub(crate) struct Fault(pub(crate) String);

/// Puts the frame around a service.
#[derive(Debug, Clone)]
pub(crate) struct Frame(Arc<RequestIds>);

impl Frame {
    pub(crate) fn new(ids: RequestIds) -> Self {
        Self(Arc::new(ids))
    }
}

impl<S> Layer<S> for Frame {
    type Service = Framed<S>;

    fn layer(&self, inner: S) -> Framed<S> {
        Framed {
            inner,
            ids: self.0.clone(),
        }
    }
}

/// A service in the frame.
#[derive(Debug, Clone)]
pub struct Framed<S> {
    inner: S,
    ids: Arc<RequestIds>,
}

impl<S> Service<Request> for Framed<S>
where
    S: Service<Request, Response = Response, Error = Infallible>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Answering<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let id = self.ids.next();
        origin::note(request.extensions_mut(), id);
        // The path alone: a query may hold a token.
        tracing::debug!(
            request_id = id.as_str(), method = %request.method(),
            path = without_secrets(request.uri().path()), "request"
        );
        Answering {
            id,
            face: Face::of(request.uri().path()),
            answer: self.inner.call(request),
        }
    }
}

/// A path as logs may have it. Somebody puts a token where its id belongs; the
/// routes themselves have no capitals and nothing that is so long.
fn without_secrets(path: &str) -> String {
    let plain = |part: &&str| {
        let letters = part.replace("%2F", "/");
        letters.len() <= LONGEST_PART && !letters.bytes().any(|byte| byte.is_ascii_uppercase())
    };
    let parts = path.split('/');
    let shown = parts.map(|part| Some(part).filter(plain).unwrap_or("…"));
    shown.collect::<Vec<_>>().join("/")
}

pin_project! {
    /// A request that is being answered.
    pub struct Answering<F> {
        #[pin]
        answer: F,
        id: RequestId,
        face: Face,
    }
}

impl<F> Future for Answering<F>
where
    F: Future<Output = Result<Response, Infallible>>,
{
    type Output = Result<Response, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        // After a panic the request is never polled again, so nothing of it
        // is seen half-done.
        let polled = catch_unwind(AssertUnwindSafe(|| this.answer.poll(cx)));
        let Ok(polled) = polled else {
            let fault = Fault("a request handler panicked; standard error says where".to_owned());
            let status = StatusCode::INTERNAL_SERVER_ERROR;
            let mut response = broken(status, &fault, *this.id, *this.face);
            sign(&mut response, *this.id);
            return Poll::Ready(Ok(response));
        };
        polled.map_ok(|response| finished(response, *this.id, *this.face))
    }
}

fn finished(mut response: Response, id: RequestId, face: Face) -> Response {
    tracing::debug!(
        request_id = id.as_str(),
        status = response.status().as_u16(),
        "answer"
    );
    if response.status().is_server_error()
        && let Some(fault) = response.extensions_mut().remove::<Fault>()
    {
        response = broken(response.status(), &fault, id, face);
    }
    sign(&mut response, id);
    response
}

/// Says that it is our fault, and under which name the log tells more.
fn broken(status: StatusCode, fault: &Fault, id: RequestId, face: Face) -> Response {
    tracing::error!(request_id = id.as_str(), fault = %fault.0, "a request failed");
    if face == Face::Own {
        return problem::fault(status, id.as_str());
    }
    let reason = status.canonical_reason().unwrap_or_default();
    let message = format!("{} {reason}", status.as_str());
    answer::json(
        status,
        &json!({ "message": message, "request_id": id.as_str() }),
    )
}

fn sign(response: &mut Response, id: RequestId) {
    const REQUEST_ID: HeaderName = HeaderName::from_static(request_id::HEADER);
    let headers = response.headers_mut();
    headers.insert(REQUEST_ID, id.header());
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
}

#[cfg(test)]
mod tests {
    use axum::{Router, body::Body, routing::get};
    use tower::ServiceExt as _;

    use super::*;

    /// Panics, as no handler should.
    async fn broken_handler() -> Response {
        panic!("a secret that must not get out")
    }

    #[test]
    fn a_token_in_a_path_stays_out_of_the_log() {
        for (path, logged) in [
            (
                "/api/v4/personal_access_tokens/7/rotate",
                "/api/v4/personal_access_tokens/7/rotate",
            ),
            ("/api/v4/projects/team%2Fapp", "/api/v4/projects/team%2Fapp"),
            (
                "/api/v1/tokens/glpat-Ar_QE6hDcnf0/revoke",
                "/api/v1/tokens/…/revoke",
            ),
            (&format!("/{}", "0".repeat(64)), "/…"),
            ("/", "/"),
        ] {
            assert_eq!(without_secrets(path), logged);
        }
    }

    #[tokio::test]
    async fn a_panic_is_an_answer_that_tells_nothing() {
        let frame = Frame::new(RequestIds::new(7));
        let router: Router = Router::new().route("/", get(broken_handler)).layer(frame);
        let request = Request::new(Body::empty());
        let response = router.oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let name = response.headers()[request_id::HEADER]
            .to_str()
            .unwrap()
            .to_owned();
        let body = axum::body::to_bytes(response.into_body(), 1_000)
            .await
            .unwrap();
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        let expected = json!({ "message": "500 Internal Server Error", "request_id": name });
        assert_eq!(body, expected);
    }
}
