//! Namespaces: what the paths of projects begin with. Every group is one, and
//! every person has one of their own.

use crate::{
    ids::{GroupId, NamespaceId, UserId},
    invalid::{Invalid, readable},
    user::User,
};

/// Whose namespace it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NamespaceKind {
    /// A person's own.
    User,
    /// A group's.
    Group,
}

impl NamespaceKind {
    /// The word on the wire and in the database.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Group => "group",
        }
    }

    /// The kind with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::User, Self::Group]
            .into_iter()
            .find(|kind| kind.name() == name)
    }
}

/// What a project says of the namespace it lies in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Namespace {
    /// The row's id; a group's id is the same number.
    pub id: NamespaceId,
    /// Whose it is.
    pub kind: NamespaceKind,
    /// The name people read.
    pub name: String,
    /// The last part of the full path.
    pub path: String,
    /// The names from the top to this one, joined by ` / `.
    pub full_name: String,
    /// The paths from the top to this one, joined by `/`.
    pub full_path: String,
    /// The group it lies in, if it lies in one.
    pub parent: Option<GroupId>,
    /// The person it belongs to, if it is a person's.
    pub owner: Option<UserId>,
}

impl Namespace {
    /// The group that this namespace is, if it is one.
    #[must_use]
    pub fn group(&self) -> Option<GroupId> {
        (self.kind == NamespaceKind::Group).then(|| self.id.group())
    }
}

/// How a namespace is called, and with it all that lies beneath.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Title {
    /// The name people read.
    pub name: String,
    /// The last part of the full path.
    pub path: String,
}

impl From<&User> for Title {
    /// A person's namespace is called as the person.
    fn from(user: &User) -> Self {
        Self {
            name: user.name.clone(),
            path: user.username.clone(),
        }
    }
}

/// Groups lie at most so deep in one another.
pub const DEEPEST: usize = 20;

/// A path is part of URLs: letters, digits, `_`, `-` and `.`, beginning with a
/// letter, a digit or `_`, and not ending like a file.
///
/// # Errors
/// [`Invalid`] naming `field` and the rule.
pub fn check_path(field: &'static str, text: &str) -> Result<(), Invalid> {
    readable(field, text, 255)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    let lower = text.to_ascii_lowercase();
    let ends_badly = [".git", ".atom", ".", "-"]
        .iter()
        .any(|end| lower.ends_with(end));
    if !text.chars().all(plain) || text.starts_with(['-', '.']) || ends_badly {
        let rule = "can contain only letters, digits, '_', '-' and '.'. \
                    Cannot start with '-' or '.', end in '-', '.', '.git' or '.atom'.";
        return Err(Invalid::field(field, rule));
    }
    Ok(())
}

/// The path of something of which only the name is given: `My App` becomes
/// `my-app`. Empty if nothing of the name can stay.
#[must_use]
pub fn path_from_name(name: &str) -> String {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    words.join("-").to_ascii_lowercase()
}

/// Refuses a group that would lie too deep, given the full path of its parent.
///
/// # Errors
/// [`Invalid`] naming the parent.
pub fn check_depth(parent: &str) -> Result<(), Invalid> {
    if parent.split('/').count() >= DEEPEST {
        let problem = format!("is too deep (groups lie at most {DEEPEST} deep in one another)");
        return Err(Invalid::field("parent_id", problem));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_fit_for_urls() {
        for good in ["a", "A_b-c.d", "_x", "0", "git", "x.gitt"] {
            assert!(check_path("path", good).is_ok(), "{good}");
        }
        for bad in [
            "", " ", "-a", ".a", "a-", "a.", "a.git", "a.GIT", "a.atom", "a/b", "a b", "ä", "a\0",
            "..", "%2F",
        ] {
            assert!(check_path("path", bad).is_err(), "{bad:?}");
        }
        assert!(check_path("path", &"x".repeat(255)).is_ok());
        assert!(check_path("path", &"x".repeat(256)).is_err());
    }

    #[test]
    fn a_name_becomes_a_path() {
        for (name, path) in [
            ("My App", "my-app"),
            ("  A  --  b_C.d ", "a-b_c-d"),
            ("Ünal", "nal"),
            ("🦀", ""),
        ] {
            assert_eq!(path_from_name(name), path, "{name}");
        }
    }

    #[test]
    fn the_twentieth_group_is_the_deepest() {
        assert!(check_depth(&["g"; 19].join("/")).is_ok());
        assert!(check_depth(&["g"; 20].join("/")).is_err());
    }
}
