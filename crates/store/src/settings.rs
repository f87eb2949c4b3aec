//! The instance's settings, one row.

use tokenry_domain::settings::Settings;

use crate::{Conn, StoreError, dialect::on_engine};

/// The settings, or the shipped ones where none were ever saved.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn load(conn: &mut Conn) -> Result<Settings, StoreError> {
    let json = on_engine!(conn, c => {
        sqlx::query_scalar::<Db, String>("SELECT json FROM settings WHERE id = 1").fetch_optional(c).await
    })?;
    match json {
        Some(json) => serde_json::from_str(&json).map_err(|_| StoreError::Corrupt("settings")),
        None => Ok(Settings::default()),
    }
}

/// Replaces the settings.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn save(conn: &mut Conn, settings: &Settings) -> Result<(), StoreError> {
    const UPSERT: &str = "INSERT INTO settings (id, json) VALUES (1, $1) \
         ON CONFLICT (id) DO UPDATE SET json = excluded.json";
    let json = serde_json::to_string(settings).map_err(|_| StoreError::Corrupt("settings"))?;
    on_engine!(conn, c => sqlx::query::<Db>(UPSERT).bind(json).execute(c).await.map(drop)?);
    Ok(())
}
