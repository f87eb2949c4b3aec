//! The command line.

use std::{path::PathBuf, time::Duration};

use clap::{Parser, Subcommand, ValueEnum};

/// Measures tokenry against a bare handler of the same HTTP stack.
#[derive(Debug, Parser)]
#[command(version, about, args_conflicts_with_subcommands = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

/// What else this program is.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Ten million tokens: how purges, deep pages and searches go with them.
    Scale(ScaleArgs),
    /// The bare handler; started by the run itself.
    #[command(hide = true)]
    Bare(BareArgs),
}

/// How many tokens, and where.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct ScaleArgs {
    /// Tokens in the store.
    #[arg(long, value_name = "N", default_value_t = 10_000_000, value_parser = clap::value_parser!(u64).range(100_000..))]
    pub(crate) tokens: u64,
    /// Measures this binary, of the release profile, instead of building one.
    #[arg(long, value_name = "FILE")]
    pub(crate) binary: Option<PathBuf>,
    /// Measures over this empty Postgres database.
    #[arg(long, value_name = "URL")]
    pub(crate) database_url: Option<String>,
}

impl ScaleArgs {
    /// Whether the results are those to keep.
    pub(crate) fn is_full(&self) -> bool {
        self.tokens == 10_000_000 && !cfg!(debug_assertions)
    }
}

/// What the bare handler answers.
#[derive(Debug, clap::Args)]
pub(crate) struct BareArgs {
    /// Bytes of the body.
    #[arg(long)]
    pub(crate) bytes: usize,
    /// Status of the answer.
    #[arg(long, default_value_t = 200)]
    pub(crate) status: u16,
    /// Bytes of a header that makes the answer's head as long as tokenry's.
    #[arg(long, default_value_t = 0)]
    pub(crate) padding: usize,
}

/// What a run measures, and how long.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct RunArgs {
    /// A small run, to see that all works: 50,000 tokens, short rounds, no results kept.
    #[arg(long)]
    pub(crate) quick: bool,
    /// Tokens in the store [default: 1000000].
    #[arg(long, value_name = "N")]
    pub(crate) tokens: Option<u64>,
    /// Seconds of one measured round [default: 4].
    #[arg(long, value_name = "S")]
    pub(crate) seconds: Option<f64>,
    /// Rounds of each contender; the middle one counts [default: 5].
    #[arg(long, value_name = "N")]
    pub(crate) rounds: Option<usize>,
    /// Only this case; may be given several times. Results are printed, not kept.
    #[arg(long, value_enum, value_name = "NAME")]
    pub(crate) only: Vec<Case>,
    /// Measures this binary, of the release profile, instead of building one.
    #[arg(long, value_name = "FILE")]
    pub(crate) binary: Option<PathBuf>,
    /// Measures over this empty Postgres database. Results are printed, not kept.
    #[arg(long, value_name = "URL")]
    pub(crate) database_url: Option<String>,
}

/// The cases, in the order in which they run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Case {
    /// Start-up with all tokens, and memory a token.
    Memory,
    /// `GET /personal_access_tokens/self`, each token for the first time.
    SelfCheck,
    /// The same, tokens that were used in the last minute.
    SelfAgain,
    /// `POST /admin/token`.
    Identify,
    /// The same, tokens of all kinds in turn, beside personal ones alone.
    IdentifyMixed,
    /// A token with a wrong checksum.
    Garbage,
    /// A well-formed token that nobody issued.
    Unknown,
    /// Pages of one user's list.
    List,
    /// `POST /users/:id/personal_access_tokens`, durable.
    Create,
}

impl RunArgs {
    /// Tokens in the store.
    pub(crate) fn tokens(&self) -> u64 {
        let usual = if self.quick { 50_000 } else { 1_000_000 };
        self.tokens.unwrap_or(usual).max(10_000)
    }

    /// How long one measured round takes.
    pub(crate) fn round(&self) -> Duration {
        let usual = if self.quick { 0.5 } else { 4.0 };
        Duration::from_secs_f64(self.seconds.unwrap_or(usual).clamp(0.1, 60.0))
    }

    /// How many rounds each contender has.
    pub(crate) fn rounds(&self) -> usize {
        let usual = if self.quick { 2 } else { 5 };
        self.rounds.unwrap_or(usual).clamp(1, 50)
    }

    /// Whether this case is wanted.
    pub(crate) fn wants(&self, case: Case) -> bool {
        self.only.is_empty() || self.only.contains(&case)
    }

    /// Whether the results are those to keep: everything, in full size, over
    /// the embedded engine, with an optimised build.
    pub(crate) fn is_full(&self) -> bool {
        let shortened = self.tokens.is_some_and(|tokens| tokens != 1_000_000)
            || self.seconds.is_some_and(|seconds| seconds < 2.0);
        !self.quick
            && !shortened
            && self.only.is_empty()
            && self.database_url.is_none()
            && !cfg!(debug_assertions)
    }
}
