//! Projects on the wire (spec/rest.md section 4.4).
//!
//! A project here has no repository. What clients read of one is there all the
//! same.

use serde::Serialize;
use tokenry_domain::{AccessLevel, GroupId, Levels, Namespace, NamespaceKind, Project, UserId};
use utoipa::ToSchema;

use super::{group, time::Moment};

/// A project.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Project)]
pub(crate) struct ProjectBody<'p> {
    /// The project's id.
    id: i64,
    /// What is said of it.
    description: Option<&'p str>,
    /// The name people read.
    name: &'p str,
    /// The name of its namespace and its own, joined by ` / `.
    name_with_namespace: String,
    /// The last part of the full path.
    path: &'p str,
    /// The full path.
    path_with_namespace: &'p str,
    /// When it was created.
    #[schema(value_type = String, format = DateTime)]
    created_at: Moment,
    /// Always null.
    default_branch: Option<&'static str>,
    /// Always empty.
    #[schema(value_type = Vec<String>)]
    topics: [&'static str; 0],
    /// Where a repository would be.
    ssh_url_to_repo: String,
    /// Where a repository would be.
    http_url_to_repo: String,
    /// Where clients say the project's page is.
    web_url: String,
    /// Always null.
    avatar_url: Option<&'static str>,
    /// When it was edited last.
    #[schema(value_type = String, format = DateTime)]
    last_activity_at: Moment,
    /// Where it lies.
    namespace: NamespaceBody<'p>,
    /// Whether it is kept for the record only.
    archived: bool,
    /// `private`, `internal` or `public`.
    visibility: &'static str,
    /// Who created it.
    creator_id: Option<i64>,
    /// The roles the caller was given; absent where it was just changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    permissions: Option<Permissions>,
}

/// Where a project lies.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Namespace)]
pub(crate) struct NamespaceBody<'n> {
    /// The namespace's id; a group's is the same.
    id: i64,
    /// The name people read.
    name: &'n str,
    /// The last part of the full path.
    path: &'n str,
    /// `group` or `user`.
    kind: &'static str,
    /// The full path.
    full_path: &'n str,
    /// The group it lies in.
    parent_id: Option<i64>,
    /// Always null.
    avatar_url: Option<&'static str>,
    /// Where clients say the group's or person's page is.
    web_url: String,
}

/// The roles the caller was given.
#[derive(Debug, Serialize, ToSchema)]
struct Permissions {
    /// In the project itself.
    project_access: Option<Role>,
    /// In the groups that it lies in.
    group_access: Option<Role>,
}

/// A role.
#[derive(Debug, Serialize, ToSchema)]
struct Role {
    /// 10, 15, 20, 25, 30, 40 or 50.
    access_level: i64,
    /// Always 3.
    notification_level: u8,
}

impl Role {
    const fn of(level: AccessLevel) -> Self {
        Self {
            access_level: level.number(),
            notification_level: 3,
        }
    }
}

impl<'p> ProjectBody<'p> {
    pub(crate) fn of(project: &'p Project, base: &str) -> Self {
        let web_url = format!("{base}/{}", project.full_path);
        Self {
            id: project.id.get(),
            description: project.description.as_deref(),
            name: &project.name,
            name_with_namespace: project.full_name(),
            path: &project.path,
            path_with_namespace: &project.full_path,
            created_at: Moment(project.created_at),
            default_branch: None,
            topics: [],
            ssh_url_to_repo: format!("git@{}:{}.git", host(base), project.full_path),
            http_url_to_repo: format!("{web_url}.git"),
            web_url,
            avatar_url: None,
            last_activity_at: Moment(project.updated_at),
            namespace: NamespaceBody::of(&project.namespace, base),
            archived: project.archived,
            visibility: project.visibility.name(),
            creator_id: project.creator.map(UserId::get),
            permissions: None,
        }
    }

    /// With the roles that the caller was given.
    pub(crate) fn with(self, given: Levels) -> Self {
        Self {
            permissions: Some(Permissions {
                project_access: given.own.map(Role::of),
                group_access: given.inherited.map(Role::of),
            }),
            ..self
        }
    }
}

impl<'n> NamespaceBody<'n> {
    pub(crate) fn of(namespace: &'n Namespace, base: &str) -> Self {
        let web_url = match namespace.kind {
            NamespaceKind::Group => group::web_url(base, &namespace.full_path),
            NamespaceKind::User => format!("{base}/{}", namespace.full_path),
        };
        Self {
            id: namespace.id.get(),
            name: &namespace.name,
            path: &namespace.path,
            kind: namespace.kind.name(),
            full_path: &namespace.full_path,
            parent_id: namespace.parent.map(GroupId::get),
            avatar_url: None,
            web_url,
        }
    }
}

/// The host's name alone: the address without scheme, path and port.
fn host(base: &str) -> &str {
    let rest = base.split_once("://").map_or(base, |(_, rest)| rest);
    let authority = rest.split('/').next().unwrap_or_default();
    match authority.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => authority,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_the_address_without_the_rest() {
        for (base, expected) in [
            ("http://tokenry.test", "tokenry.test"),
            ("https://tokenry.test:8443/sub", "tokenry.test"),
            ("http://[::1]:80", "[::1]"),
            ("http://[::1]", "[::1]"),
            ("", ""),
        ] {
            assert_eq!(host(base), expected, "{base}");
        }
    }
}
