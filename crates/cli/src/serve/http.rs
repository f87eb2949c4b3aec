//! The HTTP listener: connections up to a number, request heads up to a time.
//!
//! A client that stalls must cost neither a descriptor for good nor the whole
//! grace of a stop; so this stands on hyper itself, which has the timer.

use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request},
    response::Response,
};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{rt::TokioIo, server::graceful::GracefulShutdown};
use tokenry_web::Framed;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    time::sleep,
};
use tower::Service as _;
use tracing::{debug, warn};

use super::head_timer::HeadTimer;

/// How long a request's head may take to come; also how long a connection may
/// be idle.
const PATIENCE: Duration = Duration::from_secs(15);
/// Connections at a time; a further one waits to be accepted.
const MOST_CONNECTIONS: usize = 10_000;
/// Descriptors kept for files, the database and the console.
const RESERVED: u64 = 100;
/// How long to wait when no connection can be accepted.
const PAUSE: Duration = Duration::from_millis(100);

/// Serves until told to stop, then finishes the requests that run.
pub(super) async fn serve(
    listener: TcpListener,
    router: Framed<Router>,
    mut stop: watch::Receiver<bool>,
) {
    let running = GracefulShutdown::new();
    let room = Arc::new(Semaphore::new(most_connections()));
    loop {
        let (stream, peer, place) = tokio::select! {
            _ = stop.wait_for(|stop| *stop) => break,
            accepted = accept(&listener, &room) => accepted,
        };
        let service = service_of(router.clone(), peer);
        let connection = http1::Builder::new()
            .timer(HeadTimer::new())
            .header_read_timeout(PATIENCE)
            // Answers are small: to copy a body behind its head costs less
            // than to send two pieces at once.
            .writev(false)
            .serve_connection(TokioIo::new(stream), service);
        let connection = running.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                debug!(%peer, %error, "a connection broke off");
            }
            drop(place);
        });
    }
    drop(listener);
    running.shutdown().await;
}

/// The next connection, as soon as there is room for one.
async fn accept(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
) -> (TcpStream, SocketAddr, Option<OwnedSemaphorePermit>) {
    let place = room.clone().acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                // Answers are small: one that waits for more to send gains nothing.
                drop(stream.set_nodelay(true));
                return (stream, peer, place);
            }
            Err(error) => {
                warn!(%error, "no connection can be accepted");
                sleep(PAUSE).await;
            }
        }
    }
}

/// What answers the requests of one connection.
fn service_of(
    router: Framed<Router>,
    peer: SocketAddr,
) -> impl hyper::service::Service<
    hyper::Request<Incoming>,
    Response = Response,
    Error = Infallible,
    Future: Send,
> {
    // The connection's own: what all connections clone and drop for every
    // request wanders between the processors' caches.
    let router = Mutex::new(router);
    service_fn(move |request: hyper::Request<Incoming>| {
        let mut request: Request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        let mut router = router.lock().unwrap_or_else(PoisonError::into_inner);
        router.call(request)
    })
}

/// As many as there are descriptors for.
fn most_connections() -> usize {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    let free = limit.unwrap_or(u64::MAX).saturating_sub(RESERVED).max(1);
    usize::try_from(free)
        .unwrap_or(MOST_CONNECTIONS)
        .min(MOST_CONNECTIONS)
}
