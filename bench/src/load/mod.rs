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
    /// How many in a second, all together; none if each asks again at once.
    pub(crate) pace: Option<u32>,
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
            pace: None,
        }
    }

    /// The same, so many in a second.
    pub(crate) fn paced(&self, pace: u32) -> Self {
        Self {
            pace: Some(pace),
            ..self.clone()
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
    let asked = Rc::new(Cell::new(0));
    let mut asking = JoinSet::new();
    for connection in connections {
        asking.spawn_local(one_connection(
            load.clone(),
            connection,
            start,
            asked.clone(),
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
    asked: Rc<Cell<u64>>,
) -> Outcome<Latencies> {
    let mut latencies = Latencies::default();
    let mut request = Vec::with_capacity(1024);
    while let Some(begun) = turn(&load, start, &asked).await {
        request.clear();
        (load.render)(&mut request);
        let head = connection.exchange(&request).await?;
        if head.status != load.expect {
            return Err(unexpected(&load, &head, &connection));
        }
        latencies.add(start.elapsed().saturating_sub(begun));
    }
    Ok(latencies)
}

/// Waits for the turn of the next request; answers since when it waits for its
/// answer, or that there is none any more.
///
/// Where there is a pace, a request that no connection was free for waits since
/// its turn came: an answer that was late delays those behind it, and whoever
/// counted from the sending would not see that.
async fn turn(load: &Load, start: Instant, asked: &Cell<u64>) -> Option<Duration> {
    let number = asked.get();
    asked.set(number + 1);
    let now = start.elapsed();
    let due = load
        .pace
        .map(|pace| Duration::from_secs(number) / pace.max(1));
    let begun = match due {
        Some(due) if due > now && due < load.time => {
            tokio::time::sleep_until((start + due).into()).await;
            start.elapsed()
        }
        Some(due) => due,
        None => now,
    };
    (begun < load.time && number < load.most).then_some(begun)
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
