//! Groups on the wire (spec/rest.md section 4.4).

use serde::Serialize;
use tokenry_domain::{Group, GroupId};
use utoipa::ToSchema;

use super::time::Moment;

/// Every instance is one organisation.
pub(crate) const ORGANIZATION: u8 = 1;

/// A group.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Group)]
pub(crate) struct GroupBody<'g> {
    /// The group's id, which is its namespace's as well.
    id: i64,
    /// Where clients say the group's page is.
    web_url: String,
    /// The name people read.
    name: &'g str,
    /// The last part of the full path.
    path: &'g str,
    /// What is said of it.
    description: &'g str,
    /// `private`, `internal` or `public`.
    visibility: &'static str,
    /// The names from the top to this one, joined by ` / `.
    full_name: &'g str,
    /// The paths from the top to this one, joined by `/`.
    full_path: &'g str,
    /// When it was created.
    #[schema(value_type = String, format = DateTime)]
    created_at: Moment,
    /// The group it lies in; null at the top.
    parent_id: Option<i64>,
    /// Always 1.
    organization_id: u8,
    /// Always null.
    avatar_url: Option<&'static str>,
}

impl<'g> GroupBody<'g> {
    pub(crate) fn of(group: &'g Group, base: &str) -> Self {
        Self {
            id: group.id.get(),
            web_url: web_url(base, &group.full_path),
            name: &group.name,
            path: &group.path,
            description: group.description.as_deref().unwrap_or_default(),
            visibility: group.visibility.name(),
            full_name: &group.full_name,
            full_path: &group.full_path,
            created_at: Moment(group.created_at),
            parent_id: group.parent.map(GroupId::get),
            organization_id: ORGANIZATION,
            avatar_url: None,
        }
    }
}

/// Where clients say a group's page is.
pub(crate) fn web_url(base: &str, full_path: &str) -> String {
    format!("{base}/groups/{full_path}")
}
