//! Rounds in turn: bare, tokenry, bare, tokenry. The machine is shared, so
//! neighbours in time are compared, and the middle of the comparisons counts.

use std::{future::Future, time::Duration};

use serde::Serialize;

use crate::{
    fault::Outcome,
    load::{Load, run},
    machine::{Cpu, micros_each, number, per_second},
    process::Server,
};

/// Not measured, at the start of every round.
const WARM_UP: Duration = Duration::from_millis(300);

/// What one round gave.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Round {
    /// Answers.
    pub(crate) answers: u64,
    /// Answers in a second.
    pub(crate) per_second: f64,
    /// Processor time of the server for one answer, in microseconds.
    pub(crate) cpu_us: f64,
    /// Half of the answers took no longer, in milliseconds.
    pub(crate) p50_ms: f64,
    /// Of a hundred answers, 99 took no longer, in milliseconds.
    pub(crate) p99_ms: f64,
    /// Share of the machine that neither server nor driver used, but somebody did.
    pub(crate) others: f64,
}

struct Readings {
    server: Cpu,
    driver: Cpu,
    machine: Cpu,
}

impl Readings {
    fn take(pid: u32) -> Outcome<Self> {
        Ok(Self {
            server: Cpu::of_process(pid)?,
            driver: Cpu::of_process(std::process::id())?,
            machine: Cpu::of_machine()?,
        })
    }
}

/// One round of a load on a server.
pub(crate) async fn round(server: &Server, load: &Load, time: Duration) -> Outcome<Round> {
    run(&load.lasting(WARM_UP), || Ok(())).await?;
    let (before, mut ran) = run(&load.lasting(time), || Readings::take(server.pid())).await?;
    let after = Readings::take(server.pid())?;
    let answers = ran.latencies.count();
    let used = after.server.since(before.server);
    let others = after.machine.since(before.machine) - used - after.driver.since(before.driver);
    let cores = number(std::thread::available_parallelism()?.get() as u64);
    Ok(Round {
        answers,
        per_second: per_second(answers, ran.elapsed),
        cpu_us: micros_each(used, answers),
        p50_ms: ran.latencies.quantile(0.5),
        p99_ms: ran.latencies.quantile(0.99),
        others: (others / cores / ran.elapsed.as_secs_f64()).max(0.0),
    })
}

/// Bare and tokenry, one round each, and what tokenry did afterwards.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Pair {
    /// The bare handler's round.
    pub(crate) bare: Round,
    /// Tokenry's round.
    pub(crate) ours: Round,
    /// Processor time tokenry used after its round for what it had put off,
    /// in microseconds an answer.
    pub(crate) afterwards_us: f64,
}

/// Both servers, and what each is asked.
pub(crate) struct Contest<'a> {
    /// The bare handler and its load.
    pub(crate) bare: (&'a Server, &'a Load),
    /// Tokenry and its load.
    pub(crate) ours: (&'a Server, &'a Load),
    /// How long a round takes.
    pub(crate) time: Duration,
}

impl Contest<'_> {
    /// So many pairs of rounds. Before each of tokenry's rounds `prepare`
    /// runs; after it, tokenry is left alone until it is quiet.
    pub(crate) async fn hold<F>(&self, rounds: usize, prepare: impl Fn() -> F) -> Outcome<Vec<Pair>>
    where
        F: Future<Output = Outcome<()>>,
    {
        const QUIET: Duration = Duration::from_secs(90);
        let mut pairs = Vec::with_capacity(rounds);
        for _ in 0..rounds {
            let bare = round(self.bare.0, self.bare.1, self.time).await?;
            prepare().await?;
            let ours = round(self.ours.0, self.ours.1, self.time).await?;
            let afterwards = self.ours.0.settle(QUIET).await?;
            pairs.push(Pair {
                bare,
                ours,
                afterwards_us: micros_each(afterwards, ours.answers),
            });
        }
        Ok(pairs)
    }
}

/// The middle one of some figures.
pub(crate) fn median(figures: impl IntoIterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = figures.into_iter().collect();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    let at = |place: usize| sorted.get(place).copied().unwrap_or_default();
    if sorted.len().is_multiple_of(2) && middle > 0 {
        f64::midpoint(at(middle - 1), at(middle))
    } else {
        at(middle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        let cases: [(&[f64], f64); 4] = [
            (&[], 0.0),
            (&[3.0], 3.0),
            (&[9.0, 1.0, 2.0], 2.0),
            (&[4.0, 1.0, 2.0, 9.0], 3.0),
        ];
        for (figures, middle) in cases {
            assert!((median(figures.iter().copied()) - middle).abs() < 1e-9);
        }
    }
}
