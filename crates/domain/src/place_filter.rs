//! Which groups and projects a list shows (spec/rest.md section 4.4).
//!
//! All conditions must hold.

use crate::{
    access_level::AccessLevel,
    ids::{GroupId, HolderId, NamespaceId, UserId},
    visibility::Visibility,
};

/// With whose eyes a list is seen: a user sees what they are a member of, with
/// all beneath and the groups above, and what is open to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Viewer {
    /// Who looks.
    pub user: UserId,
    /// What is so visible, or more, is seen without being a member; `None`
    /// where only memberships count.
    pub sees_from: Option<Visibility>,
}

/// What group and project lists have in common.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlaceFilter {
    /// Only what this user may see; `None` shows everything.
    pub seen_by: Option<Viewer>,
    /// Only where this user has this role or a higher one.
    pub role: Option<(UserId, AccessLevel)>,
    /// Name or path contains this, whatever the case.
    pub search: Option<String>,
    /// Only what is exactly so visible.
    pub visibility: Option<Visibility>,
}

/// A group list's conditions. The default shows every group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupFilter {
    /// As in other lists.
    pub common: PlaceFilter,
    /// Which groups of the tree.
    pub within: Within,
}

/// Where in the tree of groups a list looks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Within {
    /// Everywhere.
    #[default]
    Anywhere,
    /// At the top only.
    Top,
    /// Right in this group.
    Group(GroupId),
}

/// A project list's conditions. The default shows every project.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProjectFilter {
    /// As in other lists.
    pub common: PlaceFilter,
    /// Only archived ones, or only the others.
    pub archived: Option<bool>,
    /// Only those right in this namespace.
    pub namespace: Option<NamespaceId>,
    /// Only those in this namespace or beneath it.
    pub beneath: Option<NamespaceId>,
    /// Only the one that this holder of tokens belongs to.
    pub holder: Option<HolderId>,
}
