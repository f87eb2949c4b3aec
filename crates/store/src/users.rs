//! Users, one at a time.

use jiff::Timestamp;
use sqlx::FromRow;
use tokenry_domain::{Place, User, UserId, UserState, UserType, user::Profile};

use crate::{Conn, StoreError, dialect::on_engine, sql::text, tokens::time};

/// The columns of a row, in every statement that reads one.
macro_rules! columns {
    () => {
        "id, username, name, email, admin, external, state, created_at, user_type, home_type, \
         home_id"
    };
}
pub(crate) use columns;

/// A row as it lies in the table.
#[derive(Debug, FromRow)]
pub(crate) struct UserRow {
    id: i64,
    username: String,
    name: String,
    email: String,
    admin: bool,
    external: bool,
    state: String,
    created_at: i64,
    user_type: String,
    home_type: Option<String>,
    home_id: Option<i64>,
}

impl TryFrom<UserRow> for User {
    type Error = StoreError;

    fn try_from(row: UserRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: UserId::from_row(row.id),
            username: row.username,
            name: row.name,
            email: row.email,
            admin: row.admin,
            external: row.external,
            state: UserState::from_name(&row.state).ok_or(StoreError::Corrupt("user"))?,
            user_type: UserType::from_name(&row.user_type).ok_or(StoreError::Corrupt("user"))?,
            home: home(row.home_type.as_deref(), row.home_id)?,
            created_at: time(row.created_at)?,
        })
    }
}

fn home(sort: Option<&str>, number: Option<i64>) -> Result<Option<Place>, StoreError> {
    let (Some(sort), Some(number)) = (sort, number) else {
        return Ok(None);
    };
    let place = Place::from_parts(sort, number).ok_or(StoreError::Corrupt("user"))?;
    Ok(Some(place))
}

/// What user searches look into.
fn folded(profile: &Profile) -> String {
    format!("{}\n{}", profile.name, profile.username).to_lowercase()
}

/// Adds a person, who may use the API at once.
///
/// # Errors
/// [`StoreError::Duplicate`] if the username or the e-mail address is taken.
pub async fn insert(
    conn: &mut Conn,
    profile: &Profile,
    password_hash: Option<&str>,
    now: Timestamp,
) -> Result<User, StoreError> {
    insert_as(conn, UserType::Human, None, profile, password_hash, now).await
}

/// Adds a bot or a service account, which belongs to `home`.
///
/// # Errors
/// [`StoreError::Duplicate`] if the username or the e-mail address is taken.
pub async fn insert_bot(
    conn: &mut Conn,
    user_type: UserType,
    home: Option<Place>,
    profile: &Profile,
    now: Timestamp,
) -> Result<User, StoreError> {
    insert_as(conn, user_type, home, profile, None, now).await
}

async fn insert_as(
    conn: &mut Conn,
    user_type: UserType,
    home: Option<Place>,
    profile: &Profile,
    password_hash: Option<&str>,
    now: Timestamp,
) -> Result<User, StoreError> {
    const INSERT: &str = concat!(
        "INSERT INTO users (username, name, email, folded, password_hash, admin, external, state, \
         created_at, user_type, home_type, home_id) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING ",
        columns!()
    );
    let home = home.map(Place::parts);
    let row = on_engine!(conn, c => sqlx::query_as::<Db, UserRow>(INSERT)
        .bind(&profile.username)
        .bind(&profile.name)
        .bind(&profile.email)
        .bind(folded(profile))
        .bind(password_hash)
        .bind(profile.admin)
        .bind(profile.external)
        .bind(UserState::Active.name())
        .bind(now.as_microsecond())
        .bind(user_type.name())
        .bind(home.map(|(sort, _)| sort))
        .bind(home.map(|(_, number)| number))
        .fetch_one(c).await)?;
    User::try_from(row)
}

/// Replaces a user's profile, and the password if one is given.
///
/// # Errors
/// [`StoreError::Duplicate`] if the username or the e-mail address is taken.
pub async fn update(
    conn: &mut Conn,
    id: UserId,
    profile: &Profile,
    password_hash: Option<&str>,
) -> Result<Option<User>, StoreError> {
    const UPDATE: &str = concat!(
        "UPDATE users SET username = $2, name = $3, email = $4, folded = $5, \
         password_hash = COALESCE($6, password_hash), admin = $7, external = $8 \
         WHERE id = $1 RETURNING ",
        columns!()
    );
    let row = on_engine!(conn, c => sqlx::query_as::<Db, UserRow>(UPDATE)
        .bind(id.get())
        .bind(&profile.username)
        .bind(&profile.name)
        .bind(&profile.email)
        .bind(folded(profile))
        .bind(password_hash)
        .bind(profile.admin)
        .bind(profile.external)
        .fetch_optional(c).await)?;
    row.map(User::try_from).transpose()
}

/// Moves a user from one state to another; answers whether the user was in
/// the first.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn change_state(
    conn: &mut Conn,
    id: UserId,
    from: UserState,
    to: UserState,
) -> Result<bool, StoreError> {
    const UPDATE: &str = "UPDATE users SET state = $3 WHERE id = $1 AND state = $2";
    let rows = on_engine!(conn, c => sqlx::query::<Db>(UPDATE)
        .bind(id.get()).bind(from.name()).bind(to.name()).execute(c).await?.rows_affected());
    Ok(rows == 1)
}

/// The user with this id.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn by_id(conn: &mut Conn, id: UserId) -> Result<Option<User>, StoreError> {
    const SELECT: &str = concat!("SELECT ", columns!(), " FROM users WHERE id = $1");
    let row = on_engine!(conn, c => sqlx::query_as::<Db, UserRow>(SELECT)
        .bind(id.get()).fetch_optional(c).await)?;
    row.map(User::try_from).transpose()
}

/// The user with this username, whatever the case of its ASCII letters: that
/// is what both engines' `lower` folds on these columns.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn by_username(conn: &mut Conn, username: &str) -> Result<Option<User>, StoreError> {
    const SELECT: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM users WHERE lower(username) = $1"
    );
    let row = on_engine!(conn, c => sqlx::query_as::<Db, UserRow>(SELECT)
        .bind(text(&username.to_ascii_lowercase())).fetch_optional(c).await)?;
    row.map(User::try_from).transpose()
}

/// The user who signs in by this username or e-mail address, whatever the case,
/// and the hash of the password, where one is set. No username has an `@` and
/// every address has one, so they are never of two users.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn by_login(
    conn: &mut Conn,
    login: &str,
) -> Result<Option<(UserId, Option<String>)>, StoreError> {
    const SELECT: &str =
        "SELECT id, password_hash FROM users WHERE lower(username) = $1 OR lower(email) = $1";
    let row = on_engine!(conn, c => sqlx::query_as::<Db, (i64, Option<String>)>(SELECT)
        .bind(text(&login.to_ascii_lowercase())).fetch_optional(c).await)?;
    Ok(row.map(|(id, hash)| (UserId::from_row(id), hash)))
}

/// Every user; for filling memory.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn all(conn: &mut Conn) -> Result<Vec<User>, StoreError> {
    const SELECT: &str = concat!("SELECT ", columns!(), " FROM users ORDER BY id");
    let rows = on_engine!(conn, c => sqlx::query_as::<Db, UserRow>(SELECT).fetch_all(c).await)?;
    rows.into_iter().map(User::try_from).collect()
}

/// Holds a user until the transaction ends: of two changes that must not pass
/// each other, the second sees what the first did. Answers whether the user is
/// there.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn hold(conn: &mut Conn, id: UserId) -> Result<bool, StoreError> {
    // An update is the lock that both engines know.
    const UPDATE: &str = "UPDATE users SET state = state WHERE id = $1";
    let rows = on_engine!(conn, c => sqlx::query::<Db>(UPDATE)
        .bind(id.get()).execute(c).await?.rows_affected());
    Ok(rows == 1)
}

/// Whether a user owns a token yet, or made something that holds tokens.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn answers_for_something(conn: &mut Conn, id: UserId) -> Result<bool, StoreError> {
    const SELECT: &str = "SELECT 1 FROM users WHERE id = $1 AND (\
         EXISTS (SELECT 1 FROM tokens WHERE owner_id = $1) \
         OR EXISTS (SELECT 1 FROM holders WHERE creator_id = $1))";
    Ok(on_engine!(conn, c => sqlx::query::<Db>(SELECT)
        .bind(id.get()).fetch_optional(c).await?.is_some()))
}

/// Removes a user, whose tokens, memberships and namespace must be gone; answers
/// whether the user was there.
///
/// # Errors
/// [`StoreError::HasBelongings`] if something is there yet, or came meanwhile.
pub async fn delete(conn: &mut Conn, id: UserId) -> Result<bool, StoreError> {
    let rows = on_engine!(conn, c => sqlx::query::<Db>("DELETE FROM users WHERE id = $1")
        .bind(id.get()).execute(c).await.map_err(StoreError::or_has_belongings)?.rows_affected());
    Ok(rows == 1)
}

/// How many users there are.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn count(conn: &mut Conn) -> Result<i64, StoreError> {
    Ok(
        on_engine!(conn, c => sqlx::query_scalar::<Db, i64>("SELECT COUNT(*) FROM users").fetch_one(c).await)?,
    )
}
