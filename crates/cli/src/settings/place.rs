//! Where the data is, and what else the server and the console must agree on.

use std::path::PathBuf;

use clap::Args;
use serde::Deserialize;
use tokenry_store::Location;
use url::Url;

use super::bad;
use crate::{data_dir::DataDir, exit::Failure};

/// Where the data is when nobody says.
const DATA_DIR: &str = "./tokenry-data";

/// The settings that the server and the console share.
#[derive(Debug, Clone, Default, Args, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub(crate) struct Place {
    /// Directory of the keys, the lock, the console's socket and, on SQLite,
    /// the data [default: ./tokenry-data]
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "TOKENRY_DATA_DIR",
        hide_env_values = true
    )]
    pub(crate) data_dir: Option<PathBuf>,
    /// Keep the data in this PostgreSQL database instead of SQLite in the data
    /// directory
    #[arg(
        long,
        global = true,
        value_name = "postgres://…",
        env = "TOKENRY_DATABASE_URL",
        hide_env_values = true
    )]
    pub(crate) database_url: Option<String>,
    /// Number of this cell, where an organisation has several; goes into new
    /// tokens, the console's too [default: none]
    #[arg(
        long,
        global = true,
        value_name = "NUMBER",
        env = "TOKENRY_CELL",
        hide_env_values = true
    )]
    pub(crate) cell: Option<u64>,
}

/// The same, and the file that may say it.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Places {
    /// TOML file of settings; its keys are the flags' names
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "TOKENRY_CONFIG",
        hide_env_values = true
    )]
    pub(crate) config: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) place: Place,
}

/// Where the data is.
#[derive(Debug, Clone)]
pub(crate) struct Whereabouts {
    /// The data directory.
    pub(crate) dir: DataDir,
    /// The database.
    pub(crate) location: Location,
    /// The cell that goes into new tokens.
    pub(crate) cell: Option<u64>,
}

impl Place {
    /// These settings, and another source's where these say nothing.
    pub(crate) fn or(self, other: Self) -> Self {
        Self {
            data_dir: self.data_dir.or(other.data_dir),
            database_url: self.database_url.or(other.database_url),
            cell: self.cell.or(other.cell),
        }
    }

    pub(crate) fn whereabouts(self) -> Result<Whereabouts, Failure> {
        let dir = DataDir::at(self.data_dir.unwrap_or_else(|| DATA_DIR.into()));
        let location = match self.database_url {
            None => Location::Sqlite(dir.database()),
            Some(url) if is_postgres(&url) => Location::Postgres(url),
            // The text isn't repeated: it may hold a password.
            Some(_) => return Err(bad("database-url must begin with postgres://")),
        };
        Ok(Whereabouts {
            dir,
            location,
            cell: self.cell,
        })
    }
}

impl Whereabouts {
    /// The database as logs may show it: without password and parameters.
    pub(crate) fn shown_database(&self) -> String {
        match &self.location {
            Location::Sqlite(file) => file.display().to_string(),
            Location::Postgres(text) => shown_url(text),
        }
    }
}

fn is_postgres(url: &str) -> bool {
    ["postgres://", "postgresql://"]
        .iter()
        .any(|scheme| url.starts_with(scheme))
}

fn shown_url(text: &str) -> String {
    let Ok(mut url) = Url::parse(text) else {
        return "postgres://…".to_owned();
    };
    let hidden = url.password().is_none() || url.set_password(Some("…")).is_ok();
    url.set_query(None);
    url.set_fragment(None);
    if hidden {
        url.to_string().replace("%E2%80%A6", "…")
    } else {
        "postgres://…".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(url: &str) -> Result<String, String> {
        let place = Place {
            database_url: Some(url.to_owned()),
            ..Place::default()
        };
        match place.whereabouts() {
            Ok(place) => Ok(place.shown_database()),
            Err(failure) => Err(failure.message),
        }
    }

    #[test]
    fn a_password_is_never_shown() {
        for (url, expected) in [
            (
                "postgres://me:hunter2@db:5432/t",
                "postgres://me:…@db:5432/t",
            ),
            (
                "postgresql://me@db/t?password=hunter2",
                "postgresql://me@db/t",
            ),
            ("postgres://me:hunter2@[broken/t", "postgres://…"),
        ] {
            assert_eq!(shown(url).unwrap(), expected);
        }
        let refused = shown("mysql://me:hunter2@db/t").unwrap_err();
        assert!(!refused.contains("hunter2"), "{refused}");
    }

    #[test]
    fn without_a_word_the_data_is_beside_us() {
        let place = Place::default().whereabouts().unwrap();
        assert_eq!(place.shown_database(), "./tokenry-data/tokenry.sqlite");
    }
}
