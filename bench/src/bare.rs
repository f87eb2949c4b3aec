//! The bare handler: the same HTTP stack, started in the same way as
//! tokenry's, with nothing behind it. What it answers is as long as what tokenry answers.

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tower::Service as _;

use crate::{args::BareArgs, fault::Outcome};

/// What is answered to everything.
#[derive(Debug, Clone)]
struct Answer {
    status: StatusCode,
    body: Bytes,
    padding: Option<HeaderValue>,
}

/// Serves until the process is ended.
pub(crate) fn serve(args: &BareArgs) -> Outcome<()> {
    let answer = Answer {
        status: StatusCode::from_u16(args.status)?,
        body: vec![b'x'; args.bytes].into(),
        padding: padding(args.padding)?,
    };
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(listen(answer))
}

fn padding(bytes: usize) -> Outcome<Option<HeaderValue>> {
    if bytes == 0 {
        return Ok(None);
    }
    Ok(Some(HeaderValue::from_bytes(&vec![b'x'; bytes])?))
}

async fn listen(answer: Answer) -> Outcome<()> {
    let app = Router::new()
        .route("/api/v4/personal_access_tokens/self", get(without_body))
        .route("/api/v4/admin/token", post(with_body))
        .with_state(answer);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    announce(&listener)?;
    let http = http1::Builder::new();
    loop {
        let (stream, peer) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let app = app.clone();
        let service = service_fn(move |request: hyper::Request<Incoming>| {
            let mut request: Request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(peer));
            app.clone().call(request)
        });
        tokio::spawn(http.serve_connection(TokioIo::new(stream), service));
    }
}

fn announce(listener: &TcpListener) -> Outcome<()> {
    use std::io::Write as _;
    let mut output = std::io::stdout().lock();
    writeln!(output, "bare is ready at http://{}", listener.local_addr()?)?;
    Ok(output.flush()?)
}

async fn without_body(State(answer): State<Answer>) -> Response {
    answer.into_response()
}

async fn with_body(State(answer): State<Answer>, body: Bytes) -> Response {
    // The request is read to its end, as tokenry must; nothing is done with it.
    drop(body);
    answer.into_response()
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut headers = HeaderMap::new();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        );
        if let Some(padding) = self.padding {
            headers.insert(HeaderName::from_static("x-padding"), padding);
        }
        (self.status, headers, self.body).into_response()
    }
}
