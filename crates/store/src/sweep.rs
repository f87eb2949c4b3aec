//! What goes with a namespace or a project that is removed, some rows at a
//! time, so that other writers don't wait long.
//!
//! Whatever comes to belong to places goes first here, before the place does.

use tokenry_domain::{GroupId, NamespaceId, Place, ProjectId};

use crate::{Conn, StoreError, dialect::on_engine};

/// What is to be emptied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// A namespace, with all that lies beneath.
    Namespace(NamespaceId),
    /// A project.
    Project(ProjectId),
}

impl From<Place> for Scope {
    fn from(place: Place) -> Self {
        match place {
            Place::Group(id) => Self::Namespace(id.namespace()),
            Place::Project(id) => Self::Project(id),
        }
    }
}

/// What was removed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Swept {
    /// How many memberships.
    pub members: u64,
    /// These projects.
    pub projects: Vec<ProjectId>,
    /// These groups.
    pub groups: Vec<GroupId>,
}

impl Swept {
    /// How many rows these are.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.members + (self.projects.len() + self.groups.len()) as u64
    }

    /// Adds what was removed besides.
    pub fn add(&mut self, other: Self) {
        self.members += other.members;
        self.projects.extend(other.projects);
        self.groups.extend(other.groups);
    }

    /// How many rows there is room for yet.
    fn room(&self, most: u32) -> i64 {
        let left = u64::from(most).saturating_sub(self.rows());
        i64::try_from(left).unwrap_or(0)
    }
}

/// Removes at most `most` rows of what lies in a scope, in a tree that is
/// held. Fewer mean that nothing but the namespace or project itself is left.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn some(conn: &mut Conn, scope: Scope, most: u32) -> Result<Swept, StoreError> {
    let mut swept = Swept::default();
    match scope {
        Scope::Namespace(id) => namespace(conn, id.get(), &mut swept, most).await?,
        Scope::Project(id) => {
            let place = ("project", id.get());
            swept.members += members_of(conn, place, swept.room(most)).await?;
        }
    }
    Ok(swept)
}

async fn namespace(
    conn: &mut Conn,
    id: i64,
    swept: &mut Swept,
    most: u32,
) -> Result<(), StoreError> {
    const PROJECT_MEMBERS: &str = "DELETE FROM members WHERE place_type = 'project' \
         AND (place_id, user_id) IN (SELECT place_id, user_id FROM members \
         JOIN projects ON projects.id = members.place_id \
         JOIN ancestry ON ancestry.namespace_id = projects.namespace_id \
         WHERE place_type = 'project' AND ancestor_id = $1 LIMIT $2)";
    const PROJECTS: &str = "DELETE FROM projects WHERE id IN (SELECT id FROM projects \
         JOIN ancestry ON ancestry.namespace_id = projects.namespace_id \
         WHERE ancestor_id = $1 ORDER BY id LIMIT $2) RETURNING id";
    const GROUP_MEMBERS: &str = "DELETE FROM members WHERE place_type = 'group' \
         AND (place_id, user_id) IN (SELECT place_id, user_id FROM members \
         JOIN ancestry ON ancestry.namespace_id = members.place_id \
         WHERE place_type = 'group' AND ancestor_id = $1 AND place_id <> $1 LIMIT $2)";
    // A longer path is never above a shorter one.
    const GROUPS: &str = "DELETE FROM namespaces WHERE id IN (SELECT id FROM namespaces \
         JOIN ancestry ON ancestry.namespace_id = namespaces.id \
         WHERE ancestor_id = $1 AND id <> $1 ORDER BY length(full_path) DESC, id LIMIT $2) \
         RETURNING id";
    swept.members += rows(conn, PROJECT_MEMBERS, id, swept.room(most)).await?;
    let projects = ids(conn, PROJECTS, id, swept.room(most)).await?;
    swept.projects = projects.into_iter().map(ProjectId::from_row).collect();
    swept.members += rows(conn, GROUP_MEMBERS, id, swept.room(most)).await?;
    let groups = ids(conn, GROUPS, id, swept.room(most)).await?;
    swept.groups = groups.into_iter().map(GroupId::from_row).collect();
    swept.members += members_of(conn, ("group", id), swept.room(most)).await?;
    Ok(())
}

/// Removes members of the place itself, its owners last, so that one of them
/// can ask again should this stop half-way.
async fn members_of(
    conn: &mut Conn,
    (place_type, place_id): (&str, i64),
    most: i64,
) -> Result<u64, StoreError> {
    const DELETE: &str = "DELETE FROM members WHERE place_type = $1 AND place_id = $2 \
         AND user_id IN (SELECT user_id FROM members WHERE place_type = $1 AND place_id = $2 \
         ORDER BY access_level, user_id LIMIT $3)";
    Ok(on_engine!(conn, c => sqlx::query::<Db>(DELETE)
        .bind(place_type).bind(place_id).bind(most).execute(c).await?.rows_affected()))
}

async fn rows(
    conn: &mut Conn,
    delete: &'static str,
    id: i64,
    most: i64,
) -> Result<u64, StoreError> {
    Ok(on_engine!(conn, c => sqlx::query::<Db>(delete)
        .bind(id).bind(most).execute(c).await?.rows_affected()))
}

async fn ids(
    conn: &mut Conn,
    delete: &'static str,
    id: i64,
    most: i64,
) -> Result<Vec<i64>, StoreError> {
    Ok(on_engine!(conn, c => sqlx::query_scalar::<Db, i64>(delete)
        .bind(id).bind(most).fetch_all(c).await)?)
}
