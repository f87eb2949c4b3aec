//! `tokenry key …`

use clap::{Args, Subcommand};

use super::Common;
use crate::{console::Command, exit::Failure};

/// What `tokenry key` takes.
#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub(crate) struct KeyArguments {
    #[command(subcommand)]
    action: Action,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Clone, Copy, Subcommand)]
enum Action {
    /// Issue tokens under a new key from now on; the others keep working
    ///
    /// The new key is in the data directory's file `keys`: back it up.
    Rotate,
    /// List the keys by their numbers
    List,
}

impl KeyArguments {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let command = match self.action {
            Action::Rotate => Command::RotateKey,
            Action::List => Command::ListKeys,
        };
        self.common.run(async |session| session.run(command).await)
    }
}
