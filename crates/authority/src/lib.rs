//! The use cases: authorise, load, decide, save, audit.
//!
//! Every face of tokenry, the console included, enters here and knows nothing
//! of SQL. The verification index, which answers token checks from memory,
//! lives here too.
#![deny(missing_docs)]

pub mod agents;
mod authenticate;
mod authority;
mod beside;
mod bootstrap;
mod caller;
mod cursors;
mod digest_keys;
mod directory;
mod doubt;
mod error;
mod fill;
mod guesses;
pub mod holders;
mod index;
pub mod issuing;
pub mod jobs;
mod last_used;
pub mod measures;
pub mod oauth;
pub mod once;
mod password;
pub mod places;
pub mod purges;
mod readmit;
pub mod retention;
pub mod runner_managers;
pub mod runners;
pub mod service_accounts;
pub mod sessions;
mod settings;
mod surroundings;
pub mod tokens;
pub mod trail;
pub mod users;

pub use authority::{Authority, Options};
pub use caller::Caller;
pub use error::{Error, Refusal, Thing};
pub use surroundings::{Clock, Entropy, NoEntropy, SystemClock, SystemEntropy};
