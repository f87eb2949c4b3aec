//! The time of day.

use jiff::Timestamp;

/// Now.
#[expect(clippy::disallowed_methods, reason = "this is the room of the clock")]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}
