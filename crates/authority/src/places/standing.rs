//! How a caller stands to a project or group: what they see of it and which
//! role is theirs.

use jiff::Timestamp;
use serde_json::Value;
use tokenry_domain::{
    AccessLevel, Group, GroupId, Levels, Namespace, NamespaceId, Place, PlaceName, PlaceRef,
    Project, ProjectId, Visibility,
    audit::{group_facts, project_facts},
};
use tokenry_store::{Conn, groups, namespaces, projects, standings};

use crate::{Authority, Caller, Error, Thing};

/// A project or group, and how the caller stands to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The project or group.
    pub place: Place,
    /// The role in force: that of an owner for administrators and the
    /// console; none for whoever sees it without being a member.
    pub level: Option<AccessLevel>,
    /// The roles that were given to the caller.
    pub given: Levels,
}

impl Standing {
    /// Whether the caller has this role or a higher one.
    #[must_use]
    pub fn has(&self, level: AccessLevel) -> bool {
        self.level >= Some(level)
    }

    /// Refuses callers with a lower role than this.
    ///
    /// # Errors
    /// [`Error::RoleTooLow`].
    pub fn require(&self, level: AccessLevel) -> Result<(), Error> {
        if self.has(level) {
            Ok(())
        } else {
            Err(Error::RoleTooLow(level))
        }
    }
}

impl Authority {
    /// The project of this name, if the caller may see it.
    ///
    /// # Errors
    /// [`Error::NotFound`], or a fault of ours.
    pub async fn project(
        &self,
        caller: &Caller,
        name: &PlaceName,
    ) -> Result<(Project, Standing), Error> {
        let mut conn = self.store.read().await?;
        let project = find_project(&mut conn, name).await?;
        let standing = of_project(&mut conn, caller, &project, self.now()).await?;
        Ok((project, standing))
    }

    /// The group of this name, if the caller may see it.
    ///
    /// # Errors
    /// [`Error::NotFound`], or a fault of ours.
    pub async fn group(
        &self,
        caller: &Caller,
        name: &PlaceName,
    ) -> Result<(Group, Standing), Error> {
        let mut conn = self.store.read().await?;
        let group = find_group(&mut conn, name).await?;
        let standing = of_group(&mut conn, caller, &group, self.now()).await?;
        Ok((group, standing))
    }

    /// How the caller stands to the project or group of this name, if they may
    /// see it.
    ///
    /// # Errors
    /// [`Error::NotFound`], or a fault of ours.
    pub async fn place(&self, caller: &Caller, name: &PlaceRef) -> Result<Standing, Error> {
        match name {
            PlaceRef::Group(name) => self.group(caller, name).await.map(|(_, standing)| standing),
            PlaceRef::Project(name) => self
                .project(caller, name)
                .await
                .map(|(_, standing)| standing),
        }
    }
}

/// A project or group in full.
#[derive(Debug, Clone)]
pub(crate) enum Found {
    Group(Group),
    Project(Project),
}

impl Found {
    /// What the trail says of it.
    pub(crate) fn facts(&self) -> Value {
        match self {
            Self::Group(group) => group_facts(group),
            Self::Project(project) => project_facts(project),
        }
    }
}

/// The place of this name and how the caller stands to it, in a transaction
/// that holds its tree until it ends: what is decided on it stays true.
///
/// # Errors
/// [`Error::NotFound`], also if the caller may not see it, or a fault of ours.
pub(crate) async fn held(
    conn: &mut Conn,
    caller: &Caller,
    name: &PlaceRef,
    now: Timestamp,
) -> Result<(Found, Standing), Error> {
    match name {
        PlaceRef::Group(name) => {
            let (group, standing) = held_group(conn, caller, name, now).await?;
            Ok((Found::Group(group), standing))
        }
        PlaceRef::Project(name) => {
            let (project, standing) = held_project(conn, caller, name, now).await?;
            Ok((Found::Project(project), standing))
        }
    }
}

pub(super) async fn held_group(
    conn: &mut Conn,
    caller: &Caller,
    name: &PlaceName,
    now: Timestamp,
) -> Result<(Group, Standing), Error> {
    let id = find_group(conn, name).await?.id;
    namespaces::hold(conn, id.namespace()).await?;
    let group = find_group(conn, &id.into()).await?;
    let standing = of_group(conn, caller, &group, now).await?;
    Ok((group, standing))
}

pub(super) async fn held_project(
    conn: &mut Conn,
    caller: &Caller,
    name: &PlaceName,
    now: Timestamp,
) -> Result<(Project, Standing), Error> {
    let before = find_project(conn, name).await?;
    namespaces::hold(conn, before.namespace.id).await?;
    let project = find_project(conn, &before.id.into()).await?;
    let standing = of_project(conn, caller, &project, now).await?;
    Ok((project, standing))
}

/// The namespace of this id, in a transaction that holds its tree.
pub(super) async fn held_namespace(
    conn: &mut Conn,
    id: NamespaceId,
) -> Result<Option<Namespace>, Error> {
    namespaces::hold(conn, id).await?;
    Ok(namespaces::by_id(conn, id).await?)
}

async fn find_group(conn: &mut Conn, name: &PlaceName) -> Result<Group, Error> {
    let found = match name {
        PlaceName::Id(number) => match GroupId::new(*number) {
            Some(id) => groups::by_id(conn, id).await?,
            None => None,
        },
        PlaceName::Path(path) => groups::by_path(conn, path).await?,
    };
    found.ok_or(Error::NotFound(Thing::Group))
}

async fn find_project(conn: &mut Conn, name: &PlaceName) -> Result<Project, Error> {
    let found = match name {
        PlaceName::Id(number) => match ProjectId::new(*number) {
            Some(id) => projects::by_id(conn, id).await?,
            None => None,
        },
        PlaceName::Path(path) => projects::by_path(conn, path).await?,
    };
    found.ok_or(Error::NotFound(Thing::Project))
}

async fn of_project(
    conn: &mut Conn,
    caller: &Caller,
    project: &Project,
    now: Timestamp,
) -> Result<Standing, Error> {
    let standing = standing_in(conn, caller, project.place(), now).await?;
    if standing.level.is_some() || is_open(caller, project.visibility) {
        Ok(standing)
    } else {
        Err(Error::NotFound(Thing::Project))
    }
}

async fn of_group(
    conn: &mut Conn,
    caller: &Caller,
    group: &Group,
    now: Timestamp,
) -> Result<Standing, Error> {
    let standing = standing_in(conn, caller, group.place(), now).await?;
    if standing.level.is_some() || is_open(caller, group.visibility) {
        return Ok(standing);
    }
    // Whoever is a member of something sees the groups that it lies in.
    if let Some(user) = caller.user()
        && standings::is_member_beneath(conn, user.id, group.id, now).await?
    {
        return Ok(standing);
    }
    Err(Error::NotFound(Thing::Group))
}

/// How the caller stands to a place that is there, whether they see it or not.
pub(crate) async fn standing_in(
    conn: &mut Conn,
    caller: &Caller,
    place: Place,
    now: Timestamp,
) -> Result<Standing, Error> {
    let given = match caller.user() {
        Some(user) => standings::levels(conn, user.id, &[place], now).await?,
        None => std::collections::BTreeMap::new(),
    };
    let given = given.get(&place).copied().unwrap_or_default();
    let level = if caller.is_admin() {
        Some(AccessLevel::Owner)
    } else {
        given.highest()
    };
    Ok(Standing {
        place,
        level,
        given,
    })
}

/// Whether what is so visible is open to the caller, member or not.
fn is_open(caller: &Caller, visibility: Visibility) -> bool {
    open_from(caller) <= visibility
}

/// What is so visible, or more, is open to the caller.
pub(super) fn open_from(caller: &Caller) -> Visibility {
    match caller.user() {
        _ if caller.is_admin() => Visibility::Private,
        Some(user) if !user.external => Visibility::Internal,
        _ => Visibility::Public,
    }
}
