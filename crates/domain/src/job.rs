//! CI jobs: how long one runs, and how it ends (spec/rest.md section 3.10).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    expiry,
    holder::{Details, Holder},
    ids::UserId,
    invalid::{Invalid, readable},
};

/// How long a job may run where nothing else is said, in seconds.
pub const USUAL_TIMEOUT: i64 = 3_600;
/// The shortest and the longest timeout, in seconds: a minute, a week.
const TIMEOUTS: std::ops::RangeInclusive<i64> = 60..=604_800;
/// What a job has beyond its timeout to say how it ended, in seconds. Its token
/// works until then.
const GRACE: i64 = 300;
/// The longest name and the longest branch or tag, in characters.
const LONGEST: usize = 255;

/// What is known of a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// The branch or tag it runs for.
    pub r#ref: String,
    /// The user it runs for.
    pub user: UserId,
    /// How long it may run, in seconds.
    pub timeout: i64,
    /// How it ended, if that was said.
    pub outcome: Option<Outcome>,
}

impl Job {
    pub(crate) fn check(&self, name: &str) -> Result<(), Invalid> {
        let timeout = if TIMEOUTS.contains(&self.timeout) {
            Ok(())
        } else {
            let (least, most) = (TIMEOUTS.start(), TIMEOUTS.end());
            let problem = format!("must be from {least} to {most} seconds");
            Err(Invalid::field("timeout", problem))
        };
        Invalid::unless_all([
            readable("name", name, LONGEST),
            readable("ref", &self.r#ref, LONGEST),
            timeout,
        ])
    }

    /// When a job that began at this moment ends by itself, and its token.
    #[must_use]
    pub fn deadline(&self, began: Timestamp) -> Timestamp {
        expiry::after(began, self.timeout.saturating_add(GRACE))
    }
}

/// How a job is said to have ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It did what it was to do.
    Success,
    /// It didn't.
    Failed,
    /// Somebody stopped it.
    Canceled,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 3] = [Self::Success, Self::Failed, Self::Canceled];

    /// The word on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
        }
    }

    /// The outcome with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.name() == name)
    }
}

/// How far a job has come. Derived from its times, never stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// It runs.
    Running,
    /// It ended so, at this moment.
    Ended(Outcome, Timestamp),
    /// Its time ran out, at this moment.
    TimedOut(Timestamp),
}

impl Progress {
    /// The word on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Ended(outcome, _) => outcome.name(),
            Self::TimedOut(_) => Outcome::Failed.name(),
        }
    }

    /// Why it failed, if it did.
    #[must_use]
    pub const fn failure_reason(self) -> Option<&'static str> {
        match self {
            Self::Ended(Outcome::Failed, _) => Some("unknown_failure"),
            Self::TimedOut(_) => Some("job_execution_timeout"),
            Self::Running | Self::Ended(..) => None,
        }
    }

    /// When it ended, if it has.
    #[must_use]
    pub const fn finished_at(self) -> Option<Timestamp> {
        match self {
            Self::Running => None,
            Self::Ended(_, at) | Self::TimedOut(at) => Some(at),
        }
    }
}

impl Holder {
    /// What is known of it as a job, if it is one.
    #[must_use]
    pub const fn job(&self) -> Option<&Job> {
        match &self.details {
            Details::Job(job) => Some(job),
            _ => None,
        }
    }

    /// How far it has come as a job, if it is one.
    #[must_use]
    pub fn progress(&self, now: Timestamp) -> Option<Progress> {
        let job = self.job()?;
        let deadline = job.deadline(self.created_at);
        Some(match (job.outcome, self.ended_at) {
            (Some(outcome), Some(at)) => Progress::Ended(outcome, at),
            _ if deadline <= now => Progress::TimedOut(deadline),
            _ => Progress::Running,
        })
    }

    /// The same, ended so: only a job that runs can end.
    #[must_use]
    pub fn finished(&self, outcome: Outcome, now: Timestamp) -> Option<Self> {
        let job = self.job()?.clone();
        let ended = Job {
            outcome: Some(outcome),
            ..job
        };
        (self.progress(now) == Some(Progress::Running)).then(|| Self {
            details: ended.into(),
            ended_at: Some(now),
            updated_at: now,
            ..self.clone()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::HolderId;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn job(timeout: i64) -> Job {
        Job {
            r#ref: "main".into(),
            user: UserId::from_row(3),
            timeout,
            outcome: None,
        }
    }

    fn started() -> Holder {
        Holder {
            id: HolderId::from_row(7),
            place: None,
            creator: UserId::from_row(3),
            name: "unit".into(),
            details: job(60).into(),
            created_at: at(1_000),
            updated_at: at(1_000),
            ended_at: None,
        }
    }

    #[test]
    fn a_job_runs_until_it_ends_or_its_time_is_out() {
        let job = started();
        assert_eq!(job.progress(at(1_359)), Some(Progress::Running));
        let late = job.progress(at(9_999)).unwrap();
        assert_eq!(late, Progress::TimedOut(at(1_360)));
        assert_eq!(
            (late.name(), late.failure_reason(), late.finished_at()),
            ("failed", Some("job_execution_timeout"), Some(at(1_360)))
        );
        let done = job.finished(Outcome::Success, at(1_050)).unwrap();
        let ended = Progress::Ended(Outcome::Success, at(1_050));
        assert_eq!(done.progress(at(9_999)), Some(ended));
    }

    #[test]
    fn a_job_ends_once() {
        let job = started();
        let done = job.finished(Outcome::Canceled, at(1_050)).unwrap();
        assert_eq!(done.finished(Outcome::Success, at(1_051)), None);
        assert_eq!(job.finished(Outcome::Success, at(1_360)), None);
    }

    #[test]
    fn everything_that_is_wrong_is_named() {
        for timeout in [60, USUAL_TIMEOUT, 604_800] {
            assert_eq!(job(timeout).check("unit"), Ok(()));
        }
        for timeout in [59, 604_801, 0, -1, i64::MIN, i64::MAX] {
            assert!(job(timeout).check("unit").is_err(), "{timeout}");
        }
        let bad = Job {
            r#ref: "a\nb".into(),
            ..job(0)
        };
        assert_eq!(bad.check("").unwrap_err().problems.len(), 3);
    }

    #[test]
    fn outcomes_read_back_from_their_names() {
        for outcome in Outcome::ALL {
            assert_eq!(Outcome::from_name(outcome.name()), Some(outcome));
            let json = serde_json::to_value(outcome).unwrap();
            assert_eq!(json, outcome.name());
        }
        assert_eq!(Outcome::from_name("running"), None);
    }
}
