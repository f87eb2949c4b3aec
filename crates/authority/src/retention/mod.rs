//! Retention: what works no more goes when its time has come, by rules that
//! administrators set. Its cost follows what is due, not what is stored.

mod behind;
mod hygiene;
mod preview;
mod run;
mod runs;
mod set;

use jiff::Timestamp;
use tokenry_domain::Retention;

pub use self::behind::Behind;
pub use self::hygiene::Unwanted;
pub use self::preview::{Due, Preview};
pub(crate) use self::runs::Retaining;
pub use self::runs::{End, Ran, Run, Runs};

/// How long things are kept, and how far behind that is.
#[derive(Debug, Clone)]
pub struct Kept {
    /// What is kept for how long.
    pub retention: Retention,
    /// When the oldest token was due that is there yet; none if none is.
    pub oldest_due: Option<Timestamp>,
}
