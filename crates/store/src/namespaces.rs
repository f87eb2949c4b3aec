//! Namespaces, of groups and of people: their names, and what lies beneath.

use jiff::Timestamp;
use sqlx::FromRow;
use tokenry_domain::{
    GroupId, Namespace, NamespaceId, NamespaceKind, Place, User, UserId, Visibility,
    namespace::Title, place::Profile,
};

use crate::{Conn, StoreError, dialect::on_engine};

/// The columns of a row, in every statement that reads one.
macro_rules! columns {
    () => {
        "id, kind, name, path, full_name, full_path, parent_id, owner_id"
    };
}

/// A row as it lies in the table.
#[derive(Debug, FromRow)]
pub(crate) struct NamespaceRow {
    pub(crate) id: i64,
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) path: String,
    pub(crate) full_name: String,
    pub(crate) full_path: String,
    pub(crate) parent_id: Option<i64>,
    pub(crate) owner_id: Option<i64>,
}

impl TryFrom<NamespaceRow> for Namespace {
    type Error = StoreError;

    fn try_from(row: NamespaceRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: NamespaceId::from_row(row.id),
            kind: NamespaceKind::from_name(&row.kind).ok_or(StoreError::Corrupt("namespace"))?,
            name: row.name,
            path: row.path,
            full_name: row.full_name,
            full_path: row.full_path,
            parent: row.parent_id.map(GroupId::from_row),
            owner: row.owner_id.map(UserId::from_row),
        })
    }
}

/// What searches look into.
pub(crate) fn folded(name: &str, path: &str) -> String {
    format!("{name}\n{path}").to_lowercase()
}

/// The namespace with this id.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn by_id(conn: &mut Conn, id: NamespaceId) -> Result<Option<Namespace>, StoreError> {
    const SELECT: &str = concat!("SELECT ", columns!(), " FROM namespaces WHERE id = $1");
    let row = on_engine!(conn, c => sqlx::query_as::<Db, NamespaceRow>(SELECT)
        .bind(id.get()).fetch_optional(c).await)?;
    row.map(Namespace::try_from).transpose()
}

/// A person's own namespace; bots have none.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn of_user(conn: &mut Conn, owner: UserId) -> Result<Option<Namespace>, StoreError> {
    const SELECT: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM namespaces WHERE owner_id = $1"
    );
    let row = on_engine!(conn, c => sqlx::query_as::<Db, NamespaceRow>(SELECT)
        .bind(owner.get()).fetch_optional(c).await)?;
    row.map(Namespace::try_from).transpose()
}

/// Adds a person's own namespace.
///
/// # Errors
/// [`StoreError::Duplicate`] if a group is called so.
pub async fn insert_of_user(
    conn: &mut Conn,
    user: &User,
    now: Timestamp,
) -> Result<NamespaceId, StoreError> {
    let title = Title::from(user);
    let profile = Profile {
        name: title.name,
        path: title.path,
        description: None,
        visibility: Visibility::Private,
    };
    insert(
        conn,
        NamespaceKind::User,
        Above::Owner(user.id),
        &profile,
        now,
    )
    .await
}

/// What stands above a new namespace.
pub(crate) enum Above<'n> {
    /// Nothing.
    Nothing,
    /// The person it belongs to.
    Owner(UserId),
    /// The namespace of the group that it lies in.
    Parent(&'n Namespace),
}

/// Adds a namespace and says what it lies in.
pub(crate) async fn insert(
    conn: &mut Conn,
    kind: NamespaceKind,
    above: Above<'_>,
    profile: &Profile,
    now: Timestamp,
) -> Result<NamespaceId, StoreError> {
    const INSERT: &str = "INSERT INTO namespaces (kind, parent_id, owner_id, name, path, full_name, \
         full_path, folded, description, visibility, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11) RETURNING id";
    let (parent, owner) = match above {
        Above::Nothing => (None, None),
        Above::Owner(user) => (None, Some(user)),
        Above::Parent(parent) => (Some(parent), None),
    };
    let beneath = |above: Option<&String>, between: &str, own: &str| match above {
        Some(above) => format!("{above}{between}{own}"),
        None => own.to_owned(),
    };
    let full_path = beneath(parent.map(|group| &group.full_path), "/", &profile.path);
    refuse_if_project(conn, &full_path).await?;
    let full_name = beneath(parent.map(|group| &group.full_name), " / ", &profile.name);
    let id = on_engine!(conn, c => sqlx::query_scalar::<Db, i64>(INSERT)
        .bind(kind.name())
        .bind(parent.map(|group| group.id.get()))
        .bind(owner.map(UserId::get))
        .bind(&profile.name)
        .bind(&profile.path)
        .bind(full_name)
        .bind(full_path)
        .bind(folded(&profile.name, &profile.path))
        .bind(&profile.description)
        .bind(profile.visibility.name())
        .bind(now.as_microsecond())
        .fetch_one(c).await)?;
    lies_in(conn, id, parent.map(|group| group.id.get())).await?;
    Ok(NamespaceId::from_row(id))
}

/// Says that a new namespace lies in itself, in its parent, and in all that
/// its parent lies in.
async fn lies_in(conn: &mut Conn, id: i64, parent: Option<i64>) -> Result<(), StoreError> {
    const INSERT: &str = "INSERT INTO ancestry (namespace_id, ancestor_id) \
         SELECT CAST($1 AS BIGINT), CAST($1 AS BIGINT) UNION ALL \
         SELECT $1, ancestor_id FROM ancestry WHERE namespace_id = $2";
    on_engine!(conn, c => sqlx::query::<Db>(INSERT)
        .bind(id).bind(parent).execute(c).await.map(drop)?);
    Ok(())
}

/// Calls a namespace otherwise, and with it all that lies beneath; answers
/// whether it is there.
///
/// # Errors
/// [`StoreError::Duplicate`] if something else is called so.
pub async fn rename(
    conn: &mut Conn,
    id: NamespaceId,
    title: &Title,
    now: Timestamp,
) -> Result<bool, StoreError> {
    const OWN: &str = "UPDATE namespaces SET name = $2, path = $3, folded = $4, updated_at = $5 \
         WHERE id = $1";
    let Some(before) = by_id(conn, id).await? else {
        return Ok(false);
    };
    on_engine!(conn, c => sqlx::query::<Db>(OWN)
        .bind(id.get())
        .bind(&title.name)
        .bind(&title.path)
        .bind(folded(&title.name, &title.path))
        .bind(now.as_microsecond())
        .execute(c).await.map(drop)?);
    let full_name = replaced_end(&before.full_name, &before.name, &title.name);
    let full_path = replaced_end(&before.full_path, &before.path, &title.path);
    if !full_path.eq_ignore_ascii_case(&before.full_path) {
        refuse_if_project(conn, &full_path).await?;
    }
    if (&full_name, &full_path) != (&before.full_name, &before.full_path) {
        rename_beneath(conn, &before, &full_name, &full_path).await?;
    }
    Ok(true)
}

fn replaced_end(whole: &str, end: &str, new_end: &str) -> String {
    let start = whole.strip_suffix(end).unwrap_or_default();
    format!("{start}{new_end}")
}

/// Puts new beginnings to the full names and paths of a namespace and of all
/// that lies beneath.
async fn rename_beneath(
    conn: &mut Conn,
    before: &Namespace,
    full_name: &str,
    full_path: &str,
) -> Result<(), StoreError> {
    const NAMESPACES: &str = "UPDATE namespaces SET \
         full_name = $2 || substr(full_name, CAST($3 AS INTEGER)), \
         full_path = $4 || substr(full_path, CAST($5 AS INTEGER)) \
         WHERE id IN (SELECT namespace_id FROM ancestry WHERE ancestor_id = $1)";
    const PROJECTS: &str = "UPDATE projects SET \
         full_path = $2 || substr(full_path, CAST($3 AS INTEGER)) \
         WHERE namespace_id IN (SELECT namespace_id FROM ancestry WHERE ancestor_id = $1)";
    on_engine!(conn, c => sqlx::query::<Db>(NAMESPACES)
        .bind(before.id.get())
        .bind(full_name)
        .bind(after(&before.full_name))
        .bind(full_path)
        .bind(after(&before.full_path))
        .execute(c).await.map(drop)?);
    on_engine!(conn, c => sqlx::query::<Db>(PROJECTS)
        .bind(before.id.get())
        .bind(full_path)
        .bind(after(&before.full_path))
        .execute(c).await.map(drop)?);
    Ok(())
}

/// The place of the first letter after a beginning, as `substr` counts.
fn after(beginning: &str) -> i64 {
    i64::try_from(beginning.chars().count()).map_or(i64::MAX, |letters| letters + 1)
}

/// Groups and projects share their paths, but not a table with one index.
/// Whoever adds or renames one holds the tree, so this can't change meanwhile.
async fn refuse_if_project(conn: &mut Conn, full_path: &str) -> Result<(), StoreError> {
    const SELECT: &str = "SELECT 1 FROM projects WHERE lower(full_path) = $1";
    let taken = on_engine!(conn, c => sqlx::query::<Db>(SELECT)
        .bind(full_path.to_ascii_lowercase()).fetch_optional(c).await?.is_some());
    if taken {
        return Err(StoreError::Duplicate("projects_full_path"));
    }
    Ok(())
}

/// Holds a namespace, all above and all beneath it until the transaction ends:
/// of two changes in one tree, the second sees what the first did. Answers
/// whether it is there.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn hold(conn: &mut Conn, id: NamespaceId) -> Result<bool, StoreError> {
    // An update is the lock that both engines know. What is held is the top.
    const UPDATE: &str = "UPDATE namespaces SET updated_at = updated_at WHERE parent_id IS NULL \
         AND id IN (SELECT ancestor_id FROM ancestry WHERE namespace_id = $1)";
    let rows = on_engine!(conn, c => sqlx::query::<Db>(UPDATE)
        .bind(id.get()).execute(c).await?.rows_affected());
    Ok(rows == 1)
}

/// Removes a namespace that nothing lies in; answers whether it was there.
///
/// # Errors
/// [`StoreError`] of the engine, also if something lies in it.
pub async fn delete(conn: &mut Conn, id: NamespaceId) -> Result<bool, StoreError> {
    let rows = on_engine!(conn, c => sqlx::query::<Db>("DELETE FROM namespaces WHERE id = $1")
        .bind(id.get()).execute(c).await?.rows_affected());
    Ok(rows == 1)
}

/// Whether a place lies in a group, or is it.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn holds(conn: &mut Conn, group: GroupId, place: Place) -> Result<bool, StoreError> {
    const SELECT: &str = "SELECT 1 FROM ancestry WHERE ancestor_id = $1 AND namespace_id = \
         CASE $2 WHEN 'group' THEN $3 ELSE (SELECT namespace_id FROM projects WHERE id = $3) END";
    let (sort, id) = place.parts();
    Ok(on_engine!(conn, c => sqlx::query::<Db>(SELECT)
        .bind(group.get()).bind(sort).bind(id).fetch_optional(c).await?.is_some()))
}
