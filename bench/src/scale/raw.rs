//! The database by its own statements: so many rows aren't made one by one.

use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};
use tokenry_store::Location;

use crate::fault::{Outcome, fault};

/// A connection to either engine.
pub(super) enum Raw {
    /// To the embedded engine.
    Sqlite(SqliteConnection),
    /// To a PostgreSQL server.
    Postgres(PgConnection),
}

/// Expands an expression for both engines.
macro_rules! on_either {
    ($raw:expr, $conn:ident => $run:expr) => {
        match $raw {
            Raw::Sqlite($conn) => $run,
            Raw::Postgres($conn) => $run,
        }
    };
}

/// What lets the embedded engine write fast: a crash here loses nothing that
/// anybody wants.
const HASTE: &str = "PRAGMA journal_mode = DELETE; PRAGMA journal_mode = OFF; \
     PRAGMA synchronous = OFF; PRAGMA cache_size = -1000000";

impl Raw {
    /// Connects.
    pub(super) async fn open(location: &Location) -> Outcome<Self> {
        match location {
            Location::Sqlite(file) => {
                let url = format!("sqlite://{}", file.display());
                let mut raw = Self::Sqlite(SqliteConnection::connect(&url).await?);
                raw.run(HASTE.to_owned()).await?;
                Ok(raw)
            }
            Location::Postgres(url) => Ok(Self::Postgres(PgConnection::connect(url).await?)),
        }
    }

    /// Runs a statement, or several.
    pub(super) async fn run(&mut self, sql: String) -> Outcome<()> {
        on_either!(self, conn => {
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(conn).await?;
        });
        Ok(())
    }

    /// A number that a statement answers.
    pub(super) async fn number(&mut self, sql: &'static str) -> Outcome<u64> {
        let number: i64 = on_either!(self, conn => sqlx::query_scalar(sql).fetch_one(conn).await?);
        Ok(number.unsigned_abs())
    }

    /// The indexes of the tokens besides their primary key: names, and the
    /// statements that make them.
    pub(super) async fn indexes(&mut self) -> Outcome<Vec<(String, String)>> {
        const SQLITE: &str = "SELECT name, sql FROM sqlite_schema \
             WHERE type = 'index' AND tbl_name = 'tokens' AND sql IS NOT NULL";
        const POSTGRES: &str = "SELECT indexname::text, indexdef FROM pg_indexes \
             WHERE schemaname = current_schema() AND tablename = 'tokens' \
             AND indexname <> 'tokens_pkey'";
        let found = match self {
            Self::Sqlite(conn) => sqlx::query_as(SQLITE).fetch_all(conn).await?,
            Self::Postgres(conn) => sqlx::query_as(POSTGRES).fetch_all(conn).await?,
        };
        if found.is_empty() {
            return Err(fault("no index of the tokens was found"));
        }
        Ok(found)
    }

    /// Bytes that the tokens take with their indexes; of the embedded engine
    /// those of the whole file, which holds little else.
    pub(super) async fn bytes(&mut self) -> Outcome<u64> {
        const SQLITE: &str = "SELECT (page_count - freelist_count) * page_size \
             FROM pragma_page_count(), pragma_freelist_count(), pragma_page_size()";
        const POSTGRES: &str = "SELECT pg_total_relation_size('tokens')";
        let sql = match self {
            Self::Sqlite(_) => SQLITE,
            Self::Postgres(_) => POSTGRES,
        };
        self.number(sql).await
    }
}
