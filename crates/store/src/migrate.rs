//! Migrations: the same file names for both engines.

use sqlx::{PgPool, SqlitePool, migrate::MigrateError};

use crate::StoreError;

pub(crate) async fn sqlite(pool: &SqlitePool) -> Result<(), StoreError> {
    sqlx::migrate!("migrations/sqlite")
        .run(pool)
        .await
        .map_err(failed)
}

pub(crate) async fn postgres(pool: &PgPool) -> Result<(), StoreError> {
    sqlx::migrate!("migrations/postgres")
        .run(pool)
        .await
        .map_err(failed)
}

fn failed(error: MigrateError) -> StoreError {
    let text = match error {
        MigrateError::VersionMissing(version) => {
            format!("it was written by a newer tokenry (migration {version}); use that one")
        }
        other => other.to_string(),
    };
    StoreError::Migration(text)
}
