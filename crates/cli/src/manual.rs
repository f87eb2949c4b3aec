//! Completions and manual pages, made from the command line's own definition.

use std::path::{Path, PathBuf};

use clap::{Args, Command, CommandFactory as _};
use clap_complete::Shell;
use clap_mangen::Man;

use crate::{arguments::Cli, exit::Failure, output};

/// What `tokenry completions` takes.
#[derive(Debug, Args)]
pub(crate) struct CompletionsArguments {
    /// The shell
    shell: Shell,
}

impl CompletionsArguments {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "tokenry", &mut script);
        output::print_bytes(&script)
    }
}

/// What `tokenry man` takes.
#[derive(Debug, Args)]
pub(crate) struct ManArguments {
    /// Write a page for every command into this directory
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

impl ManArguments {
    pub(crate) fn run(self) -> Result<(), Failure> {
        match self.dir {
            Some(dir) => write_pages(&dir),
            None => output::print_bytes(&page(Cli::command())?),
        }
    }
}

fn page(command: Command) -> Result<Vec<u8>, Failure> {
    let mut page = Vec::new();
    Man::new(command)
        .render(&mut page)
        .map_err(|error| Failure::fault("output_failed", error.to_string()))?;
    Ok(page)
}

fn write_pages(dir: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(dir)
        .and_then(|()| clap_mangen::generate_to(Cli::command(), dir))
        .map_err(|error| {
            let message = format!("pages can't be written into {}: {error}", dir.display());
            Failure::fault("output_failed", message)
        })
}
