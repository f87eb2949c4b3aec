//! A clock that stands still until it is moved, and randomness with a seed.

use jiff::{SignedDuration, Timestamp};
use parking_lot::Mutex;
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use tokenry_authority::{Clock, Entropy};

/// Stands at noon of 5 April 2031 until it is moved.
#[derive(Debug)]
pub struct TestClock(Mutex<Timestamp>);

impl Default for TestClock {
    fn default() -> Self {
        Self(Mutex::new("2031-04-05T12:00:00.123456Z".parse().unwrap()))
    }
}

impl TestClock {
    /// Moves the clock ahead.
    pub fn advance(&self, seconds: i64) {
        *self.0.lock() += SignedDuration::from_secs(seconds);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        *self.0.lock()
    }
}

/// The same bytes in every run.
#[derive(Debug)]
pub struct TestEntropy(Mutex<StdRng>);

impl TestEntropy {
    /// Bytes that follow from the seed.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self(Mutex::new(StdRng::seed_from_u64(seed)))
    }
}

impl Entropy for TestEntropy {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), tokenry_authority::NoEntropy> {
        self.0.lock().fill_bytes(buffer);
        Ok(())
    }
}
