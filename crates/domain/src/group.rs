//! Groups: they hold projects and other groups, and their members are members
//! of all that lies beneath.

use jiff::Timestamp;

use crate::{
    ids::GroupId,
    place::{Place, Profile},
    visibility::Visibility,
};

/// A group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The row's id.
    pub id: GroupId,
    /// The group it lies in; none at the top.
    pub parent: Option<GroupId>,
    /// The name people read.
    pub name: String,
    /// The last part of the full path.
    pub path: String,
    /// The names from the top to this one, joined by ` / `.
    pub full_name: String,
    /// The paths from the top to this one, joined by `/`; unique whatever the
    /// case, among groups, projects and people.
    pub full_path: String,
    /// What is said of it.
    pub description: Option<String>,
    /// Who may see it.
    pub visibility: Visibility,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was edited last.
    pub updated_at: Timestamp,
}

impl Group {
    /// The group as a place.
    #[must_use]
    pub const fn place(&self) -> Place {
        Place::Group(self.id)
    }
}

impl From<Group> for Profile {
    fn from(group: Group) -> Self {
        let Group {
            name,
            path,
            description,
            visibility,
            ..
        } = group;
        Self {
            name,
            path,
            description,
            visibility,
        }
    }
}
