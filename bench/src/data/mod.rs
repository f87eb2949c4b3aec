//! The data that everything runs over: made once, copied for every run.

mod fill;
mod fill_teams;
mod key;
mod others;
mod plan;
mod team;
mod texts;

use std::{
    fs,
    path::{Path, PathBuf},
};

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use tokenry_store::{Location, Store};

use self::plan::Firsts;
pub(crate) use self::{
    key::{digest_key, key_ring},
    plan::{Kinds, Plan, mixed},
    texts::Texts,
};
use crate::{
    clock,
    fault::Outcome,
    house::{House, remove},
};

/// After this many days tokens begin to expire, so the data is made anew.
const KEEPS: i64 = 25;
/// Counts changes of the plan, which make older data useless.
const EDITION: u32 = 3;

/// A filled data directory and what is in it.
#[derive(Debug)]
pub(crate) struct Ground {
    /// The directory.
    pub(crate) directory: PathBuf,
    /// The Postgres database, where that is the engine.
    pub(crate) database_url: Option<String>,
    /// Which tokens it holds.
    pub(crate) plan: Plan,
}

/// Lies beside the data and says what it is.
#[derive(Debug, Serialize, Deserialize)]
struct Stamp {
    edition: u32,
    plan: Plan,
}

impl Ground {
    /// Which database it is.
    pub(crate) const fn engine(&self) -> &'static str {
        if self.database_url.is_some() {
            "PostgreSQL"
        } else {
            "SQLite"
        }
    }

    /// The data of an earlier run if it still serves, or else new data.
    pub(crate) async fn prepare(
        house: &House,
        tokens: u64,
        kinds: Kinds,
        database_url: Option<&str>,
    ) -> Outcome<Self> {
        let engine = match database_url {
            Some(_) => "postgres",
            None => "sqlite",
        };
        let directory = house.data.join(match kinds {
            Kinds::All => format!("{engine}-{tokens}"),
            Kinds::Personal => format!("{engine}-{tokens}-personal"),
        });
        let new = Plan {
            tokens,
            made_at: clock::now(),
            kinds,
            firsts: Firsts::default(),
        };
        let plan = match usable(&directory, new) {
            Some(plan) => plan,
            None => make(house, &directory, new, database_url).await?,
        };
        Ok(Self {
            directory,
            database_url: database_url.map(str::to_owned),
            plan,
        })
    }

    /// A copy that may be changed. There is none of a Postgres database:
    /// that one is changed itself.
    pub(crate) fn copy(&self, house: &House, name: &str) -> Outcome<Self> {
        Ok(Self {
            directory: house.copy(&self.directory, name)?,
            database_url: self.database_url.clone(),
            plan: self.plan,
        })
    }

    /// Data to be grown, which isn't used again: a copy, or the database itself.
    pub(crate) fn to_grow(&self, house: &House, name: &str) -> Outcome<Self> {
        if self.database_url.is_some() {
            fs::remove_file(stamp_file(&self.directory))?;
        }
        self.copy(house, name)
    }

    /// Where the store is.
    pub(crate) fn location(&self) -> Location {
        location(&self.directory, self.database_url.as_deref())
    }
}

/// The database of a data directory.
pub(crate) fn location(directory: &Path, database_url: Option<&str>) -> Location {
    match database_url {
        Some(url) => Location::Postgres(url.to_owned()),
        None => Location::Sqlite(directory.join("tokenry.sqlite")),
    }
}

fn usable(directory: &Path, wanted: Plan) -> Option<Plan> {
    let stamp = fs::read(stamp_file(directory)).ok()?;
    let Stamp { edition, plan } = serde_json::from_slice(&stamp).ok()?;
    let age = wanted.made_at.duration_since(plan.made_at);
    let fresh = age < SignedDuration::from_hours(24 * KEEPS);
    let same = (plan.tokens, plan.kinds) == (wanted.tokens, wanted.kinds);
    (fresh && same && directory.is_dir() && edition == EDITION).then_some(plan)
}

async fn make(
    house: &House,
    directory: &Path,
    plan: Plan,
    database_url: Option<&str>,
) -> Outcome<Plan> {
    eprintln!("making {} tokens in {}", plan.tokens, directory.display());
    // Without its stamp, data that was made half-way isn't taken for whole.
    if stamp_file(directory).exists() {
        fs::remove_file(stamp_file(directory))?;
    }
    remove(directory)?;
    // The first start makes the keys, the schema and root.
    house.serve(directory, database_url)?.stop()?;
    let store = Store::open(&location(directory, database_url)).await?;
    fill::check_empty(&store).await?;
    let plan = fill::add_users(&store, plan).await?;
    let plan = fill_teams::add_teams(&store, plan).await?;
    fill::add_tokens(&store, plan, key_ring(directory)?).await?;
    store.close().await;
    let stamp = Stamp {
        edition: EDITION,
        plan,
    };
    fs::write(stamp_file(directory), serde_json::to_vec(&stamp)?)?;
    Ok(plan)
}

fn stamp_file(directory: &Path) -> PathBuf {
    directory.with_extension("made.json")
}
