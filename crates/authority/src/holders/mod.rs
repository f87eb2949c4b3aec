//! What is done with things that hold a token of their own: applications,
//! agents, runners and feature flags clients.
//!
//! What belongs to a project or group is kept by its members, what belongs to
//! a user by that user, and what belongs to the instance by administrators.

mod create;
mod list;
mod present;
mod remove;
mod reset;
mod rights;
mod show;
mod update;

use tokenry_domain::{
    PlaceRef,
    holder::{Details, Holder},
};

pub(crate) use self::rights::{Right, find, manageable, require};
pub use self::{list::Of, present::Presented};
use crate::tokens::Issued;

/// What is asked for of a new holder.
#[derive(Debug, Clone)]
pub struct WantedHolder {
    /// The project or group it is to belong to.
    pub place: Option<PlaceRef>,
    /// What it is to be called.
    pub name: String,
    /// What it is to be.
    pub details: Details,
}

/// A holder, and the new token that it shows who it is with.
#[derive(Debug)]
pub struct Equipped {
    /// The row.
    pub holder: Holder,
    /// Its token, with its text for the one time it is shown.
    pub issued: Issued,
}
