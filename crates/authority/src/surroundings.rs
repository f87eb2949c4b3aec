//! The clock and the randomness, as arguments. Only this room touches the real ones.

use jiff::Timestamp;
use rand::TryRng as _;

/// Tells the time.
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

/// Draws random bytes that nobody can guess.
pub trait Entropy: Send + Sync + std::fmt::Debug {
    /// Fills a buffer.
    ///
    /// # Errors
    /// If the system has no randomness to give.
    fn fill(&self, buffer: &mut [u8]) -> Result<(), NoEntropy>;
}

/// The operating system has no randomness to give.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the operating system gives no random bytes")]
pub struct NoEntropy;

/// The machine's clock.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the room of the clock")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// The operating system's random number generator.
#[derive(Debug, Clone, Copy)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), NoEntropy> {
        rand::rngs::SysRng
            .try_fill_bytes(buffer)
            .map_err(|_| NoEntropy)
    }
}
