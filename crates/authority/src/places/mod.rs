//! What is done with groups and projects, and with their members.

mod create;
mod gone;
mod list;
mod members;
mod remove;
mod standing;
mod update;

use jiff::civil::Date;
use tokenry_domain::{AccessLevel, NamespaceId, PlaceName, UserId, Visibility, place::Profile};

pub use self::standing::Standing;
pub(crate) use self::{
    gone::{CHUNK, Gone, Steps},
    members::named,
    standing::{Found, held, held_project, standing_in},
};

/// What is asked for of a new group.
#[derive(Debug, Clone)]
pub struct NewGroup {
    /// The group it is to lie in; none for the top.
    pub parent: Option<PlaceName>,
    /// What it is to be.
    pub profile: Profile,
}

/// What is asked for of a new project.
#[derive(Debug, Clone)]
pub struct NewProject {
    /// Where it is to lie; none for the caller's own namespace.
    pub namespace: Option<NamespaceId>,
    /// What it is to be.
    pub profile: Profile,
}

/// New values for some of a place's properties; the others stay.
#[derive(Debug, Clone, Default)]
pub struct PlaceChange {
    /// The name people read.
    pub name: Option<String>,
    /// The last part of the full path.
    pub path: Option<String>,
    /// What is said of it; `Some(None)` for nothing any more.
    pub description: Option<Option<String>>,
    /// Who may see it.
    pub visibility: Option<Visibility>,
    /// Whether a project is kept for the record only.
    pub archived: Option<bool>,
}

/// How a request names a user.
#[derive(Debug, Clone)]
pub enum UserName {
    /// By id.
    Id(UserId),
    /// By username, whatever the case.
    Username(String),
}

/// What is asked for of a new member.
#[derive(Debug, Clone)]
pub struct NewMember {
    /// Who.
    pub user: UserName,
    /// The role.
    pub level: AccessLevel,
    /// The date it ends.
    pub expires: Option<Date>,
}

/// New values for some of a member's properties; the others stay.
#[derive(Debug, Clone, Copy, Default)]
pub struct MemberChange {
    /// The role.
    pub level: Option<AccessLevel>,
    /// The date it ends; `Some(None)` for no end any more.
    pub expires: Option<Option<Date>>,
}

/// The role that lets a user change the members of a project.
pub(crate) const RUNS_PROJECT: AccessLevel = AccessLevel::Maintainer;
/// The role that lets a user change a group and its members, and remove a
/// group or project.
pub(crate) const OWNS: AccessLevel = AccessLevel::Owner;
