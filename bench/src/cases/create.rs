//! Creating tokens: durable, audit row included.

use std::{cell::Cell, rc::Rc, time::Duration};

use tokenry_store::Location;

use super::{Run, disk, each};
use crate::{
    data::mixed,
    fault::Outcome,
    load::{Load, Render},
    process::Server,
    request,
    results::{Bound, Figure},
    rounds::{Round, median, round},
};

const CASE: &str = "create";

/// One round of each way.
struct Turn {
    http: Round,
    grouped: f64,
    /// Not on Postgres, where every change is a commit of its own anyway.
    alone: Option<f64>,
    disk: f64,
}

/// Over HTTP, with the store alone, and with one commit for each token.
pub(super) async fn measure(run: &Run<'_>, server: &Server) -> Outcome<Vec<Figure>> {
    eprintln!("creating tokens");
    server.settle(Duration::from_secs(90)).await?;
    let load = Load::new(server.address, render(run), 201);
    let time = run.args.round();
    let mut turns = Vec::new();
    for _ in 0..run.args.rounds() {
        let http = round(server, &load, time).await?;
        server.settle(Duration::from_secs(30)).await?;
        let alone = match run.other.location() {
            Location::Sqlite(_) => Some(each::one_commit_each(&run.other, time).await?),
            Location::Postgres(_) => None,
        };
        turns.push(Turn {
            http,
            grouped: each::through_the_store(&run.other, time).await?,
            alone,
            disk: disk::syncs_per_second(&run.house.data, time / 4)?,
        });
    }
    Ok(figures(&turns))
}

fn figures(turns: &[Turn]) -> Vec<Figure> {
    let mut figures = over_http(turns);
    let grouped = median(turns.iter().map(|turn| turn.grouped));
    figures.push(figure("store alone, as shipped", grouped, "tokens/s"));
    figures.extend(against_alone(turns));
    let disk = median(turns.iter().map(|turn| turn.disk));
    figures.push(figure(
        "the disk: 4 KiB written and synced",
        disk,
        "times/s",
    ));
    let others = turns.iter().map(|turn| turn.http.others);
    let most = others.fold(0.0, f64::max) * 100.0;
    figures.push(figure("others' CPU over HTTP, most", most, "%"));
    figures
}

fn over_http(turns: &[Turn]) -> Vec<Figure> {
    let middle = |of: fn(&Round) -> f64| median(turns.iter().map(|turn| of(&turn.http)));
    vec![
        figure("over HTTP", middle(|round| round.per_second), "tokens/s")
            .wanted(Bound::AtLeast(5000.0)),
        figure("over HTTP, p50", middle(|round| round.p50_ms), "ms"),
        figure("over HTTP, p99", middle(|round| round.p99_ms), "ms"),
        figure(
            "over HTTP, CPU of the server a token",
            middle(|round| round.cpu_us),
            "µs",
        ),
    ]
}

fn against_alone(turns: &[Turn]) -> Vec<Figure> {
    let ratios = |of: fn(&Turn) -> f64| {
        let ratios = turns.iter().filter_map(|turn| Some(of(turn) / turn.alone?));
        median(ratios)
    };
    let alone: Vec<f64> = turns.iter().filter_map(|turn| turn.alone).collect();
    if alone.is_empty() {
        return Vec::new();
    }
    let http = ratios(|turn| turn.http.per_second);
    let store = ratios(|turn| turn.grouped);
    vec![
        figure("store alone, one commit each", median(alone), "tokens/s"),
        figure("over HTTP, to one commit each", http, "times").wanted(Bound::AtLeast(3.0)),
        figure("store alone, to one commit each", store, "times"),
    ]
}

fn figure(what: &str, value: f64, unit: &'static str) -> Figure {
    Figure::new(CASE, what, value, unit)
}

/// A token for one user after the other.
fn render(run: &Run<'_>) -> Render {
    let plan = run.ground.plan;
    let next = Rc::new(Cell::new(0_u64));
    Rc::new(move |buffer| {
        let number = next.get();
        next.set(number + 1);
        let user = plan.user(mixed(number, 9));
        let target = format!("/api/v4/users/{user}/personal_access_tokens");
        let body = format!("{{\"name\":\"login {number}\",\"scopes\":[\"read_api\"]}}");
        request::post_json(buffer, &target, &body);
    })
}
