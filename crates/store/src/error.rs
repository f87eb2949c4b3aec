//! What can go wrong below the rules.

use std::sync::Arc;

use tokenry_token::KeyId;

/// A failure of the database or of what is in it. Never the caller's fault,
/// save [`StoreError::Duplicate`].
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// A row with this unique value is there already; names the index.
    #[error("a row with the same {0} is there already")]
    Duplicate(&'static str),
    /// A row belongs to a user who is gone.
    #[error("the user this belongs to is gone")]
    NoOwner,
    /// Something belongs to the user yet who was to be removed.
    #[error("something belongs to the user yet")]
    HasBelongings,
    /// The engine refused or failed.
    #[error("the database failed: {0}")]
    Engine(Arc<sqlx::Error>),
    /// A migration failed, so the data is of another version.
    #[error("the database can't be brought to this version: {0}")]
    Migration(String),
    /// A row holds what no version of tokenry writes.
    #[error("the database holds a {0} that can't be read")]
    Corrupt(&'static str),
    /// A group of changes was given up because one of them broke the connection.
    #[error("the database gave up a group of changes; nothing of them was kept")]
    GroupLost,
    /// The digest key of this id isn't the one the tokens were made with.
    #[error(
        "digest key {0} of the data directory isn't the one this database's tokens were made with; \
         start with the data directory that belongs to the database"
    )]
    WrongKey(KeyId),
    /// There is no room left on the disk that the database lies on.
    #[error("the disk of the database is full; free some space and try again")]
    Full,
    /// No connection was free in time.
    #[error("no connection to the database was free in time")]
    Busy,
    /// The connection broke during a commit: the change may be on disk or not.
    #[error(
        "the connection to the database broke during a commit; look whether the change is there"
    )]
    Doubtful,
    /// The store is shutting down.
    #[error("the store is closed")]
    Closed,
    /// The change came to no end: it panicked, which is a fault of ours.
    #[error("the change came to no end; the log says why")]
    Dropped,
    /// Another server works on this database.
    #[error("another tokenry server uses this database; stop it first")]
    InUse,
}

/// The unique indexes that a caller's values can run into.
const UNIQUE: [&str; 5] = [
    "users_username",
    "users_email",
    "tokens_digest",
    "namespaces_full_path",
    "projects_full_path",
];

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        if let sqlx::Error::Database(inner) = &error
            && inner.is_unique_violation()
            && let Some(index) = UNIQUE
                .into_iter()
                .find(|index| names(inner.as_ref(), index))
        {
            return Self::Duplicate(index);
        }
        match error {
            sqlx::Error::Database(inner) if is_of_full_disk(inner.as_ref()) => Self::Full,
            sqlx::Error::PoolTimedOut => Self::Busy,
            sqlx::Error::PoolClosed => Self::Closed,
            other => Self::Engine(Arc::new(other)),
        }
    }
}

/// The engines' own numbers: `SQLITE_FULL` of SQLite's result codes, `disk_full`
/// of PostgreSQL's appendix A.
fn is_of_full_disk(error: &dyn sqlx::error::DatabaseError) -> bool {
    const SQLITE: &str = "13";
    const POSTGRES: &str = "53100";
    error
        .code()
        .is_some_and(|code| code == SQLITE || code == POSTGRES)
}

/// PostgreSQL tells the index apart, SQLite puts it, or the column, into the text.
fn names(error: &dyn sqlx::error::DatabaseError, index: &str) -> bool {
    let column = index.replacen('_', ".", 1);
    error.constraint() == Some(index)
        || error.message().contains(index)
        || error.message().contains(&column)
}

fn breaks_a_reference(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Database(inner) if inner.is_foreign_key_violation())
}

impl StoreError {
    /// The failure of a statement that refers to a user and to nothing else.
    pub(crate) fn or_no_owner(error: sqlx::Error) -> Self {
        if breaks_a_reference(&error) {
            Self::NoOwner
        } else {
            error.into()
        }
    }

    /// The failure of a statement that removes a user.
    pub(crate) fn or_has_belongings(error: sqlx::Error) -> Self {
        if breaks_a_reference(&error) {
            Self::HasBelongings
        } else {
            error.into()
        }
    }
}
