//! How long answers took.

use std::time::Duration;

/// Every answer's time, in microseconds.
#[derive(Debug, Default)]
pub(crate) struct Latencies(Vec<u32>);

impl Latencies {
    /// Adds one.
    pub(crate) fn add(&mut self, time: Duration) {
        self.0
            .push(u32::try_from(time.as_micros()).unwrap_or(u32::MAX));
    }

    /// Adds those of another.
    pub(crate) fn append(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }

    /// How many there are.
    pub(crate) fn count(&self) -> u64 {
        self.0.len() as u64
    }

    /// The time that this share of the answers didn't pass, in milliseconds.
    pub(crate) fn quantile(&mut self, share: f64) -> f64 {
        if self.0.is_empty() {
            return 0.0;
        }
        let last = self.0.len() - 1;
        let (_, at, _) = self.0.select_nth_unstable(rank(last, share));
        f64::from(*at) / 1000.0
    }
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of a length is a length"
)]
fn rank(last: usize, share: f64) -> usize {
    ((last as f64) * share.clamp(0.0, 1.0)).round() as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_times_that_were_seen() {
        let mut times = Latencies::default();
        for millis in (1..=100).rev() {
            times.add(Duration::from_millis(millis));
        }
        for (share, millis) in [(0.0, 1.0), (0.5, 51.0), (0.99, 99.0), (1.0, 100.0)] {
            assert!((times.quantile(share) - millis).abs() < 1e-9, "{share}");
        }
    }

    #[test]
    fn nothing_took_no_time() {
        assert_eq!(Latencies::default().quantile(0.5).to_bits(), 0);
    }
}
