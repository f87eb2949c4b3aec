//! Log lines go to standard error.

use std::io::{self, IsTerminal as _};

use tracing_subscriber::EnvFilter;

use crate::{exit::Failure, settings::LogFormat};

/// Begins logging what `filter` lets through.
pub(super) fn start(filter: &str, format: LogFormat) -> Result<(), Failure> {
    let filter = EnvFilter::builder().parse(filter).map_err(|error| {
        Failure::usage("bad_setting", format!("log can't be understood: {error}"))
    })?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr);
    let started = match format {
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
        // On a terminal, NO_COLOR decides.
        LogFormat::Text if io::stderr().is_terminal() => lines.try_init(),
        LogFormat::Text => lines.with_ansi(false).try_init(),
    };
    started.map_err(|error| Failure::fault("no_log", error.to_string()))
}
