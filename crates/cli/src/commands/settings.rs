//! `tokenry settings …`

use clap::{Args, Subcommand};

use super::Common;
use crate::{console::Command, exit::Failure};

/// What `tokenry settings` takes.
#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub(crate) struct SettingsArguments {
    #[command(subcommand)]
    action: Action,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Clone, Subcommand)]
enum Action {
    /// Show the settings that govern tokens
    Show,
    /// Change a setting
    Set {
        /// The setting's name, as `show` prints it
        key: String,
        /// Its new value
        value: String,
    },
    /// Clear a setting that may be without a value
    Clear {
        /// The setting's name, as `show` prints it
        key: String,
    },
}

impl SettingsArguments {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let command = match self.action {
            Action::Show => Command::ShowSettings,
            Action::Set { key, value } => Command::ChangeSetting {
                key,
                value: Some(value),
            },
            Action::Clear { key } => Command::ChangeSetting { key, value: None },
        };
        self.common.run(async |session| session.run(command).await)
    }
}
