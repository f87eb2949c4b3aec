//! Where members and tokens belong.

use crate::ids::{GroupId, ProjectId};

/// A group or a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// A group.
    Group(GroupId),
    /// A project.
    Project(ProjectId),
}

impl Place {
    /// Its sort and its number, as the database keeps them.
    #[must_use]
    pub const fn parts(self) -> (&'static str, i64) {
        match self {
            Self::Group(id) => ("group", id.get()),
            Self::Project(id) => ("project", id.get()),
        }
    }

    /// The place with these [`Place::parts`].
    #[must_use]
    pub fn from_parts(sort: &str, number: i64) -> Option<Self> {
        match sort {
            "group" => Some(Self::Group(GroupId::from_row(number))),
            "project" => Some(Self::Project(ProjectId::from_row(number))),
            _ => None,
        }
    }
}
