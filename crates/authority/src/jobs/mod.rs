//! CI jobs and their tokens (spec/rest.md section 3.10). A job's token works
//! while the job runs; others can check it offline until it expires.
//!
//! Jobs are seen and listed as all that holds a token.

mod agents;
mod claims;
mod finish;
mod of_token;
mod start;

pub use self::agents::Reach;
pub(crate) use self::finish::stop_with;
use tokenry_domain::{AccessLevel, PlaceName, Project, holder::Holder};
use tokenry_token::VerifyingKey;

use crate::{Authority, places::UserName, tokens::Issued};

/// The role that starts and ends jobs.
const RUNS_JOBS: AccessLevel = AccessLevel::Developer;

/// What is asked for of a new job.
#[derive(Debug, Clone)]
pub struct NewJob {
    /// The project it is to run in.
    pub project: PlaceName,
    /// What it is to be called.
    pub name: String,
    /// The branch or tag it is to run for.
    pub r#ref: String,
    /// The user it is to run for; the caller if none is named.
    pub user: Option<UserName>,
    /// How long it may run, in seconds.
    pub timeout: i64,
    /// The address of this instance, which its token names.
    pub issuer: String,
}

/// A new job, and the token that it works with.
#[derive(Debug)]
pub struct Started {
    /// The job.
    pub job: Holder,
    /// Where it runs.
    pub project: Project,
    /// Its token, with its text for the one time it is shown.
    pub issued: Issued,
}

impl Authority {
    /// What the signatures of all tokens are checked with, the newest key first.
    #[must_use]
    pub fn verifying_keys(&self) -> Vec<VerifyingKey> {
        self.keys.load().verifying_keys().collect()
    }
}
