//! The runs of retention since the server started: one at a time, remembered
//! for those who look on.

use std::collections::VecDeque;

use jiff::Timestamp;
use parking_lot::Mutex;
use tokio::sync::Notify;

use super::behind::Passed;
use crate::{Authority, Caller, Error};

/// So many runs are remembered: those of a day, and some that were asked for.
const REMEMBERED: usize = 50;

/// What runs did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ran {
    /// Tokens deleted.
    pub tokens: u64,
    /// Tombstones removed.
    pub tombstones: u64,
    /// Entries of the audit trail removed.
    pub audit: u64,
    /// Answers removed that might have been given again.
    pub answers: u64,
    /// Tokens that worked and were revoked.
    pub revoked: u64,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// All that was due is gone.
    Done,
    /// Its time ran out, or the server stopped; the next goes on.
    Early,
    /// By a fault of ours; the next goes on.
    Failed,
}

impl End {
    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Early => "early",
            Self::Failed => "failed",
        }
    }
}

/// One run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Counted from 1 since the server started.
    pub number: u64,
    /// When it began.
    pub began_at: Timestamp,
    /// When it ended, and how; none while it goes on.
    pub ended: Option<(Timestamp, End)>,
    /// What it has done so far.
    pub ran: Ran,
}

impl Run {
    /// The word for how it goes.
    #[must_use]
    pub const fn state(&self) -> &'static str {
        match self.ended {
            Some((_, end)) => end.name(),
            None => "running",
        }
    }

    /// Whether it has ended, and all that was due is gone.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        matches!(self.ended, Some((_, End::Done)))
    }
}

/// All runs together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Runs {
    /// What they did, or have done so far.
    pub ran: Ran,
    /// How many ended with all done.
    pub done: u64,
    /// How many ended early.
    pub early: u64,
    /// How many failed.
    pub failed: u64,
    /// The last one that has ended.
    pub last: Option<Run>,
}

impl Runs {
    /// How many there were of each end.
    #[must_use]
    pub const fn ends(&self) -> [(End, u64); 3] {
        [
            (End::Done, self.done),
            (End::Early, self.early),
            (End::Failed, self.failed),
        ]
    }
}

/// What the runs have in common with those who ask for one or look on.
#[derive(Debug, Default)]
pub(crate) struct Retaining {
    /// Told when somebody asks for a run.
    asked: Notify,
    told: Mutex<Told>,
    pub(super) passed: Passed,
}

#[derive(Debug, Default)]
struct Told {
    /// The newest last; no other but that one goes on.
    runs: VecDeque<Run>,
    /// The newest and who asked for it, until the server takes it up.
    asked: Option<(Run, Caller)>,
    all: Runs,
}

impl Told {
    fn begin(&mut self, now: Timestamp) -> Result<Run, Error> {
        let newest = self.runs.back();
        if newest.is_some_and(|run| run.ended.is_none()) {
            return Err(Error::RetentionRunning);
        }
        let run = Run {
            number: newest.map_or(0, |run| run.number) + 1,
            began_at: now,
            ended: None,
            ran: Ran::default(),
        };
        if self.runs.len() >= REMEMBERED {
            self.runs.pop_front();
        }
        self.runs.push_back(run.clone());
        Ok(run)
    }

    /// Takes over how far the newest has come.
    fn put(&mut self, run: &Run) {
        if let Some(newest) = self.runs.back_mut() {
            *newest = run.clone();
        }
    }

    fn end(&mut self, run: &Run, end: End) {
        self.put(run);
        self.all.last = Some(run.clone());
        *match end {
            End::Done => &mut self.all.done,
            End::Early => &mut self.all.early,
            End::Failed => &mut self.all.failed,
        } += 1;
    }
}

/// The run that goes on. One that is dropped before its end has failed.
pub(super) struct Running<'a> {
    authority: &'a Authority,
    run: Run,
}

impl Running<'_> {
    /// Counts what was done.
    pub(super) fn count(&mut self, count: impl Fn(&mut Ran)) {
        count(&mut self.run.ran);
        let mut told = self.authority.retaining.told.lock();
        count(&mut told.all.ran);
        told.put(&self.run);
    }

    /// Ends it.
    pub(super) fn end(mut self, end: End) -> Run {
        self.ended(end);
        self.run.clone()
    }

    fn ended(&mut self, end: End) {
        self.run.ended = Some((self.authority.now(), end));
        let mut told = self.authority.retaining.told.lock();
        told.end(&self.run, end);
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        if self.run.ended.is_none() {
            self.ended(End::Failed);
        }
    }
}

impl Authority {
    /// Asks the server for a run at once, for administrators, in whose name it
    /// is. It has begun when this answers.
    ///
    /// # Errors
    /// [`Error::AdminOnly`], or [`Error::RetentionRunning`].
    pub fn ask_for_retention(&self, caller: &Caller) -> Result<Run, Error> {
        caller.require_admin()?;
        let run = {
            let mut told = self.retaining.told.lock();
            let run = told.begin(self.now())?;
            told.asked = Some((run.clone(), caller.clone()));
            run
        };
        self.retaining.asked.notify_one();
        Ok(run)
    }

    /// Ends when somebody has asked for a run that the server hasn't taken up.
    pub async fn retention_asked(&self) {
        while self.retaining.told.lock().asked.is_none() {
            self.retaining.asked.notified().await;
        }
    }

    /// The runs since the server started, the newest first, for administrators.
    ///
    /// # Errors
    /// [`Error::AdminOnly`].
    pub fn retention_runs(&self, caller: &Caller) -> Result<Vec<Run>, Error> {
        caller.require_admin()?;
        let told = self.retaining.told.lock();
        Ok(told.runs.iter().rev().cloned().collect())
    }

    /// All runs together.
    pub(crate) fn all_retention_runs(&self) -> Runs {
        self.retaining.told.lock().all.clone()
    }

    /// Begins a run, unless one goes on.
    pub(super) fn begin_retention(&self) -> Result<Running<'_>, Error> {
        let run = self.retaining.told.lock().begin(self.now())?;
        Ok(Running {
            authority: self,
            run,
        })
    }

    /// Takes up the run that somebody asked for, with who did.
    pub(super) fn take_up_retention(&self) -> Option<(Running<'_>, Caller)> {
        let (run, asker) = self.retaining.told.lock().asked.take()?;
        let running = Running {
            authority: self,
            run,
        };
        Some((running, asker))
    }
}
