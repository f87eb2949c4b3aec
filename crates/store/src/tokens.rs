//! The ledger's rows, one at a time.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sqlx::FromRow;
use tokenry_domain::{
    HolderId, Kind, Scopes, Subject, Token, TokenId, UserId,
    token::{Draft, LastUse, Life},
};
use tokenry_token::{Digest, Hint, KeyId};

use crate::{
    Conn, StoreError,
    dialect::on_engine,
    list::fetch,
    sealed_copies,
    sql::{Sql, bound},
};

/// The columns of a row, in every statement that reads one.
macro_rules! columns {
    () => {
        "id, kind, owner_id, subject_type, subject_id, name, description, scopes, digest, key_id, hint, created_at, \
         expires_at, revoked_at, last_used_at, last_used_ips, rotated_from, family_id"
    };
}
pub(crate) use columns;

/// A row as it lies in the table.
#[derive(Debug, FromRow)]
pub(crate) struct TokenRow {
    id: i64,
    kind: String,
    owner_id: i64,
    subject_type: Option<String>,
    subject_id: Option<i64>,
    name: String,
    description: Option<String>,
    scopes: String,
    digest: Vec<u8>,
    key_id: i64,
    hint: String,
    created_at: i64,
    expires_at: Option<i64>,
    revoked_at: Option<i64>,
    last_used_at: Option<i64>,
    last_used_ips: Option<String>,
    rotated_from: Option<i64>,
    family_id: Option<i64>,
}

impl TryFrom<TokenRow> for Token {
    type Error = StoreError;

    fn try_from(row: TokenRow) -> Result<Self, StoreError> {
        let corrupt = StoreError::Corrupt("token");
        Ok(Self {
            id: TokenId::from_row(row.id),
            kind: Kind::from_name(&row.kind).ok_or_else(|| corrupt.clone())?,
            owner: UserId::from_row(row.owner_id),
            subject: subject(row.subject_type.as_deref(), row.subject_id)?,
            name: row.name,
            description: row.description,
            scopes: Scopes::from_names(row.scopes.split_whitespace())
                .map_err(|_| corrupt.clone())?,
            life: Life {
                created_at: time(row.created_at)?,
                expires_at: row.expires_at.map(time).transpose()?,
                revoked_at: row.revoked_at.map(time).transpose()?,
            },
            last_use: LastUse {
                at: row.last_used_at.map(time).transpose()?,
                addresses: addresses(row.last_used_ips.as_deref()),
            },
            hint: Hint::from_stored(row.hint),
            digest: Digest::try_from(row.digest.as_slice()).map_err(|_| corrupt.clone())?,
            key: KeyId::new(u32::try_from(row.key_id).map_err(|_| corrupt)?),
            rotated_from: row.rotated_from.map(TokenId::from_row),
            family: row.family_id.map(TokenId::from_row),
        })
    }
}

/// A time as the database keeps it: microseconds since 1970 UTC.
pub(crate) fn time(micros: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_microsecond(micros).map_err(|_| StoreError::Corrupt("time"))
}

fn subject(sort: Option<&str>, id: Option<i64>) -> Result<Option<Subject>, StoreError> {
    let corrupt = StoreError::Corrupt("token");
    sort.zip(id)
        .map(|(sort, id)| Subject::from_parts(sort, id).ok_or(corrupt))
        .transpose()
}

fn addresses(joined: Option<&str>) -> Vec<std::net::IpAddr> {
    joined
        .into_iter()
        .flat_map(|text| text.split(','))
        .filter_map(|text| text.parse().ok())
        .collect()
}

/// What a row needs besides the draft: how its text is found and told apart.
#[derive(Debug, Clone)]
pub struct Mark {
    /// What the text is found by.
    pub digest: Digest,
    /// The key the digest was made with.
    pub key: KeyId,
    /// What tells it from others by eye.
    pub hint: Hint,
}

/// Adds a token to the ledger.
///
/// # Errors
/// [`StoreError::Duplicate`] if the same text was issued before,
/// [`StoreError::NoOwner`] if the owner was removed.
pub async fn insert(
    conn: &mut Conn,
    draft: &Draft,
    mark: Mark,
    now: Timestamp,
) -> Result<Token, StoreError> {
    const INSERT: &str = "INSERT INTO tokens (kind, owner_id, name, folded, description, scopes, \
         digest, key_id, hint, created_at, expires_at, rotated_from, family_id, subject_type, \
         subject_id) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) RETURNING id";
    let id: i64 = on_engine!(conn, c => sqlx::query_scalar::<Db, i64>(INSERT)
        .bind(draft.kind.name())
        .bind(draft.owner.get())
        .bind(&draft.name)
        .bind(folded(&draft.name))
        .bind(&draft.description)
        .bind(draft.scopes.to_string())
        .bind(mark.digest.as_bytes().as_slice())
        .bind(i64::from(mark.key.get()))
        .bind(mark.hint.as_str())
        .bind(now.as_microsecond())
        .bind(draft.expires_at.map(Timestamp::as_microsecond))
        .bind(draft.rotated_from.map(TokenId::get))
        .bind(draft.family.map(TokenId::get))
        .bind(draft.subject.map(|subject| subject.parts().0))
        .bind(draft.subject.map(|subject| subject.parts().1))
        .fetch_one(c).await)
    .map_err(StoreError::or_no_owner)?;
    Ok(issued(TokenId::from_row(id), draft, mark, now))
}

/// The row that [`insert`] wrote, without reading it again.
fn issued(id: TokenId, draft: &Draft, mark: Mark, now: Timestamp) -> Token {
    let created_at = Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now);
    Token {
        id,
        kind: draft.kind,
        owner: draft.owner,
        subject: draft.subject,
        name: draft.name.clone(),
        description: draft.description.clone(),
        scopes: draft.scopes,
        life: Life {
            created_at,
            expires_at: draft.expires_at,
            revoked_at: None,
        },
        last_use: LastUse::default(),
        hint: mark.hint,
        digest: mark.digest,
        key: mark.key,
        rotated_from: draft.rotated_from,
        family: draft.family,
    }
}

/// The token with this id.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn by_id(conn: &mut Conn, id: TokenId) -> Result<Option<Token>, StoreError> {
    const SELECT: &str = concat!("SELECT ", columns!(), " FROM tokens WHERE id = $1");
    let row = on_engine!(conn, c => sqlx::query_as::<Db, TokenRow>(SELECT)
        .bind(id.get()).fetch_optional(c).await)?;
    row.map(Token::try_from).transpose()
}

/// The token whose text has this digest.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn by_digest(conn: &mut Conn, digest: Digest) -> Result<Option<Token>, StoreError> {
    const SELECT: &str = concat!("SELECT ", columns!(), " FROM tokens WHERE digest = $1");
    let row = on_engine!(conn, c => sqlx::query_as::<Db, TokenRow>(SELECT)
        .bind(digest.as_bytes().as_slice()).fetch_optional(c).await)?;
    row.map(Token::try_from).transpose()
}

/// Those of these tokens that are there.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn with_ids(
    conn: &mut Conn,
    ids: impl IntoIterator<Item = TokenId>,
) -> Result<Vec<Token>, StoreError> {
    let mut sql = Sql::default();
    sql.push(concat!("SELECT ", columns!(), " FROM tokens WHERE id"))
        .among(ids.into_iter().map(TokenId::get));
    fetch::<TokenRow, Token>(conn, sql).await
}

/// The tokens whose texts have these digests.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn with_digests(
    conn: &mut Conn,
    digests: impl IntoIterator<Item = Digest>,
) -> Result<Vec<Token>, StoreError> {
    let mut sql = Sql::default();
    sql.push(concat!("SELECT ", columns!(), " FROM tokens WHERE digest"))
        .among_digests(digests);
    fetch::<TokenRow, Token>(conn, sql).await
}

/// Every token of a family that isn't revoked, given the family's first.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn unrevoked_family(conn: &mut Conn, head: TokenId) -> Result<Vec<Token>, StoreError> {
    const SELECT: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM tokens WHERE (id = $1 OR family_id = $1) AND revoked_at IS NULL ORDER BY id"
    );
    let rows = on_engine!(conn, c => sqlx::query_as::<Db, TokenRow>(SELECT)
        .bind(head.get()).fetch_all(c).await)?;
    rows.into_iter().map(Token::try_from).collect()
}

/// When each of these holders used one of its tokens last. One that never did
/// has no entry.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn last_uses(
    conn: &mut Conn,
    holders: impl IntoIterator<Item = HolderId>,
) -> Result<BTreeMap<HolderId, Timestamp>, StoreError> {
    let mut sql = Sql::default();
    sql.push(
        "SELECT subject_id, MAX(last_used_at) FROM tokens WHERE subject_type = 'holder' \
         AND last_used_at IS NOT NULL AND subject_id",
    )
    .among(holders.into_iter().map(HolderId::get))
    .push(" GROUP BY subject_id");
    let (text, values) = sql.finish();
    let rows: Vec<(i64, i64)> = on_engine!(conn, c => {
        let query = sqlx::query_as::<Db, (i64, i64)>(sqlx::AssertSqlSafe(text));
        bound!(query, values).fetch_all(c).await
    })?;
    rows.into_iter()
        .map(|(id, at)| Ok((HolderId::from_row(id), time(at)?)))
        .collect()
}

/// Revokes a token, unless that was done before; answers whether it did. The
/// text of a dead token is never shown again, so its sealed copy goes.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn revoke(conn: &mut Conn, id: TokenId, now: Timestamp) -> Result<bool, StoreError> {
    const UPDATE: &str = "UPDATE tokens SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL \
         RETURNING kind";
    let kind = on_engine!(conn, c => sqlx::query_scalar::<Db, String>(UPDATE)
        .bind(id.get()).bind(now.as_microsecond()).fetch_optional(c).await)?;
    let kind = kind.as_deref().map(Kind::from_name);
    if let Some(Some(kind)) = kind
        && kind.descriptor().shown_again
    {
        sealed_copies::remove(conn, id).await?;
    }
    Ok(kind.is_some())
}

/// Holds a token's row until the transaction ends; answers whether it was there.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn hold(conn: &mut Conn, id: TokenId) -> Result<bool, StoreError> {
    // An update is the lock that both engines know.
    const UPDATE: &str = "UPDATE tokens SET name = name WHERE id = $1";
    let rows = on_engine!(conn, c => sqlx::query::<Db>(UPDATE)
        .bind(id.get()).execute(c).await?.rows_affected());
    Ok(rows == 1)
}

/// Gives a token another name and description; answers whether it was there.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn reword(
    conn: &mut Conn,
    id: TokenId,
    name: &str,
    description: Option<&str>,
) -> Result<bool, StoreError> {
    const UPDATE: &str = "UPDATE tokens SET name = $2, folded = $3, description = $4 WHERE id = $1";
    let rows = on_engine!(conn, c => sqlx::query::<Db>(UPDATE)
        .bind(id.get()).bind(name).bind(folded(name)).bind(description)
        .execute(c).await?.rows_affected());
    Ok(rows == 1)
}

/// Gives a token another owner; answers whether it was there.
///
/// # Errors
/// [`StoreError::NoOwner`] if the owner was removed.
pub async fn hand_over(conn: &mut Conn, id: TokenId, owner: UserId) -> Result<bool, StoreError> {
    const UPDATE: &str = "UPDATE tokens SET owner_id = $2 WHERE id = $1";
    let rows = on_engine!(conn, c => sqlx::query::<Db>(UPDATE)
        .bind(id.get()).bind(owner.get()).execute(c).await.map(|done| done.rows_affected()))
    .map_err(StoreError::or_no_owner)?;
    Ok(rows == 1)
}

/// A name in lower case, where that differs.
fn folded(name: &str) -> Option<String> {
    Some(name.to_lowercase()).filter(|folded| folded != name)
}

/// What is left of a row that was removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Removed {
    /// The row's id.
    pub id: TokenId,
    /// What its text was found by.
    pub digest: Digest,
}

pub(crate) fn removed((id, digest): (i64, Vec<u8>)) -> Result<Removed, StoreError> {
    let digest = Digest::try_from(digest.as_slice()).map_err(|_| StoreError::Corrupt("token"))?;
    Ok(Removed {
        id: TokenId::from_row(id),
        digest,
    })
}

/// How many tokens a user has, counted no further than `most`.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn count_of(conn: &mut Conn, owner: UserId, most: u32) -> Result<i64, StoreError> {
    const COUNT: &str = "SELECT COUNT(*) FROM \
         (SELECT 1 FROM tokens WHERE owner_id = $1 LIMIT $2) AS counted";
    Ok(on_engine!(conn, c => sqlx::query_scalar::<Db, i64>(COUNT)
        .bind(owner.get()).bind(i64::from(most)).fetch_one(c).await)?)
}

/// The tokens after this id, in the order of their ids; for filling memory.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn after(conn: &mut Conn, id: i64, most: u32) -> Result<Vec<Token>, StoreError> {
    const SELECT: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM tokens WHERE id > $1 ORDER BY id LIMIT $2"
    );
    let rows = on_engine!(conn, c => sqlx::query_as::<Db, TokenRow>(SELECT)
        .bind(id).bind(i64::from(most)).fetch_all(c).await)?;
    rows.into_iter().map(Token::try_from).collect()
}
