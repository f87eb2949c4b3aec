//! Purges of more and more tokens while others are checked: what the checks
//! feel of it, what it costs, and that the cost follows what is due.

use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;

use super::Scale;
use crate::{
    data::Texts,
    fault::{Outcome, fault},
    load::{Latencies, Load, once, run},
    machine::{Memory, number},
    request,
    results::{Bound, Figure},
};

const CASE: &str = "purge";
/// Length of a round.
pub(super) const ROUND: Duration = Duration::from_secs(2);
/// Rounds before each purge.
pub(super) const QUIET_ROUNDS: usize = 5;
/// Checks in a second: what a busy site asks, and far below what the server can.
const PACE: u32 = 10_000;
/// Tokens that are checked over and over.
const CHECKED: usize = 50_000;

/// Tokens that fall due together.
pub(super) struct Due {
    /// How many of a thousand.
    pub(super) of_a_thousand: u64,
    /// How long ago they were revoked.
    pub(super) days: i64,
}

/// The few that were revoked first, more, and many: of ten million 10,000,
/// 100,000 and a million.
pub(super) const DUE: [Due; 3] = [
    Due {
        of_a_thousand: 1,
        days: 400,
    },
    Due {
        of_a_thousand: 10,
        days: 350,
    },
    Due {
        of_a_thousand: 100,
        days: 300,
    },
];

/// What the server tells of a purge.
#[derive(Debug, Deserialize)]
struct Purge {
    id: i64,
    state: String,
    deleted: u64,
    filed_at: Timestamp,
    ended_at: Option<Timestamp>,
}

/// The purges, one after the other.
pub(super) async fn measure(scale: &Scale<'_>) -> Outcome<Vec<Figure>> {
    let texts = Texts::working(scale.plan, CHECKED);
    let checks = Load::new(scale.server.address, request::self_check(texts), 200);
    run(&checks.times(CHECKED as u64), || Ok(())).await?;
    let checks = checks.paced(PACE).lasting(ROUND);
    let mut figures = Vec::new();
    for due in &DUE {
        figures.extend(one(scale, &checks, due).await?);
    }
    Ok(figures)
}

async fn one(scale: &Scale<'_>, checks: &Load, due: &Due) -> Outcome<Vec<Figure>> {
    let wanted = scale.tokens / 1000 * due.of_a_thousand;
    eprintln!("purging {wanted} tokens");
    scale.server.settle(Duration::from_secs(90)).await?;
    let mut quiet = Latencies::default();
    for _ in 0..QUIET_ROUNDS {
        quiet.append(run(checks, || Ok(())).await?.1.latencies);
    }
    let memory = Memory::of_process(scale.server.pid())?.own;
    let mut purge = file(scale, due.days - 25).await?;
    let (mut beside, mut most) = (Latencies::default(), memory);
    while purge.ended_at.is_none() {
        beside.append(run(checks, || Ok(())).await?.1.latencies);
        most = most.max(Memory::of_process(scale.server.pid())?.own);
        purge = show(scale, purge.id).await?;
    }
    if purge.state != "done" || purge.deleted == 0 {
        return Err(fault(format!("the purge came to nothing: {purge:?}")));
    }
    Ok(figures(&purge, quiet, beside, most - memory))
}

fn figures(purge: &Purge, mut quiet: Latencies, mut beside: Latencies, grown: u64) -> Vec<Figure> {
    let ended = purge.ended_at.unwrap_or(purge.filed_at);
    let seconds = ended.duration_since(purge.filed_at).as_secs_f64();
    let deleted = purge.deleted;
    let figure =
        |what: &str, value, unit| Figure::new(CASE, format!("{deleted} due: {what}"), value, unit);
    let [before, during] = [quiet.quantile(0.99), beside.quantile(0.99)];
    vec![
        figure("time", seconds, "s"),
        figure("tokens a second", number(deleted) / seconds, "tokens/s"),
        figure("p50 of the checks before", quiet.quantile(0.5), "ms"),
        figure("p50 of the checks meanwhile", beside.quantile(0.5), "ms"),
        figure("p99 of the checks before", before, "ms"),
        figure("p99 of the checks meanwhile", during, "ms"),
        figure("p99 meanwhile to before", during / before, "times").wanted(Bound::AtMost(1.5)),
        figure(
            "memory more than before",
            number(grown >> 10) / 1024.0,
            "MiB",
        ),
    ]
}

async fn file(scale: &Scale<'_>, days: i64) -> Outcome<Purge> {
    let mut request = Vec::new();
    let body = format!(
        "{{\"filter\":{{\"state\":\"revoked\",\"ended_before\":\"{days}d\"}},\"reason\":\"bench\"}}"
    );
    request::post_json(&mut request, "/api/v1/purges", &body);
    told(scale, request, 202).await
}

async fn show(scale: &Scale<'_>, id: i64) -> Outcome<Purge> {
    told(scale, request::get(&format!("/api/v1/purges/{id}")), 200).await
}

async fn told(scale: &Scale<'_>, request: Vec<u8>, status: u16) -> Outcome<Purge> {
    let (head, answer) = once(scale.server.address, &request).await?;
    let body = answer.get(head.length..).unwrap_or_default();
    if head.status != status {
        return Err(fault(String::from_utf8_lossy(body).into_owned()));
    }
    Ok(serde_json::from_slice(body)?)
}
