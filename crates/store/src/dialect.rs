//! The one file that asks which engine it is.

use std::{path::PathBuf, str::FromStr, time::Duration};

use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection as _, PgConnection, PgPool, Postgres, Sqlite,
    SqliteConnection, SqlitePool,
    pool::PoolConnection,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use crate::{StoreError, migrate};

/// Where the data lies.
#[derive(Debug, Clone)]
pub enum Location {
    /// In this file.
    Sqlite(PathBuf),
    /// Behind this URL.
    Postgres(String),
}

/// A connection to either engine.
#[derive(Debug)]
pub enum Conn {
    /// To the embedded engine.
    Sqlite(PoolConnection<Sqlite>),
    /// To a PostgreSQL server.
    Postgres(PoolConnection<Postgres>),
}

/// Expands an expression for both engines. Inside it, `Db` is the engine's
/// type and `$c` its connection.
macro_rules! on_engine {
    ($conn:expr, $c:ident => $run:expr) => {
        match $conn {
            $crate::Conn::Sqlite(lease) => {
                #[allow(dead_code, reason = "not every statement names the engine's type")]
                type Db = sqlx::Sqlite;
                let $c = &mut **lease;
                $run
            }
            $crate::Conn::Postgres(lease) => {
                #[allow(dead_code, reason = "not every statement names the engine's type")]
                type Db = sqlx::Postgres;
                let $c = &mut **lease;
                $run
            }
        }
    };
}
pub(crate) use on_engine;

/// The connections a store keeps.
#[derive(Debug, Clone)]
pub(crate) enum Pools {
    /// Many readers and one writer: SQLite has one writer at a time anyway.
    Sqlite {
        readers: SqlitePool,
        writer: SqlitePool,
    },
    /// Any connection does anything.
    Postgres(PgPool),
}

/// How long a statement may wait for a connection or a lock.
const PATIENCE: Duration = Duration::from_secs(10);
/// SQLite readers; each costs a thread and a page cache.
const READERS: u32 = 4;
/// PostgreSQL connections of one server.
const CONNECTIONS: u32 = 20;
/// Names the advisory lock that one server holds on a PostgreSQL database.
const SERVER_LOCK: i64 = 0x746f_6b65_6e72_7900;

impl Pools {
    /// Opens the database as it is.
    pub(crate) async fn open(location: &Location) -> Result<Self, StoreError> {
        match location {
            Location::Sqlite(file) => open_sqlite(file.clone()).await,
            Location::Postgres(url) => open_postgres(url).await,
        }
    }

    /// A connection to read with.
    pub(crate) async fn reader(&self) -> Result<Conn, StoreError> {
        Ok(match self {
            Self::Sqlite { readers, .. } => Conn::Sqlite(readers.acquire().await?),
            Self::Postgres(pool) => Conn::Postgres(pool.acquire().await?),
        })
    }

    /// A connection to write with.
    pub(crate) async fn writer(&self) -> Result<Conn, StoreError> {
        Ok(match self {
            Self::Sqlite { writer, .. } => Conn::Sqlite(writer.acquire().await?),
            Self::Postgres(pool) => Conn::Postgres(pool.acquire().await?),
        })
    }

    /// Whether all connections that any change may take are taken.
    pub(crate) fn are_taken(&self) -> bool {
        match self {
            Self::Sqlite { writer, .. } => writer.num_idle() == 0,
            Self::Postgres(pool) => pool.num_idle() == 0 && pool.size() >= CONNECTIONS,
        }
    }

    /// Whether changes are worth grouping: where there is one writer, the
    /// commits of those that wait can be one.
    pub(crate) const fn groups_commits(&self) -> bool {
        matches!(self, Self::Sqlite { .. })
    }

    /// Moves SQLite's log into the database file, as far as nobody has to wait
    /// for it. A reader's connection may do that too.
    pub(crate) async fn checkpoint(&self) -> Result<(), StoreError> {
        if let Self::Sqlite { readers, .. } = self {
            sqlx::query("PRAGMA wal_checkpoint(PASSIVE)")
                .execute(readers)
                .await?;
        }
        Ok(())
    }

    /// Moves all of SQLite's log into the database file and empties it, so that
    /// nothing former is left in it; answers whether that could be done. Nobody
    /// waits for this: while somebody reads or writes, it isn't done.
    pub(crate) async fn empty_log(&self) -> Result<bool, StoreError> {
        let Self::Sqlite { readers, .. } = self else {
            return Ok(true);
        };
        let mut conn = readers.acquire().await?;
        set_patience(&mut conn, Duration::ZERO).await?;
        let emptied: Result<(i64, i64, i64), _> = sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)")
            .fetch_one(&mut *conn)
            .await;
        set_patience(&mut conn, PATIENCE).await?;
        let (busy, ..) = emptied?;
        Ok(busy == 0)
    }

    /// Claims the database for one server, on PostgreSQL by an advisory lock
    /// on a connection of its own.
    pub(crate) async fn claim(&self) -> Result<Option<Held>, StoreError> {
        let Self::Postgres(pool) = self else {
            return Ok(None);
        };
        let mut held = pool.acquire().await?.detach();
        let free: bool = sqlx::query_scalar("SELECT pg_try_advisory_lock($1)")
            .bind(SERVER_LOCK)
            .fetch_one(&mut held)
            .await?;
        if free {
            Ok(Some(Held(held)))
        } else {
            Err(StoreError::InUse)
        }
    }

    /// Brings the database to this version's schema.
    pub(crate) async fn migrate(&self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite { writer, .. } => migrate::sqlite(writer).await,
            Self::Postgres(pool) => migrate::postgres(pool).await,
        }
    }

    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite { readers, writer } => {
                readers.close().await;
                writer.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

/// The connection that holds a claim.
#[derive(Debug)]
pub(crate) struct Held(PgConnection);

impl Held {
    /// Fails when the connection, and the claim with it, is gone.
    pub(crate) async fn still_there(&mut self) -> Result<(), StoreError> {
        Ok(sqlx::query("SELECT 1")
            .execute(&mut self.0)
            .await
            .map(drop)?)
    }

    pub(crate) async fn release(mut self) -> Result<(), StoreError> {
        sqlx::query("SELECT pg_advisory_unlock($1)")
            .bind(SERVER_LOCK)
            .execute(&mut self.0)
            .await?;
        Ok(self.0.close().await?)
    }
}

async fn open_sqlite(file: PathBuf) -> Result<Pools, StoreError> {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(PATIENCE)
        .pragma("wal_autocheckpoint", "10000")
        .pragma("cache_size", "-65536")
        .pragma("temp_store", "MEMORY")
        // What is deleted is overwritten: no digest is left in a free page.
        .pragma("secure_delete", "ON")
        .disable_statement_logging();
    let writer = SqlitePoolOptions::new()
        .max_connections(1)
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_with(options.clone())
        .await?;
    let readers = SqlitePoolOptions::new()
        .max_connections(READERS)
        .test_before_acquire(false)
        .acquire_timeout(PATIENCE)
        .max_lifetime(None)
        .connect_with(options.pragma("query_only", "ON"))
        .await?;
    Ok(Pools::Sqlite { readers, writer })
}

/// How long an SQLite connection waits for a lock.
async fn set_patience(conn: &mut SqliteConnection, patience: Duration) -> Result<(), StoreError> {
    let pragma = format!("PRAGMA busy_timeout = {}", patience.as_millis());
    let done = sqlx::query(AssertSqlSafe(pragma)).execute(conn).await;
    Ok(done.map(drop)?)
}

async fn open_postgres(url: &str) -> Result<Pools, StoreError> {
    let options = PgConnectOptions::from_str(url)?
        .application_name("tokenry")
        .options([("synchronous_commit", "on")])
        .disable_statement_logging();
    let pool = PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(PATIENCE)
        .connect_with(options)
        .await?;
    Ok(Pools::Postgres(pool))
}

impl Conn {
    /// Begins a transaction. On SQLite it takes the write lock at once, so
    /// that it can't fail half-way for having read first.
    pub(crate) async fn begin(&mut self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(lease) => sqlx::query("BEGIN IMMEDIATE")
                .execute(&mut **lease)
                .await
                .map(drop)?,
            Self::Postgres(lease) => sqlx::query("BEGIN").execute(&mut **lease).await.map(drop)?,
        }
        Ok(())
    }

    /// Commits. PostgreSQL answers `COMMIT` of a transaction in which a
    /// statement failed as if it were done, though it undoes it; so a statement
    /// that fails there goes before, in the same round trip.
    pub(crate) async fn commit(&mut self) -> Result<(), StoreError> {
        let committed = match self {
            Self::Sqlite(lease) => sqlx::query("COMMIT").execute(&mut **lease).await.map(drop),
            Self::Postgres(lease) => sqlx::raw_sql("SELECT 1; COMMIT")
                .execute(&mut **lease)
                .await
                .map(drop),
        };
        committed.map_err(|error| match error {
            sqlx::Error::Database(_) => error.into(),
            // Whether the commit came through before the connection broke,
            // nobody can say.
            _ => StoreError::Doubtful,
        })
    }

    /// Runs a statement that takes and answers nothing.
    pub(crate) async fn run(&mut self, statement: &'static str) -> Result<(), StoreError> {
        on_engine!(self, c => sqlx::query::<Db>(statement).execute(c).await.map(drop)?);
        Ok(())
    }

    /// Gives the connection up for good, with whatever state it is in.
    pub(crate) async fn discard(self) {
        match self {
            Self::Sqlite(lease) => drop(lease.close().await),
            Self::Postgres(lease) => drop(lease.close().await),
        }
    }
}
