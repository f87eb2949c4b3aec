//! Every SQL statement of tokenry, written once for SQLite and PostgreSQL.
//!
//! Reads take a [`Conn`] from [`Store::read`]; changes are closures handed to
//! [`Store::write`], which answers when what they did is on disk.

pub mod audit;
pub mod audit_list;
mod audit_tokens;
pub mod belongings;
pub mod bury;
mod checkpoint;
mod claim;
mod dialect;
pub mod digest_keys;
mod error;
pub mod ghost;
pub mod group_list;
pub mod groups;
pub mod holder_list;
pub mod holders;
pub mod kept_answers;
pub mod last_use;
mod list;
pub mod member_list;
pub mod members;
mod migrate;
pub mod namespaces;
pub mod particulars;
pub mod prefixes;
pub mod project_list;
pub mod projects;
pub mod purges;
pub mod retention;
pub mod runner_managers;
pub mod sealed_copies;
pub mod settings;
mod sight;
mod sql;
pub mod standings;
mod store;
pub mod subjects;
pub mod sweep;
pub mod token_list;
pub mod token_page;
pub mod token_walk;
pub mod tokens;
pub mod tombstones;
pub mod unrevoked;
pub mod user_list;
pub mod users;
pub mod walk;
mod writer;

pub use dialect::{Conn, Location};
pub use error::StoreError;
pub use store::{Store, Work};

#[cfg(test)]
mod tests {
    mod plans;
}
