//! What tests stand on: databases of both engines, a clock and randomness
//! that do as they are told, a running authority. Development only.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "tests stop at the first surprise"
)]

pub mod app;
pub mod database;
pub mod fixture;
mod sources;
pub mod surroundings;

pub use app::{Answer, App, Asking};
pub use database::{Database, Engine};
pub use fixture::{AuthorityFixture, Fixture, StoreFixture};
pub use sources::sources;
pub use surroundings::{TestClock, TestEntropy};
