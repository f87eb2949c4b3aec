//! The console: one function, [`Desk::run`], over two transports.
//!
//! If a server has the data directory open, a [`Command`] goes to it through
//! its socket, so that its memory knows at once. Otherwise the console opens
//! the store itself, under the lock a server takes. Both end in the same
//! function, so they can't disagree.

mod address;
mod command;
mod deleted;
mod desk;
mod line;
mod link;
mod outcome;
mod purges;
mod retention;
mod secret;
mod server;
mod settings;
mod tokens;
mod users;

pub(crate) use command::{
    Command, NewPurge, NewToken, NewUser, Part, TokenChange, TokenQuery, UserChange, UserQuery,
    Which,
};
pub(crate) use deleted::DeletedRow;
pub(crate) use desk::Desk;
pub(crate) use link::{Link, Reach, ask};
pub(crate) use outcome::{KeyRow, Listed, Outcome, PurgeRow, SubjectRow, TokenRow, UserRow};
pub(crate) use retention::{DueRow, KeptRow, RanRow, due_rows};
pub(crate) use secret::Secret;
pub(crate) use server::ConsoleServer;
