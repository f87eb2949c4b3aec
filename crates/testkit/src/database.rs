//! An empty database of either engine, for one test.

use std::str::FromStr as _;

use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection, SqliteConnection,
    postgres::PgConnectOptions,
};
use tempfile::TempDir;
use tokenry_store::Location;

/// The engines that everything is tested over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// The embedded one.
    Sqlite,
    /// PostgreSQL, at `TOKENRY_TEST_POSTGRES_URL`.
    Postgres,
}

/// An empty database. The directory, if any, goes with it.
#[derive(Debug)]
pub struct Database {
    /// Where it is.
    pub location: Location,
    _directory: Option<TempDir>,
}

impl Database {
    /// Runs SQL past the store, as no version of it does.
    pub async fn run(&self, sql: &str) {
        let sql = AssertSqlSafe(sql.to_owned());
        match &self.location {
            Location::Sqlite(file) => {
                let url = format!("sqlite://{}", file.display());
                let mut conn = SqliteConnection::connect(&url).await.unwrap();
                sqlx::query("PRAGMA ignore_check_constraints = ON")
                    .execute(&mut conn)
                    .await
                    .unwrap();
                sqlx::raw_sql(sql).execute(&mut conn).await.unwrap();
            }
            Location::Postgres(url) => {
                let mut conn = PgConnection::connect(url).await.unwrap();
                sqlx::raw_sql(sql).execute(&mut conn).await.unwrap();
            }
        }
    }
}

impl Database {
    /// How many rows a table has.
    pub async fn count(&self, table: &str) -> i64 {
        let sql = AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}"));
        let count = match &self.location {
            Location::Sqlite(file) => {
                let url = format!("sqlite://{}", file.display());
                let mut conn = SqliteConnection::connect(&url).await.unwrap();
                sqlx::query_scalar(sql).fetch_one(&mut conn).await
            }
            Location::Postgres(url) => {
                let mut conn = PgConnection::connect(url).await.unwrap();
                sqlx::query_scalar(sql).fetch_one(&mut conn).await
            }
        };
        count.unwrap()
    }

    /// Whether a text lies anywhere in it.
    pub async fn holds(&self, text: &str) -> bool {
        match &self.location {
            Location::Sqlite(file) => {
                let logs = ["", "-wal"].map(|end| format!("{}{end}", file.display()));
                let mut bytes = logs.iter().map(|file| std::fs::read(file).unwrap());
                bytes.any(|bytes| {
                    let mut windows = bytes.windows(text.len());
                    windows.any(|window| window == text.as_bytes())
                })
            }
            Location::Postgres(url) => {
                let mut conn = PgConnection::connect(url).await.unwrap();
                let tables: Vec<String> = sqlx::query_scalar(
                    "SELECT table_name::text FROM information_schema.tables \
                     WHERE table_schema = 'public' AND table_type = 'BASE TABLE'",
                )
                .fetch_all(&mut conn)
                .await
                .unwrap();
                let mut held = false;
                for table in tables {
                    // What is no text is shown as hexadecimal digits.
                    let sql = format!(
                        "SELECT COALESCE(bool_or(strpos(row::text, $1) > 0 OR \
                         strpos(row::text, encode(convert_to($1, 'UTF8'), 'hex')) > 0), FALSE) \
                         FROM {table} AS row"
                    );
                    let found: bool = sqlx::query_scalar(AssertSqlSafe(sql))
                        .bind(text)
                        .fetch_one(&mut conn)
                        .await
                        .unwrap();
                    held |= found;
                }
                held
            }
        }
    }
}

impl Engine {
    /// A database nobody else uses. An engine that is missing fails the test.
    pub async fn database(self) -> Database {
        match self {
            Self::Sqlite => {
                let directory = tempfile::tempdir().unwrap();
                let location = Location::Sqlite(directory.path().join("tokenry.sqlite"));
                Database {
                    location,
                    _directory: Some(directory),
                }
            }
            Self::Postgres => Database {
                location: Location::Postgres(new_postgres().await),
                _directory: None,
            },
        }
    }
}

/// Makes a database on the test server and answers its URL.
#[expect(
    clippy::disallowed_methods,
    reason = "the test script says here where PostgreSQL is; any random name will do"
)]
async fn new_postgres() -> String {
    let server = std::env::var("TOKENRY_TEST_POSTGRES_URL").expect(
        "TOKENRY_TEST_POSTGRES_URL isn't set: run ./test, or `.ci/postgres start DIR` first",
    );
    let name = format!("tokenry_{:016x}", rand::random::<u64>());
    let options = PgConnectOptions::from_str(&server).unwrap();
    let mut conn = options
        .connect()
        .await
        .expect("PostgreSQL for tests doesn't answer");
    sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {name}")))
        .execute(&mut conn)
        .await
        .unwrap();
    let (base, _) = server.rsplit_once('/').unwrap();
    format!("{base}/{name}")
}
