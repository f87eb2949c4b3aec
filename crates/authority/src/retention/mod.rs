//! Retention: what works no more goes when its time has come, by rules that
//! administrators set. Its cost follows what is due, not what is stored.

mod hygiene;
mod preview;
mod run;
mod set;

use jiff::Timestamp;
use tokenry_domain::Retention;

pub use self::hygiene::Unwanted;
pub use self::preview::{Due, Preview};
pub use self::run::Ran;

/// How long things are kept, and how far behind that is.
#[derive(Debug, Clone)]
pub struct Kept {
    /// What is kept for how long.
    pub retention: Retention,
    /// When the oldest token was due that is there yet; none if none is.
    pub oldest_due: Option<Timestamp>,
}
