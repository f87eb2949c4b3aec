//! Machines that work as a runner. They go with it.

use jiff::Timestamp;
use sqlx::FromRow;
use tokenry_domain::{
    HolderId, RunnerManagerId,
    runner_manager::{Contact, Program, RunnerManager},
};

use crate::{
    Conn, StoreError,
    dialect::on_engine,
    list::fetch,
    sql::{Sql, text},
    tokens::time,
};

/// The columns of a row, in every statement that reads one.
macro_rules! columns {
    () => {
        "id, runner_id, system_id, version, revision, platform, architecture, address, \
         created_at, contacted_at"
    };
}

/// A row as it lies in the table.
#[derive(Debug, FromRow)]
struct Row {
    id: i64,
    runner_id: i64,
    system_id: String,
    version: Option<String>,
    revision: Option<String>,
    platform: Option<String>,
    architecture: Option<String>,
    address: Option<String>,
    created_at: i64,
    contacted_at: i64,
}

impl TryFrom<Row> for RunnerManager {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let address = row.address.map(|address| address.parse());
        Ok(Self {
            id: RunnerManagerId::from_row(row.id),
            runner: HolderId::from_row(row.runner_id),
            said: Contact {
                system_id: row.system_id,
                program: Program {
                    version: row.version,
                    revision: row.revision,
                    platform: row.platform,
                    architecture: row.architecture,
                },
                address: address
                    .transpose()
                    .map_err(|_| StoreError::Corrupt("runner manager"))?,
            },
            created_at: time(row.created_at)?,
            contacted_at: time(row.contacted_at)?,
        })
    }
}

/// Adds a manager of a runner that is there.
///
/// # Errors
/// [`StoreError`] of the engine, also if the runner has one with this system
/// id: whoever adds one holds the runner and has looked.
pub async fn insert(
    conn: &mut Conn,
    runner: HolderId,
    contact: &Contact,
    now: Timestamp,
) -> Result<RunnerManager, StoreError> {
    const INSERT: &str = concat!(
        "INSERT INTO runner_managers (runner_id, system_id, version, revision, platform, \
         architecture, address, created_at, contacted_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8) RETURNING ",
        columns!()
    );
    let program = &contact.program;
    let row = on_engine!(conn, c => sqlx::query_as::<Db, Row>(INSERT)
        .bind(runner.get())
        .bind(&contact.system_id)
        .bind(&program.version)
        .bind(&program.revision)
        .bind(&program.platform)
        .bind(&program.architecture)
        .bind(contact.address.map(|address| address.to_string()))
        .bind(now.as_microsecond())
        .fetch_one(c).await)?;
    row.try_into()
}

/// Replaces what a manager said, and when; answers whether it was there.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn update(conn: &mut Conn, manager: &RunnerManager) -> Result<bool, StoreError> {
    const UPDATE: &str = "UPDATE runner_managers SET version = $2, revision = $3, platform = $4, \
         architecture = $5, address = $6, contacted_at = $7 WHERE id = $1";
    let program = &manager.said.program;
    let rows = on_engine!(conn, c => sqlx::query::<Db>(UPDATE)
        .bind(manager.id.get())
        .bind(&program.version)
        .bind(&program.revision)
        .bind(&program.platform)
        .bind(&program.architecture)
        .bind(manager.said.address.map(|address| address.to_string()))
        .bind(manager.contacted_at.as_microsecond())
        .execute(c).await?.rows_affected());
    Ok(rows == 1)
}

/// The manager of a runner with this system id.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn find(
    conn: &mut Conn,
    runner: HolderId,
    system_id: &str,
) -> Result<Option<RunnerManager>, StoreError> {
    const SELECT: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM runner_managers WHERE runner_id = $1 AND system_id = $2"
    );
    let row = on_engine!(conn, c => sqlx::query_as::<Db, Row>(SELECT)
        .bind(runner.get()).bind(text(system_id)).fetch_optional(c).await)?;
    row.map(RunnerManager::try_from).transpose()
}

/// The managers of these runners, in the order of their ids.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn of(
    conn: &mut Conn,
    runners: impl IntoIterator<Item = HolderId>,
) -> Result<Vec<RunnerManager>, StoreError> {
    let mut sql = Sql::default();
    sql.push(concat!("SELECT ", columns!(), " FROM runner_managers"))
        .condition("runner_id")
        .among(runners.into_iter().map(HolderId::get))
        .push(" ORDER BY id");
    fetch::<Row, RunnerManager>(conn, sql).await
}

/// Removes a manager; answers whether it was there.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn delete(conn: &mut Conn, id: RunnerManagerId) -> Result<bool, StoreError> {
    let rows = on_engine!(conn, c => sqlx::query::<Db>("DELETE FROM runner_managers WHERE id = $1")
        .bind(id.get()).execute(c).await?.rows_affected());
    Ok(rows == 1)
}
