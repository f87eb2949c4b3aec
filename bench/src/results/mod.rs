//! What a run found: as JSON for programs, as tables for people.

mod figure;
mod table;

use std::{fs, path::Path};

use jiff::Timestamp;
use serde::Serialize;

pub(crate) use self::figure::{Bound, Comparison, Figure};
use crate::{
    fault::{Outcome, fault},
    machine::Machine,
};

/// Everything that a run found.
#[derive(Debug, Serialize)]
pub(crate) struct Results {
    /// When the run began.
    pub(crate) at: Timestamp,
    /// Where it ran.
    pub(crate) machine: Machine,
    /// What it ran over.
    pub(crate) conditions: Conditions,
    /// Requests against the bare handler.
    pub(crate) comparisons: Vec<Comparison>,
    /// Everything else.
    pub(crate) figures: Vec<Figure>,
}

/// What a run ran over.
#[derive(Debug, Serialize)]
pub(crate) struct Conditions {
    /// Which database.
    pub(crate) engine: &'static str,
    /// Tokens in it.
    pub(crate) tokens: u64,
    /// Users in it.
    pub(crate) users: u64,
    /// Connections that ask at once.
    pub(crate) connections: usize,
    /// Length of a round.
    pub(crate) round_seconds: f64,
    /// Rounds of each contender.
    pub(crate) rounds: usize,
}

/// The results in the README stand between these.
const BEGIN: &str = "<!-- results: written by the run, not by hand -->";
const END: &str = "<!-- end of results -->";

impl Results {
    /// The tables, as Markdown.
    pub(crate) fn tables(&self) -> String {
        table::all(self)
    }

    /// Writes `results.json`, and the tables into `README.md`.
    pub(crate) fn keep(&self, home: &Path) -> Outcome<()> {
        let json = serde_json::to_string_pretty(self)?;
        fs::write(home.join("results.json"), json + "\n")?;
        let readme = home.join("README.md");
        let page = with_results(&fs::read_to_string(&readme)?, &self.tables())?;
        Ok(fs::write(readme, page)?)
    }
}

fn with_results(page: &str, tables: &str) -> Outcome<String> {
    let missing = || fault("README.md has lost the place where the results go");
    let (before, rest) = page.split_once(BEGIN).ok_or_else(missing)?;
    let (_, after) = rest.split_once(END).ok_or_else(missing)?;
    Ok(format!("{before}{BEGIN}\n\n{tables}\n{END}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_results_take_the_place_of_the_old() {
        let page = format!("# Top\n{BEGIN}\nold\n{END}\nbottom\n");
        let fresh = with_results(&page, "new\n").unwrap();
        assert_eq!(fresh, format!("# Top\n{BEGIN}\n\nnew\n\n{END}\nbottom\n"));
        assert_eq!(with_results(&fresh, "new\n").unwrap(), fresh);
        assert!(with_results("# Top", "new").is_err());
    }
}
