//! The load driver: many connections, each of which asks, waits for the
//! answer and asks again.

mod connection;
mod latency;
mod response;

use std::{
    cell::Cell,
    net::SocketAddr,
    rc::Rc,
    time::{Duration, Instant},
};

use tokio::task::{JoinSet, LocalSet};

pub(crate) use self::{
    connection::Connection,
    latency::Latencies,
    response::{Head, header},
};
use crate::fault::{Outcome, fault};

/// Writes the next request into a buffer that is empty.
pub(crate) type Render = Rc<dyn Fn(&mut Vec<u8>)>;

/// Connections that ask at the same time.
pub(crate) const CONNECTIONS: usize = 64;
/// No round asks more often than this.
const MOST: u64 = 5_000_000;

/// What is asked of whom, and for how long.
#[derive(Clone)]
pub(crate) struct Load {
    /// Where the server listens.
    pub(crate) address: SocketAddr,
    /// How many connections ask.
    pub(crate) connections: usize,
    /// What they ask.
    pub(crate) render: Render,
    /// The status every answer must have.
    pub(crate) expect: u16,
    /// How long they ask.
    pub(crate) time: Duration,
    /// How often at most, all together.
    pub(crate) most: u64,
}

impl Load {
    /// All connections asking this, without an end yet.
    pub(crate) fn new(address: SocketAddr, render: Render, expect: u16) -> Self {
        Self {
            address,
            connections: CONNECTIONS,
            render,
            expect,
            time: Duration::MAX,
            most: MOST,
        }
    }

    /// The same for so long.
    pub(crate) fn lasting(&self, time: Duration) -> Self {
        Self {
            time,
            ..self.clone()
        }
    }

    /// The same so often.
    pub(crate) fn times(&self, most: u64) -> Self {
        Self {
            most,
            ..self.clone()
        }
    }
}

/// What came of a load.
#[derive(Debug)]
pub(crate) struct Ran {
    /// From the first request to the last answer.
    pub(crate) elapsed: Duration,
    /// How long each answer took.
    pub(crate) latencies: Latencies,
}

/// Connects, calls `begin`, asks until time or count is up, calls `end`.
///
/// # Errors
/// If any answer has another status than expected.
pub(crate) async fn run<B>(load: &Load, begin: impl FnOnce() -> Outcome<B>) -> Outcome<(B, Ran)> {
    let mut connections = Vec::with_capacity(load.connections);
    for _ in 0..load.connections {
        connections.push(Connection::open(load.address).await?);
    }
    let beginning = begin()?;
    let start = Instant::now();
    let latencies = LocalSet::new()
        .run_until(ask(load, connections, start))
        .await?;
    let elapsed = start.elapsed();
    Ok((beginning, Ran { elapsed, latencies }))
}

async fn ask(load: &Load, connections: Vec<Connection>, start: Instant) -> Outcome<Latencies> {
    let left = Rc::new(Cell::new(load.most));
    let mut asking = JoinSet::new();
    for connection in connections {
        asking.spawn_local(one_connection(
            load.clone(),
            connection,
            start,
            left.clone(),
        ));
    }
    let mut all = Latencies::default();
    while let Some(done) = asking.join_next().await {
        all.append(done??);
    }
    Ok(all)
}

async fn one_connection(
    load: Load,
    mut connection: Connection,
    start: Instant,
    left: Rc<Cell<u64>>,
) -> Outcome<Latencies> {
    let mut latencies = Latencies::default();
    let mut request = Vec::with_capacity(1024);
    let mut asked = start.elapsed();
    while asked < load.time && take_one(&left) {
        request.clear();
        (load.render)(&mut request);
        let head = connection.exchange(&request).await?;
        if head.status != load.expect {
            return Err(unexpected(&load, &head, &connection));
        }
        let answered = start.elapsed();
        latencies.add(answered.saturating_sub(asked));
        asked = answered;
    }
    Ok(latencies)
}

fn take_one(left: &Cell<u64>) -> bool {
    let before = left.get();
    left.set(before.saturating_sub(1));
    before > 0
}

fn unexpected(load: &Load, head: &Head, connection: &Connection) -> crate::fault::Fault {
    fault(format!(
        "status {} instead of {}:\n{}",
        head.status,
        load.expect,
        String::from_utf8_lossy(connection.answer())
    ))
}

/// One request on a connection of its own: its head, its header lines and its body.
pub(crate) async fn once(address: SocketAddr, request: &[u8]) -> Outcome<(Head, Vec<u8>)> {
    let mut connection = Connection::open(address).await?;
    let head = connection.exchange(request).await?;
    Ok((head, connection.answer().to_vec()))
}
