//! Naming tokens of all kinds in turn, beside naming personal ones alone.

use tokenry_domain::kind::KINDS;

use super::{Run, checks::QUIET, probe::bare_like};
use crate::{
    data::{Texts, key_ring},
    fault::Outcome,
    load::{Load, Render},
    process::Server,
    request,
    results::{Bound, Comparison, Figure},
    rounds::{Contest, Pair, median},
};

const CASE: &str = "identify-mixed";
const STATUS: u16 = 200;
/// From so many answers of each kind the length of the bare handler's is taken.
const PROBES: usize = 20;
/// How much of the figure of personal tokens is wanted.
const WANTED: f64 = 0.9;

/// A load, and the bare handler that it is compared with.
struct Side {
    bare: Server,
    bytes: usize,
    bare_load: Load,
    load: Load,
}

impl Side {
    async fn new(run: &Run<'_>, ours: &Server, render: Render, probes: usize) -> Outcome<Self> {
        let (bare, bytes) = bare_like(run.house, ours, &render, STATUS, probes).await?;
        Ok(Self {
            bytes,
            bare_load: Load::new(bare.address, render.clone(), STATUS),
            load: Load::new(ours.address, render, STATUS),
            bare,
        })
    }

    /// A round of the bare handler and one of tokenry.
    async fn turn(&self, run: &Run<'_>, ours: &Server) -> Outcome<Vec<Pair>> {
        let contest = Contest {
            bare: (&self.bare, &self.bare_load),
            ours: (ours, &self.load),
            time: run.args.round(),
        };
        contest.hold(1, async || Ok(())).await
    }
}

/// Personal tokens and all kinds, in turn on the same server.
pub(super) async fn measure(run: &Run<'_>, ours: &Server) -> Outcome<(Comparison, Vec<Figure>)> {
    eprintln!("POST /admin/token, all kinds");
    let plan = &run.ground.plan;
    let keys = key_ring(&run.ground.directory)?;
    let personal = request::identify(Texts::working(plan, usize::MAX));
    let personal = Side::new(run, ours, personal, 1).await?;
    let all = request::identify(Texts::of_every_kind(plan, &keys));
    let all = Side::new(run, ours, all, PROBES * KINDS.len()).await?;
    ours.settle(QUIET).await?;
    let (mut alone, mut mixed) = (Vec::new(), Vec::new());
    for _ in 0..run.args.rounds() {
        alone.extend(personal.turn(run, ours).await?);
        mixed.extend(all.turn(run, ours).await?);
    }
    let figures = figures(&alone, &mixed);
    let what = "POST /admin/token, all kinds in turn";
    Ok((Comparison::of(CASE, what, all.bytes, None, mixed), figures))
}

/// All kinds to personal tokens alone: neighbours are compared.
fn figures(alone: &[Pair], mixed: &[Pair]) -> Vec<Figure> {
    let middle = |of: fn(&Pair) -> f64| {
        let ratios = mixed.iter().zip(alone);
        median(ratios.map(|(mixed, alone)| of(mixed) / of(alone)))
    };
    let figure = |what: &str, value| Figure::new(CASE, what, value, "times");
    vec![
        figure(
            "throughput, each to the bare handler's, all kinds to personal alone",
            middle(|pair| pair.ours.per_second / pair.bare.per_second),
        )
        .wanted(Bound::AtLeast(WANTED)),
        figure(
            "throughput as it is, all kinds to personal alone",
            middle(|pair| pair.ours.per_second),
        ),
        figure(
            "CPU, the bare handler's to each, all kinds to personal alone",
            middle(|pair| pair.bare.cpu_us / pair.ours.cpu_us),
        ),
        figure(
            "CPU of an answer as it is, all kinds to personal alone",
            middle(|pair| pair.ours.cpu_us),
        ),
    ]
}
