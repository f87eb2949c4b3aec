//! Groups, one at a time.

use jiff::Timestamp;
use sqlx::FromRow;
use tokenry_domain::{
    Group, GroupId, Namespace, NamespaceId, NamespaceKind, Visibility, namespace::Title,
    place::Profile,
};

use crate::{
    Conn, StoreError,
    dialect::on_engine,
    namespaces::{self, Above},
    sql::text,
    tokens::time,
};

/// The columns of a row, in every statement that reads one.
macro_rules! columns {
    () => {
        "id, parent_id, name, path, full_name, full_path, description, visibility, created_at, \
         updated_at"
    };
}
pub(crate) use columns;

/// A row as it lies in the table.
#[derive(Debug, FromRow)]
pub(crate) struct GroupRow {
    id: i64,
    parent_id: Option<i64>,
    name: String,
    path: String,
    full_name: String,
    full_path: String,
    description: Option<String>,
    visibility: String,
    created_at: i64,
    updated_at: i64,
}

impl TryFrom<GroupRow> for Group {
    type Error = StoreError;

    fn try_from(row: GroupRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: GroupId::from_row(row.id),
            parent: row.parent_id.map(GroupId::from_row),
            name: row.name,
            path: row.path,
            full_name: row.full_name,
            full_path: row.full_path,
            description: row.description,
            visibility: visibility(&row.visibility)?,
            created_at: time(row.created_at)?,
            updated_at: time(row.updated_at)?,
        })
    }
}

/// A visibility as the database keeps it.
pub(crate) fn visibility(name: &str) -> Result<Visibility, StoreError> {
    Visibility::from_name(name).ok_or(StoreError::Corrupt("visibility"))
}

/// Adds a group, at the top or in another group, whose tree is held.
///
/// # Errors
/// [`StoreError::Duplicate`] if the full path is taken.
pub async fn insert(
    conn: &mut Conn,
    parent: Option<&Namespace>,
    profile: &Profile,
    now: Timestamp,
) -> Result<Group, StoreError> {
    let above = parent.map_or(Above::Nothing, Above::Parent);
    let id = namespaces::insert(conn, NamespaceKind::Group, above, profile, now).await?;
    let group = by_id(conn, id.group()).await?;
    group.ok_or(StoreError::Corrupt("group"))
}

/// Replaces a group's profile, in a tree that is held.
///
/// # Errors
/// [`StoreError::Duplicate`] if the full path is taken.
pub async fn update(
    conn: &mut Conn,
    id: GroupId,
    profile: &Profile,
    now: Timestamp,
) -> Result<Option<Group>, StoreError> {
    const UPDATE: &str = "UPDATE namespaces SET description = $2, visibility = $3 WHERE id = $1";
    let title = Title {
        name: profile.name.clone(),
        path: profile.path.clone(),
    };
    namespaces::rename(conn, id.namespace(), &title, now).await?;
    on_engine!(conn, c => sqlx::query::<Db>(UPDATE)
        .bind(id.get())
        .bind(&profile.description)
        .bind(profile.visibility.name())
        .execute(c).await.map(drop)?);
    by_id(conn, id).await
}

/// The group with this id.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn by_id(conn: &mut Conn, id: GroupId) -> Result<Option<Group>, StoreError> {
    const SELECT: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM namespaces WHERE id = $1 AND kind = 'group'"
    );
    let row = on_engine!(conn, c => sqlx::query_as::<Db, GroupRow>(SELECT)
        .bind(id.get()).fetch_optional(c).await)?;
    row.map(Group::try_from).transpose()
}

/// The group with this full path, whatever the case.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn by_path(conn: &mut Conn, full_path: &str) -> Result<Option<Group>, StoreError> {
    const SELECT: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM namespaces WHERE lower(full_path) = $1 AND kind = 'group'"
    );
    let row = on_engine!(conn, c => sqlx::query_as::<Db, GroupRow>(SELECT)
        .bind(text(&full_path.to_ascii_lowercase())).fetch_optional(c).await)?;
    row.map(Group::try_from).transpose()
}

/// The groups that a namespace is or lies in, the nearest first; none for a
/// person's own.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn around(conn: &mut Conn, id: NamespaceId) -> Result<Vec<GroupId>, StoreError> {
    // A longer path is never above a shorter one.
    const SELECT: &str = "SELECT id FROM ancestry JOIN namespaces ON namespaces.id = ancestor_id \
         WHERE namespace_id = $1 AND kind = 'group' ORDER BY length(full_path) DESC";
    let ids = on_engine!(conn, c => sqlx::query_scalar::<Db, i64>(SELECT)
        .bind(id.get()).fetch_all(c).await)?;
    Ok(ids.into_iter().map(GroupId::from_row).collect())
}

/// Whether something in this group, or beneath it, may be seen by more people
/// than this.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn holds_more_visible(
    conn: &mut Conn,
    id: GroupId,
    visibility: Visibility,
) -> Result<bool, StoreError> {
    const SELECT: &str = "SELECT 1 FROM ancestry JOIN namespaces ON namespaces.id = ancestry.namespace_id \
         WHERE ancestor_id = $1 AND namespaces.id <> $1 AND visibility IN ($2, $3) \
         UNION ALL \
         SELECT 1 FROM ancestry JOIN projects ON projects.namespace_id = ancestry.namespace_id \
         WHERE ancestor_id = $1 AND visibility IN ($2, $3) LIMIT 1";
    let (first, second) = match visibility {
        Visibility::Public => return Ok(false),
        Visibility::Internal => (Visibility::Public, Visibility::Public),
        Visibility::Private => (Visibility::Internal, Visibility::Public),
    };
    Ok(on_engine!(conn, c => sqlx::query::<Db>(SELECT)
        .bind(id.get())
        .bind(first.name())
        .bind(second.name())
        .fetch_optional(c).await?.is_some()))
}
