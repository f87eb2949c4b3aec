//! Projects: each lies in a group, or in a person's own namespace.

use jiff::Timestamp;

use crate::{
    ids::{ProjectId, UserId},
    namespace::Namespace,
    place::{Place, Profile},
    visibility::Visibility,
};

/// A project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    /// The row's id.
    pub id: ProjectId,
    /// Where it lies.
    pub namespace: Namespace,
    /// The name people read.
    pub name: String,
    /// The last part of the full path.
    pub path: String,
    /// The path of its namespace and its own, joined by `/`; unique whatever
    /// the case, among groups, projects and people.
    pub full_path: String,
    /// What is said of it.
    pub description: Option<String>,
    /// Who may see it.
    pub visibility: Visibility,
    /// Whether it is kept for the record only.
    pub archived: bool,
    /// Who created it, who may be gone; none for the server's own console.
    pub creator: Option<UserId>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was edited last.
    pub updated_at: Timestamp,
}

impl Project {
    /// The project as a place.
    #[must_use]
    pub const fn place(&self) -> Place {
        Place::Project(self.id)
    }

    /// The name of its namespace and its own, joined by ` / `.
    #[must_use]
    pub fn full_name(&self) -> String {
        format!("{} / {}", self.namespace.full_name, self.name)
    }
}

impl From<Project> for Profile {
    fn from(project: Project) -> Self {
        let Project {
            name,
            path,
            description,
            visibility,
            ..
        } = project;
        Self {
            name,
            path,
            description,
            visibility,
        }
    }
}
