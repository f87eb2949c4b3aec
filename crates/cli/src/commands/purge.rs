//! `tokenry token purge`: files a purge and looks on until it has ended.

use std::{
    future::pending,
    io::{self, IsTerminal as _},
    time::Duration,
};

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use tokenry_authority::{Clock as _, SystemClock};
use tokenry_domain::{token_query::TokenQuery, written};
use tokio::time::sleep;

use super::{
    Session,
    confirm::{confirm, require_terminal},
    filter::Filter,
    unexpected,
};
use crate::{
    console::{Command, Link, NewPurge, Outcome, PurgeRow, Reach},
    exit::Failure,
    output,
    signals::Signals,
};

/// How often to look how far it is.
const INTERVAL: Duration = Duration::from_millis(100);
/// The same over a network.
const INTERVAL_THERE: Duration = Duration::from_millis(500);
/// The parts of a whole that the bar tells apart.
const PARTS: f64 = 1_000.0;

/// What `tokenry token purge` takes.
#[derive(Debug, Args)]
pub(crate) struct Purge {
    #[command(flatten)]
    filter: Filter,
    /// Only revoked ones
    #[arg(long)]
    revoked: bool,
    /// Only those that stopped working so long ago
    #[arg(long, value_name = "DURATION", value_parser = how_long_ago, conflicts_with = "ended_before")]
    older_than: Option<String>,
    /// Only count the tokens that would go
    #[arg(long)]
    dry_run: bool,
    /// Why: the audit trail and the tombstones repeat it
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Don't ask
    #[arg(long)]
    yes: bool,
}

/// A duration that the grammar takes for a moment in the past.
fn how_long_ago(text: &str) -> Result<String, &'static str> {
    let read = || TokenQuery::read([("ended_before", text)], SystemClock.now());
    if written::duration(text).is_some() && read().is_ok() {
        Ok(text.to_owned())
    } else {
        Err("takes how long ago, such as 90s, 30m, 12h, 7d or 2w; --ended-before takes a date")
    }
}

impl Purge {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        if !self.dry_run && !self.yes {
            require_terminal()?;
            let counted = self.file(session, true).await?;
            require_whole(&counted)?;
            confirm(false, &format!("Delete {} tokens?", counted.deleted))?;
        }
        let ended = self.file(session, self.dry_run).await?;
        output::print_one(session.format, &ended)?;
        require_whole(&ended)
    }

    fn pairs(&self) -> Vec<(String, String)> {
        let mut pairs = self.filter.0.clone();
        let revoked = self.revoked.then_some(("state", "revoked"));
        let ended = self.older_than.as_deref();
        let ended = ended.map(|duration| ("ended_before", duration));
        let short = [revoked, ended].into_iter().flatten();
        pairs.extend(short.map(|(field, text)| (field.to_owned(), text.to_owned())));
        pairs
    }

    /// Files a purge and looks on until it has ended. The data directory isn't
    /// held longer than that.
    async fn file(&self, session: &Session, dry_run: bool) -> Result<PurgeRow, Failure> {
        let mut link = Link::open(&session.reach).await?;
        let every = match session.reach {
            Reach::Here(_) => INTERVAL,
            Reach::There(_) => INTERVAL_THERE,
        };
        let looked = self.look_on(&mut link, dry_run, every).await;
        let closed = link.close().await;
        let ended = looked?;
        closed.map(|()| ended)
    }

    /// Whoever interrupts this stops the purge.
    async fn look_on(
        &self,
        link: &mut Link,
        dry_run: bool,
        every: Duration,
    ) -> Result<PurgeRow, Failure> {
        let wanted = NewPurge {
            filter: self.pairs(),
            dry_run,
            reason: self.reason.clone(),
        };
        // Who interrupts a count ends this command; the count does no harm.
        let mut signals = (!dry_run).then(Signals::catch).transpose()?;
        let mut purge = row(link.run(Command::FilePurge(wanted)).await?)?;
        let id = purge.id;
        let bar = bar(dry_run);
        while purge.ended_at.is_none() {
            show(&bar, &purge);
            let looked = tokio::select! {
                () = sleep(every) => link.run(Command::ShowPurge { id }).await,
                () = interrupted(signals.as_mut()) => stop(link, id).await,
            };
            purge = row(looked.map_err(|failure| out_of_sight(failure, id))?)?;
        }
        bar.finish_and_clear();
        Ok(purge)
    }
}

/// Ends when somebody interrupts; never where nobody listens for that.
async fn interrupted(signals: Option<&mut Signals>) {
    match signals {
        Some(signals) => drop(signals.next().await),
        None => pending().await,
    }
}

/// Stops a purge, which may just have ended by itself.
async fn stop(link: &mut Link, id: i64) -> Result<Outcome, Failure> {
    match link.run(Command::CancelPurge { id }).await {
        Err(failure) if failure.code == "purge_ended" => link.run(Command::ShowPurge { id }).await,
        other => other,
    }
}

/// What was filed is done, whether or not anybody looks on.
fn out_of_sight(failure: Failure, id: i64) -> Failure {
    Failure {
        message: format!(
            "{}; purge {id} goes on without this command",
            failure.message
        ),
        ..failure
    }
}

/// Refuses to take a purge for done that was stopped.
fn require_whole(ended: &PurgeRow) -> Result<(), Failure> {
    match ended.state.as_str() {
        "done" => Ok(()),
        "cancelled" => Err(Failure::refused(
            "purge_ended",
            "the purge was stopped; what it had deleted stays deleted",
        )),
        _ => Err(Failure::fault(
            "purge_failed",
            "the purge can't be run; look into the log",
        )),
    }
}

fn row(outcome: Outcome) -> Result<PurgeRow, Failure> {
    match outcome {
        Outcome::Purge(row) => Ok(row),
        _ => Err(unexpected()),
    }
}

/// A bar for people who look on; scripts see nothing of it.
fn bar(dry_run: bool) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let verb = if dry_run { "counting" } else { "deleting" };
    ProgressBar::new_spinner().with_prefix(verb)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share is from 0 to 1"
)]
fn show(bar: &ProgressBar, purge: &PurgeRow) {
    bar.set_message(format!("{} tokens", purge.deleted));
    if let Some(share) = purge.progress {
        bar.set_length(PARTS as u64);
        bar.set_position((share * PARTS) as u64);
        bar.set_style(style("{prefix} {wide_bar} {percent}% {msg}"));
    } else {
        bar.set_style(style("{prefix} {spinner} {msg}"));
    }
    bar.tick();
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
