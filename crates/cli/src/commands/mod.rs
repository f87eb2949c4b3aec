//! The console's commands: from the command line to a [`Command`], and from
//! its outcome to what is printed.

mod confirm;
mod filter;
mod input;
mod key;
mod list;
mod purge;
mod retention;
mod settings;
mod token;
mod user;

pub(crate) use key::KeyArguments;
pub(crate) use retention::RetentionArguments;
pub(crate) use settings::SettingsArguments;
pub(crate) use token::TokenArguments;
pub(crate) use user::UserArguments;

use clap::Args;

use crate::{
    console::{Command, Outcome, Reach, ask},
    exit::Failure,
    opening::keep_files_private,
    output::{self, Format},
    settings::{Places, SiteArguments},
};

/// What all console commands take.
#[derive(Debug, Args)]
struct Common {
    #[command(flatten)]
    place: Places,
    /// How to print
    #[arg(long, global = true, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Why: the audit trail repeats it, and what stays of a deleted token
    #[arg(long, global = true, value_name = "TEXT")]
    reason: Option<String>,
}

/// The settings all console commands need, settled.
#[derive(Debug)]
struct Session {
    reach: Reach,
    format: Format,
    reason: Option<String>,
}

impl Common {
    /// Runs a command's work. One thread is enough for one command.
    fn run<F>(self, work: impl FnOnce(Session) -> F) -> Result<(), Failure>
    where
        F: Future<Output = Result<(), Failure>>,
    {
        self.run_at(SiteArguments::default(), work)
    }

    /// The same, perhaps on a server elsewhere.
    fn run_at<F>(self, site: SiteArguments, work: impl FnOnce(Session) -> F) -> Result<(), Failure>
    where
        F: Future<Output = Result<(), Failure>>,
    {
        keep_files_private();
        let reach = match site.resolve()? {
            Some(site) => Reach::There(site),
            None => Reach::Here(self.place.resolve()?),
        };
        let session = Session {
            reach,
            format: self.format,
            reason: self.reason,
        };
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Failure::fault("no_runtime", error.to_string()))?
            .block_on(work(session))
    }
}

impl Session {
    /// Does one thing and prints what came of it.
    async fn run(&self, command: Command) -> Result<(), Failure> {
        let what = if matches!(command, Command::DeleteUser { .. }) {
            "user"
        } else {
            "token"
        };
        match ask(&self.reach, self.because(command)).await? {
            Outcome::Issued(token, text) => output::print_issued(self.format, &token, &text),
            Outcome::Token(token) => output::print_one(self.format, &*token),
            Outcome::User(user) => output::print_one(self.format, &user),
            Outcome::Deleted { id } => output::print_deleted(self.format, what, id),
            Outcome::Tombstone(row) => output::print_one(self.format, &*row),
            Outcome::Keys(keys) => output::print_all(self.format, &keys),
            Outcome::Purge(purge) => output::print_one(self.format, &purge),
            Outcome::Retention(kept) => output::print_one(self.format, &kept),
            Outcome::Due(rows) => output::print_all(self.format, &rows),
            Outcome::Ran(ran) => output::print_one(self.format, &ran),
            Outcome::Settings(settings) => output::print_one(self.format, &settings),
            Outcome::Found(object) => output::print_found(self.format, &object),
            Outcome::Tokens(_) | Outcome::Users(_) => Err(unexpected()),
        }
    }
}

impl Session {
    /// The command, with the reason that was given.
    fn because(&self, command: Command) -> Command {
        match &self.reason {
            Some(reason) => Command::Because(reason.clone(), Box::new(command)),
            None => command,
        }
    }
}

/// The other side answered something else than was asked.
fn unexpected() -> Failure {
    Failure::fault(
        "bad_answer",
        "the running server gave another answer than asked for",
    )
}
