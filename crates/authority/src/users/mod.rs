//! What is done with users.

mod create;
mod list;
mod machine;
mod remove;
mod state;
mod update;

use tokenry_domain::{Password, user::Profile};

pub(crate) use self::{create::insert_person, machine::noreply};

/// What is asked for of a new user.
#[derive(Debug)]
pub struct NewUser {
    /// Who they are.
    pub profile: Profile,
    /// Their password, where one is set.
    pub password: Option<Password>,
}

/// New values for some of a user's properties; the others stay.
#[derive(Debug, Default)]
pub struct UserChange {
    /// The name in URLs.
    pub username: Option<String>,
    /// The name people read.
    pub name: Option<String>,
    /// The address mail goes to.
    pub email: Option<String>,
    /// Whether the user is an administrator.
    pub admin: Option<bool>,
    /// Whether the user is from outside the organisation.
    pub external: Option<bool>,
    /// The password.
    pub password: Option<Password>,
}
