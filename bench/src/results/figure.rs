//! Figures, and what was wanted of them.

use serde::Serialize;

use crate::rounds::{Pair, Round, median};

/// What is wanted of a figure.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Bound {
    /// As much as this, or more.
    AtLeast(f64),
    /// As much as this, or less.
    AtMost(f64),
}

impl Bound {
    /// Whether a figure is as wanted.
    pub(crate) fn holds(self, value: f64) -> bool {
        match self {
            Self::AtLeast(least) => value >= least,
            Self::AtMost(most) => value <= most,
        }
    }
}

/// One figure.
#[derive(Debug, Serialize)]
pub(crate) struct Figure {
    /// The case it belongs to.
    pub(crate) case: &'static str,
    /// What it tells.
    pub(crate) what: String,
    /// The figure.
    pub(crate) value: f64,
    /// Of what.
    pub(crate) unit: &'static str,
    /// What is wanted of it.
    pub(crate) wanted: Option<Bound>,
    /// Whether it is as wanted.
    pub(crate) met: Option<bool>,
}

impl Figure {
    /// A figure of which nothing in particular is wanted.
    pub(crate) fn new(
        case: &'static str,
        what: impl Into<String>,
        value: f64,
        unit: &'static str,
    ) -> Self {
        Self {
            case,
            what: what.into(),
            value,
            unit,
            wanted: None,
            met: None,
        }
    }

    /// The figure, and what is wanted of it.
    pub(crate) fn wanted(self, bound: Bound) -> Self {
        Self {
            wanted: Some(bound),
            met: Some(bound.holds(self.value)),
            ..self
        }
    }
}

/// One side of a comparison: the middle of its rounds.
#[derive(Debug, Serialize)]
pub(crate) struct Side {
    /// Answers in a second.
    pub(crate) per_second: f64,
    /// Processor time of the server for one answer, in microseconds.
    pub(crate) cpu_us: f64,
    /// Half of the answers took no longer, in milliseconds.
    pub(crate) p50_ms: f64,
    /// Of a hundred answers, 99 took no longer, in milliseconds.
    pub(crate) p99_ms: f64,
}

/// A request on tokenry and on the bare handler.
#[derive(Debug, Serialize)]
pub(crate) struct Comparison {
    /// The case.
    pub(crate) case: &'static str,
    /// What was asked.
    pub(crate) what: &'static str,
    /// Bytes of an answer, head and body.
    pub(crate) answer_bytes: usize,
    /// Tokenry.
    pub(crate) ours: Side,
    /// The bare handler.
    pub(crate) bare: Side,
    /// Tokenry's throughput, as a share of the bare handler's.
    pub(crate) ratio: f64,
    /// The bare handler's processor time, as a share of tokenry's.
    pub(crate) cpu_ratio: f64,
    /// Processor time tokenry used afterwards for what it had put off, in
    /// microseconds an answer.
    pub(crate) afterwards_us: f64,
    /// The largest share of the machine that others used in a round.
    pub(crate) others: f64,
    /// What is wanted of the throughput's ratio.
    pub(crate) wanted: Option<Bound>,
    /// Whether it is as wanted.
    pub(crate) met: Option<bool>,
    /// All rounds.
    pub(crate) rounds: Vec<Pair>,
}

impl Comparison {
    /// The comparison that some pairs of rounds make.
    pub(crate) fn of(
        case: &'static str,
        what: &'static str,
        answer_bytes: usize,
        wanted: Option<Bound>,
        rounds: Vec<Pair>,
    ) -> Self {
        let middle = |figure: fn(&Pair) -> f64| median(rounds.iter().map(figure));
        let ratio = middle(|pair| pair.ours.per_second / pair.bare.per_second);
        let others = rounds
            .iter()
            .map(|pair| pair.ours.others.max(pair.bare.others));
        Self {
            case,
            what,
            answer_bytes,
            ours: side(&rounds, |pair| &pair.ours),
            bare: side(&rounds, |pair| &pair.bare),
            ratio,
            cpu_ratio: middle(|pair| pair.bare.cpu_us / pair.ours.cpu_us),
            afterwards_us: middle(|pair| pair.afterwards_us),
            others: others.fold(0.0, f64::max),
            wanted,
            met: wanted.map(|bound| bound.holds(ratio)),
            rounds,
        }
    }
}

fn side(rounds: &[Pair], of: fn(&Pair) -> &Round) -> Side {
    let middle = |figure: fn(&Round) -> f64| median(rounds.iter().map(|pair| figure(of(pair))));
    Side {
        per_second: middle(|round| round.per_second),
        cpu_us: middle(|round| round.cpu_us),
        p50_ms: middle(|round| round.p50_ms),
        p99_ms: middle(|round| round.p99_ms),
    }
}
