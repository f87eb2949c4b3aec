//! `tokenry retention …`

use clap::{Args, Subcommand};

use super::Common;
use crate::{console::Command, exit::Failure, settings::SiteArguments};

/// What `tokenry retention` takes.
#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub(crate) struct RetentionArguments {
    #[command(subcommand)]
    action: Action,
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    site: SiteArguments,
}

#[derive(Debug, Clone, Subcommand)]
enum Action {
    /// Show how long things are kept
    Show,
    /// Tell how many things are due now, and within 30 days
    Preview,
    /// Delete what is due now, without waiting for the server's next run
    Run,
}

impl RetentionArguments {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let command = match self.action {
            Action::Show => Command::ShowRetention,
            Action::Preview => Command::PreviewRetention,
            Action::Run => Command::RunRetention,
        };
        self.common
            .run_at(self.site, async |session| session.run(command).await)
    }
}
