//! A look into the databases, past tokenry.

use std::path::Path;

use sqlx::{ConnectOptions as _, sqlite::SqliteConnectOptions};
use tokenry_store::Location;
use tokenry_testkit::Engine;

/// What a query answers, as text. The file is opened as a server would.
pub(crate) fn in_sqlite(file: &Path, query: &'static str) -> String {
    let options = SqliteConnectOptions::new().filename(file);
    wait_for(async {
        let mut conn = options.connect().await.unwrap();
        sqlx::query_scalar(query)
            .fetch_one(&mut conn)
            .await
            .unwrap()
    })
}

/// The URL of an empty PostgreSQL database.
pub(crate) fn new_postgres() -> String {
    match wait_for(Engine::Postgres.database()).location {
        Location::Postgres(url) => url,
        Location::Sqlite(_) => unreachable!(),
    }
}

fn wait_for<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(work)
}
