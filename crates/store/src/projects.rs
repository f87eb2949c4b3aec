//! Projects, one at a time.

use jiff::Timestamp;
use sqlx::FromRow;
use tokenry_domain::{Namespace, Project, ProjectId, UserId, place::Profile};

use crate::{
    Conn, StoreError,
    dialect::on_engine,
    groups::visibility,
    namespaces::{NamespaceRow, folded},
    sql::text,
    tokens::time,
};

/// What every statement that reads projects begins with.
macro_rules! select {
    () => {
        "SELECT projects.id AS id, projects.name AS name, projects.path AS path, \
         projects.full_path AS full_path, projects.folded AS folded, \
         projects.description AS description, projects.visibility AS visibility, \
         projects.archived AS archived, projects.creator_id AS creator_id, \
         projects.created_at AS created_at, projects.updated_at AS updated_at, \
         projects.namespace_id AS namespace_id, namespaces.kind AS namespace_kind, \
         namespaces.name AS namespace_name, namespaces.path AS namespace_path, \
         namespaces.full_name AS namespace_full_name, \
         namespaces.full_path AS namespace_full_path, \
         namespaces.parent_id AS namespace_parent_id, namespaces.owner_id AS namespace_owner_id \
         FROM projects JOIN namespaces ON namespaces.id = projects.namespace_id"
    };
}
pub(crate) use select;

/// A row as it is read.
#[derive(Debug, FromRow)]
pub(crate) struct ProjectRow {
    id: i64,
    name: String,
    path: String,
    full_path: String,
    description: Option<String>,
    visibility: String,
    archived: bool,
    creator_id: Option<i64>,
    created_at: i64,
    updated_at: i64,
    namespace_id: i64,
    namespace_kind: String,
    namespace_name: String,
    namespace_path: String,
    namespace_full_name: String,
    namespace_full_path: String,
    namespace_parent_id: Option<i64>,
    namespace_owner_id: Option<i64>,
}

impl TryFrom<ProjectRow> for Project {
    type Error = StoreError;

    fn try_from(row: ProjectRow) -> Result<Self, StoreError> {
        let namespace = NamespaceRow {
            id: row.namespace_id,
            kind: row.namespace_kind,
            name: row.namespace_name,
            path: row.namespace_path,
            full_name: row.namespace_full_name,
            full_path: row.namespace_full_path,
            parent_id: row.namespace_parent_id,
            owner_id: row.namespace_owner_id,
        };
        Ok(Self {
            id: ProjectId::from_row(row.id),
            namespace: namespace.try_into()?,
            name: row.name,
            path: row.path,
            full_path: row.full_path,
            description: row.description,
            visibility: visibility(&row.visibility)?,
            archived: row.archived,
            creator: row.creator_id.map(UserId::from_row),
            created_at: time(row.created_at)?,
            updated_at: time(row.updated_at)?,
        })
    }
}

/// Adds a project to a namespace whose tree is held.
///
/// # Errors
/// [`StoreError::Duplicate`] if the full path is taken.
pub async fn insert(
    conn: &mut Conn,
    namespace: &Namespace,
    profile: &Profile,
    creator: Option<UserId>,
    now: Timestamp,
) -> Result<Project, StoreError> {
    const INSERT: &str = "INSERT INTO projects (namespace_id, name, path, full_path, folded, \
         description, visibility, archived, creator_id, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, FALSE, $8, $9, $9) RETURNING id";
    let full_path = format!("{}/{}", namespace.full_path, profile.path);
    refuse_if_group(conn, &full_path).await?;
    let id = on_engine!(conn, c => sqlx::query_scalar::<Db, i64>(INSERT)
        .bind(namespace.id.get())
        .bind(&profile.name)
        .bind(&profile.path)
        .bind(full_path)
        .bind(folded(&profile.name, &profile.path))
        .bind(&profile.description)
        .bind(profile.visibility.name())
        .bind(creator.map(UserId::get))
        .bind(now.as_microsecond())
        .fetch_one(c).await)?;
    let project = by_id(conn, ProjectId::from_row(id)).await?;
    project.ok_or(StoreError::Corrupt("project"))
}

/// Replaces a project's profile and whether it is archived, in a tree that is
/// held.
///
/// # Errors
/// [`StoreError::Duplicate`] if the full path is taken.
pub async fn update(
    conn: &mut Conn,
    before: &Project,
    profile: &Profile,
    archived: bool,
    now: Timestamp,
) -> Result<Option<Project>, StoreError> {
    const UPDATE: &str = "UPDATE projects SET name = $2, path = $3, full_path = $4, folded = $5, \
         description = $6, visibility = $7, archived = $8, updated_at = $9 WHERE id = $1";
    let full_path = format!("{}/{}", before.namespace.full_path, profile.path);
    refuse_if_group(conn, &full_path).await?;
    on_engine!(conn, c => sqlx::query::<Db>(UPDATE)
        .bind(before.id.get())
        .bind(&profile.name)
        .bind(&profile.path)
        .bind(full_path)
        .bind(folded(&profile.name, &profile.path))
        .bind(&profile.description)
        .bind(profile.visibility.name())
        .bind(archived)
        .bind(now.as_microsecond())
        .execute(c).await.map(drop)?);
    by_id(conn, before.id).await
}

/// As with groups: their paths are shared, the tree is held.
async fn refuse_if_group(conn: &mut Conn, full_path: &str) -> Result<(), StoreError> {
    const SELECT: &str = "SELECT 1 FROM namespaces WHERE lower(full_path) = $1";
    let taken = on_engine!(conn, c => sqlx::query::<Db>(SELECT)
        .bind(full_path.to_ascii_lowercase()).fetch_optional(c).await?.is_some());
    if taken {
        return Err(StoreError::Duplicate("namespaces_full_path"));
    }
    Ok(())
}

/// The project with this id.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn by_id(conn: &mut Conn, id: ProjectId) -> Result<Option<Project>, StoreError> {
    const SELECT: &str = concat!(select!(), " WHERE projects.id = $1");
    let row = on_engine!(conn, c => sqlx::query_as::<Db, ProjectRow>(SELECT)
        .bind(id.get()).fetch_optional(c).await)?;
    row.map(Project::try_from).transpose()
}

/// The project with this full path, whatever the case.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn by_path(conn: &mut Conn, full_path: &str) -> Result<Option<Project>, StoreError> {
    const SELECT: &str = concat!(select!(), " WHERE lower(projects.full_path) = $1");
    let row = on_engine!(conn, c => sqlx::query_as::<Db, ProjectRow>(SELECT)
        .bind(text(&full_path.to_ascii_lowercase())).fetch_optional(c).await)?;
    row.map(Project::try_from).transpose()
}

/// Removes a project, whose members must be gone; answers whether it was there.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn delete(conn: &mut Conn, id: ProjectId) -> Result<bool, StoreError> {
    let rows = on_engine!(conn, c => sqlx::query::<Db>("DELETE FROM projects WHERE id = $1")
        .bind(id.get()).execute(c).await?.rows_affected());
    Ok(rows == 1)
}
