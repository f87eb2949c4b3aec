//! Requests that are answered from memory, against the bare handler.

use std::time::Duration;

use super::{Run, probe::bare_like};
use crate::{
    args::Case,
    data::Texts,
    fault::Outcome,
    load::{Load, Render, run},
    process::Server,
    request,
    results::{Bound, Comparison},
    rounds::Contest,
};

/// One of these requests.
pub(super) struct Check {
    /// Its name on the command line.
    pub(super) case: Case,
    /// Its name in the results.
    name: &'static str,
    /// What is asked.
    pub(super) what: &'static str,
    /// The status of its answer.
    status: u16,
    /// The share of the bare handler's throughput that is wanted.
    wanted: Option<f64>,
}

/// All of them.
pub(super) const ALL: [Check; 5] = [
    Check {
        case: Case::SelfCheck,
        name: "self",
        what: "GET …/self, first use of each token",
        status: 200,
        wanted: Some(0.85),
    },
    Check {
        case: Case::SelfAgain,
        name: "self-again",
        what: "GET …/self, tokens used in the last minute",
        status: 200,
        wanted: Some(0.85),
    },
    Check {
        case: Case::Identify,
        name: "identify",
        what: "POST /admin/token",
        status: 200,
        wanted: Some(0.7),
    },
    Check {
        case: Case::Garbage,
        name: "garbage",
        what: "GET …/self, wrong checksum",
        status: 401,
        wanted: Some(0.9),
    },
    Check {
        case: Case::Unknown,
        name: "unknown",
        what: "GET …/self, well-formed and unknown",
        status: 401,
        wanted: None,
    },
];

/// Tokens that are used over and over where that is the case.
const AGAIN: usize = 50_000;
/// Texts that belong to no token.
const FOREIGN: u64 = 200_000;
/// Tokenry is left alone so long at most before its rounds.
pub(super) const QUIET: Duration = Duration::from_secs(90);

impl Check {
    fn render(&self, run: &Run<'_>) -> (Render, usize) {
        let plan = &run.ground.plan;
        let texts = match self.case {
            Case::SelfAgain => Texts::working(plan, AGAIN),
            Case::Garbage => Texts::garbage(plan, FOREIGN.min(plan.tokens)),
            Case::Unknown => Texts::strangers(plan, FOREIGN.min(plan.tokens)),
            _ => Texts::working(plan, usize::MAX),
        };
        let count = texts.len();
        let render = if self.case == Case::Identify {
            request::identify(texts)
        } else {
            request::self_check(texts)
        };
        (render, count)
    }
}

/// One request on both servers.
pub(super) async fn measure(bench: &Run<'_>, ours: &Server, check: Check) -> Outcome<Comparison> {
    let (render, count) = check.render(bench);
    let (bare, bytes) = bare_like(bench.house, ours, &render, check.status, 1).await?;
    let our_load = Load::new(ours.address, render.clone(), check.status);
    let all_once = our_load.times(count as u64);
    let bare_load = Load::new(bare.address, render, check.status);
    let contest = Contest {
        bare: (&bare, &bare_load),
        ours: (ours, &our_load),
        time: bench.args.round(),
    };
    let again = check.case == Case::SelfAgain;
    let prepare = async || {
        if again {
            run(&all_once, || Ok(())).await?;
            ours.settle(QUIET).await?;
        }
        Ok(())
    };
    ours.settle(QUIET).await?;
    let rounds = contest.hold(bench.args.rounds(), prepare).await?;
    let wanted = check.wanted.map(Bound::AtLeast);
    Ok(Comparison::of(
        check.name, check.what, bytes, wanted, rounds,
    ))
}
