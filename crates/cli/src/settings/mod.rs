//! The settings room: flags, environment and file come together here, and
//! only here is the environment read.
//!
//! Each setting is one field of [`Place`] or [`Server`]. From it follow the
//! flag, the environment variable and the key of the file. The flag wins over
//! the environment, the environment over the file, the file over the default.

mod distance;
mod environment;
mod file;
mod network;
mod place;
mod server;
mod site;

pub(crate) use environment::{hint_at_variables, initial_root_token};
pub(crate) use network::Network;
pub(crate) use place::{Place, Places, Whereabouts};
pub(crate) use server::{LogFormat, Server, Serving};
pub(crate) use site::SiteArguments;

use clap::{Args, CommandFactory};
use environment::refuse_unknown;

use crate::{arguments::Cli, exit::Failure};

/// What begins every variable of ours.
const VARIABLES: &str = "TOKENRY_";

/// What `tokenry serve` takes.
#[derive(Debug, Args)]
pub(crate) struct ServeArguments {
    #[command(flatten)]
    pub(crate) place: Places,
    #[command(flatten)]
    pub(crate) server: Server,
}

impl ServeArguments {
    /// The settings in force, from all sources.
    pub(crate) fn resolve(self) -> Result<Serving, Failure> {
        refuse_unknown()?;
        let (place, file) = self.place.with_file()?;
        let server = match file {
            Some(file) => self.server.or(file.read()?),
            None => self.server,
        };
        server.or(Server::defaults()).checked(place.whereabouts()?)
    }
}

impl Places {
    /// Where the data is, from all sources: what the console needs to know.
    pub(crate) fn resolve(self) -> Result<Whereabouts, Failure> {
        refuse_unknown()?;
        self.with_file()?.0.whereabouts()
    }

    fn with_file(self) -> Result<(Place, Option<file::SettingsFile>), Failure> {
        let Some(path) = &self.config else {
            return Ok((self.place, None));
        };
        let file = file::SettingsFile::open(path)?;
        Ok((self.place.or(file.read()?), Some(file)))
    }
}

/// The variables that clap reads, for every flag that has one.
fn variables() -> Vec<String> {
    let mut names: Vec<String> = arguments().filter_map(|(_, variable)| variable).collect();
    names.sort();
    names.dedup();
    names
}

/// The keys the file may have: every flag that has a variable, save the one
/// that names the file.
fn keys() -> Vec<String> {
    let mut names: Vec<String> = arguments()
        .filter(|(_, variable)| variable.is_some())
        .map(|(flag, _)| flag)
        .filter(|flag| flag != "config")
        .collect();
    names.sort();
    names.dedup();
    names
}

/// The flags of the command that takes all settings, each with its variable.
fn arguments() -> impl Iterator<Item = (String, Option<String>)> {
    let command = Cli::command();
    let flags: Vec<_> = command
        .find_subcommand("serve")
        .into_iter()
        .flat_map(clap::Command::get_arguments)
        .filter_map(|argument| {
            let variable = argument.get_env().and_then(|name| name.to_str());
            Some((argument.get_long()?.to_owned(), variable.map(str::to_owned)))
        })
        .collect();
    flags.into_iter()
}

/// A setting that can't be used.
fn bad(message: impl Into<String>) -> Failure {
    Failure::usage("bad_setting", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_is_flag_variable_and_key_under_one_name() {
        let keys = keys();
        assert!(keys.contains(&"data-dir".to_owned()), "{keys:?}");
        let of_keys: Vec<_> = keys
            .iter()
            .map(|key| VARIABLES.to_owned() + &key.replace('-', "_").to_uppercase())
            .collect();
        let variables = variables();
        for variable in &of_keys {
            assert!(variables.contains(variable), "{variable}");
        }
        assert_eq!(variables.len(), of_keys.len() + 1, "and TOKENRY_CONFIG");
    }
}
