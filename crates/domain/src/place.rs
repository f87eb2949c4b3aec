//! Places: the projects and groups that members and tokens belong to.

use crate::{
    ids::{GroupId, ProjectId},
    invalid::{Invalid, readable},
    namespace::check_path,
    visibility::Visibility,
};

/// A project or a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// A group.
    Group(GroupId),
    /// A project.
    Project(ProjectId),
}

impl Place {
    /// The sort of place and its number, as the database keeps them.
    #[must_use]
    pub const fn parts(self) -> (&'static str, i64) {
        match self {
            Self::Group(id) => ("group", id.get()),
            Self::Project(id) => ("project", id.get()),
        }
    }

    /// The place with these parts.
    #[must_use]
    pub fn from_parts(sort: &str, number: i64) -> Option<Self> {
        match sort {
            "group" => Some(Self::Group(GroupId::from_row(number))),
            "project" => Some(Self::Project(ProjectId::from_row(number))),
            _ => None,
        }
    }
}

/// How a request names a place: by its id or by its full path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlaceName {
    /// By its number, which may be one that no row has.
    Id(i64),
    /// By its full path, such as `team/app`, whatever the case.
    Path(String),
}

impl PlaceName {
    /// Digits are an id, as in GitLab, whatever a group may be called.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            // One too large for any row stays too large for any row.
            Self::Id(text.parse().unwrap_or(i64::MAX))
        } else {
            Self::Path(text.to_owned())
        }
    }
}

/// How a request names a project or a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlaceRef {
    /// A group.
    Group(PlaceName),
    /// A project.
    Project(PlaceName),
}

impl From<Place> for PlaceRef {
    fn from(place: Place) -> Self {
        match place {
            Place::Group(id) => Self::Group(id.into()),
            Place::Project(id) => Self::Project(id.into()),
        }
    }
}

impl From<GroupId> for PlaceName {
    fn from(id: GroupId) -> Self {
        Self::Id(id.get())
    }
}

impl From<ProjectId> for PlaceName {
    fn from(id: ProjectId) -> Self {
        Self::Id(id.get())
    }
}

/// The longest description, in characters.
const LONGEST_DESCRIPTION: usize = 2_000;

/// What is settled of a group or project by whoever creates or edits it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// The name people read.
    pub name: String,
    /// The last part of its full path.
    pub path: String,
    /// What is said of it.
    pub description: Option<String>,
    /// Who may see it.
    pub visibility: Visibility,
}

impl Profile {
    /// The profile, if the rules allow it.
    ///
    /// # Errors
    /// [`Invalid`] with everything that is wrong.
    pub fn checked(self) -> Result<Self, Invalid> {
        Invalid::unless_all([
            readable("name", &self.name, 255),
            check_path("path", &self.path),
            check_description(self.description.as_deref()),
        ])?;
        Ok(self)
    }
}

/// Descriptions may have lines, and may be empty.
fn check_description(text: Option<&str>) -> Result<(), Invalid> {
    let text = text.unwrap_or_default();
    if text.chars().count() > LONGEST_DESCRIPTION {
        let problem = format!("is too long (maximum is {LONGEST_DESCRIPTION} characters)");
        return Err(Invalid::field("description", problem));
    }
    let garbles = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    if text.chars().any(garbles) {
        let problem = "can't contain control characters";
        return Err(Invalid::field("description", problem));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_read_back_from_their_parts() {
        for place in [
            Place::Group(GroupId::from_row(7)),
            Place::Project(ProjectId::from_row(7)),
        ] {
            let (sort, number) = place.parts();
            assert_eq!(Place::from_parts(sort, number), Some(place));
        }
        assert_eq!(Place::from_parts("user", 7), None);
    }

    #[test]
    fn digits_are_an_id_and_all_else_a_path() {
        assert_eq!(PlaceName::parse("42"), PlaceName::Id(42));
        assert_eq!(
            PlaceName::parse("99999999999999999999"),
            PlaceName::Id(i64::MAX)
        );
        for path in ["team/app", "4a", "", "-5", "+5", "4.2", "٣"] {
            assert_eq!(PlaceName::parse(path), PlaceName::Path(path.to_owned()));
        }
    }

    #[test]
    fn profiles_are_checked_whole() {
        let profile = |name: &str, path: &str, description: &str| Profile {
            name: name.to_owned(),
            path: path.to_owned(),
            description: Some(description.to_owned()),
            visibility: Visibility::Private,
        };
        assert!(profile("App ✓", "app", "line\nline").checked().is_ok());
        let refused = profile("", "a b", "bell\u{7}").checked().unwrap_err();
        let fields: Vec<_> = refused.problems.iter().map(|p| p.field).collect();
        assert_eq!(fields, ["name", "path", "description"]);
        assert!(profile("a", "a", &"x".repeat(2_001)).checked().is_err());
    }
}
