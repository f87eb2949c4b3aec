//! The command line. Completions and manual are made from the same definition.

use clap::{Parser, Subcommand};

use crate::{
    commands::{
        KeyArguments, RetentionArguments, SettingsArguments, TokenArguments, UserArguments,
    },
    exit::{EXIT_CODES, Failure},
    manual, serve,
    settings::ServeArguments,
};

/// A self-hosted authority for access tokens that speaks GitLab's token API
#[derive(Debug, Parser)]
#[command(
    name = "tokenry",
    version,
    arg_required_else_help = true,
    propagate_version = true
)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server
    ///
    /// The first start creates the administrator `root` and prints root's token,
    /// once. Every setting is a flag, an environment variable and a key of the
    /// TOML file named by --config; the flag wins over the environment, the
    /// environment over the file. `TOKENRY_INITIAL_ROOT_TOKEN` presets
    /// root's token for the first start.
    #[command(after_help = EXIT_CODES)]
    Serve(ServeArguments),
    /// Issue, list, find and end tokens, on the server's own machine
    #[command(after_help = EXIT_CODES)]
    Token(TokenArguments),
    /// Create, list, block and remove users, on the server's own machine
    #[command(after_help = EXIT_CODES)]
    User(UserArguments),
    /// The keys that token digests are made with
    #[command(after_help = EXIT_CODES)]
    Key(KeyArguments),
    /// The settings that govern tokens, on the server's own machine
    #[command(after_help = EXIT_CODES)]
    Settings(SettingsArguments),
    /// How long dead tokens, tombstones and the audit trail are kept
    #[command(after_help = EXIT_CODES)]
    Retention(RetentionArguments),
    /// Print the completions of a shell
    Completions(manual::CompletionsArguments),
    /// Print the manual page, or write a page for each command
    Man(manual::ManArguments),
}

impl Cli {
    /// Does what the command line says.
    pub(crate) fn run(self) -> Result<(), Failure> {
        match self.command {
            Command::Serve(arguments) => serve::run(arguments),
            Command::Token(arguments) => arguments.run(),
            Command::User(arguments) => arguments.run(),
            Command::Key(arguments) => arguments.run(),
            Command::Settings(arguments) => arguments.run(),
            Command::Retention(arguments) => arguments.run(),
            Command::Completions(arguments) => arguments.run(),
            Command::Man(arguments) => arguments.run(),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_definition_holds_together() {
        Cli::command().debug_assert();
    }
}
