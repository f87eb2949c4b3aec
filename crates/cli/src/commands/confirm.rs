//! Asking before something is gone for good.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use crate::exit::Failure;

/// Refuses what must be confirmed where there is no terminal to ask on.
pub(super) fn require_terminal() -> Result<(), Failure> {
    if io::stdin().is_terminal() {
        return Ok(());
    }
    Err(Failure::usage(
        "not_confirmed",
        "deleting can't be undone, and there is no terminal to ask on; add --yes if it is meant",
    ))
}

/// Asks on the terminal. Where there is none, `--yes` must have said it.
pub(super) fn confirm(yes: bool, question: &str) -> Result<(), Failure> {
    if yes {
        return Ok(());
    }
    require_terminal()?;
    let stdin = io::stdin().lock();
    let _ = write!(io::stderr(), "{question} This can't be undone. [y/N] ");
    let answer = stdin.lines().next().and_then(Result::ok);
    match answer.as_deref().map(str::trim) {
        Some("y" | "Y" | "yes") => Ok(()),
        _ => Err(Failure::refused("not_confirmed", "nothing was deleted")),
    }
}
