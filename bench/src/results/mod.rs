//! What a run found: as JSON for programs, as tables for people.

mod figure;
mod table;

use std::{fs, path::Path, time::Duration};

use jiff::Timestamp;
use serde::Serialize;

pub(crate) use self::figure::{Bound, Comparison, Figure};
use crate::{
    data::Ground,
    fault::{Outcome, fault},
    load::CONNECTIONS,
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

impl Conditions {
    /// So many tokens made from this ground, asked in so many rounds.
    pub(crate) fn of(ground: &Ground, tokens: u64, round: Duration, rounds: usize) -> Self {
        Self {
            engine: ground.engine(),
            tokens,
            users: ground.plan.users(),
            connections: CONNECTIONS,
            round_seconds: round.as_secs_f64(),
            rounds,
        }
    }
}

impl Results {
    /// The tables, as Markdown.
    pub(crate) fn tables(&self) -> String {
        table::all(self)
    }

    /// Writes `NAME.json`, and the tables into their place in `README.md`.
    pub(crate) fn keep(&self, home: &Path, name: &str) -> Outcome<()> {
        let json = serde_json::to_string_pretty(self)?;
        fs::write(home.join(format!("{name}.json")), json + "\n")?;
        let readme = home.join("README.md");
        let page = with_tables(&fs::read_to_string(&readme)?, name, &self.tables())?;
        fs::write(readme, page)?;
        eprintln!("kept in bench/{name}.json and bench/README.md");
        Ok(())
    }
}

/// The page with these tables between the marks of this name.
fn with_tables(page: &str, name: &str, tables: &str) -> Outcome<String> {
    let begin = format!("<!-- {name}: written by the run, not by hand -->");
    let end = format!("<!-- end of {name} -->");
    let missing = || fault(format!("README.md has lost the place where {name} go"));
    let (before, rest) = page.split_once(&begin).ok_or_else(missing)?;
    let (_, after) = rest.split_once(&end).ok_or_else(missing)?;
    Ok(format!("{before}{begin}\n\n{tables}\n{end}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_results_take_the_place_of_the_old() {
        let page = "# Top\n<!-- results: written by the run, not by hand -->\nold\n\
                    <!-- end of results -->\nbottom\n";
        let fresh = with_tables(page, "results", "new\n").unwrap();
        assert_eq!(fresh, page.replace("old\n", "\nnew\n\n"));
        assert_eq!(with_tables(&fresh, "results", "new\n").unwrap(), fresh);
        assert!(with_tables(page, "others", "new").is_err());
    }
}
