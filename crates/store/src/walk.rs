//! Walks through the ledger for what is to go: in the order of ids, or in that
//! in which tokens died. Each question reads so many rows and no more, so that
//! none takes long.

use jiff::Timestamp;
use tokenry_domain::{
    Kind, Token, TokenId,
    page::{Direction, Position, SortValue},
    purge::Cursor,
    token_filter::{TokenFilter, TokenOrder},
};

use crate::{
    Conn, StoreError,
    list::{self, List},
    sql::{Sql, Value},
    token_list::conditions,
    token_walk::{STRIDE, Walk},
    tokens::{TokenRow, columns},
};

/// When a token died: the index has the same expression.
const DEATH: &str = "COALESCE(revoked_at, expires_at)";

/// Where a walk leads through.
#[derive(Debug, Clone)]
pub struct Way<'f> {
    /// What is sought.
    pub filter: &'f TokenFilter,
    /// The moment at which states are judged.
    pub at: Timestamp,
    /// No token of a higher id.
    pub last: i64,
    /// No token that died after this.
    pub until: Timestamp,
}

/// What one question found.
#[derive(Debug, Clone)]
pub struct Found {
    /// At most as many as were asked for.
    pub tokens: Vec<Token>,
    /// Behind this, everything was looked at.
    pub reached: Cursor,
    /// Whether more ids follow, or more deaths of the kind.
    pub more: bool,
}

impl Found {
    /// Nothing, up to here.
    #[must_use]
    pub const fn nothing(reached: Cursor) -> Self {
        Self {
            tokens: Vec::new(),
            reached,
            more: true,
        }
    }
}

/// The next tokens that a filter shows.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn on(
    conn: &mut Conn,
    way: &Way<'_>,
    cursor: Cursor,
    most: u32,
) -> Result<Found, StoreError> {
    match cursor {
        Cursor::Id(id) => by_id(conn, way, id, most).await,
        Cursor::Death { kind, at, id } => by_death(conn, way, kind, (at, id), most).await,
    }
}

/// Along the index of the owner or subject that a filter names, if it does.
async fn by_id(conn: &mut Conn, way: &Way<'_>, after: i64, most: u32) -> Result<Found, StoreError> {
    let walk = Walk {
        filter: way.filter,
        order: TokenOrder::default(),
        now: way.at,
        stride: STRIDE,
        among: None,
    };
    let after = Position {
        value: SortValue::Number(after),
        id: after,
    };
    let mut walked = walk.rows(conn, Some(&after), most as usize).await?;
    let reached = walked.next.map_or(way.last, |next| next.id.min(way.last));
    walked.rows.retain(|token| token.id.get() <= way.last);
    Ok(Found {
        tokens: walked.rows,
        reached: Cursor::Id(reached),
        more: reached < way.last,
    })
}

async fn by_death(
    conn: &mut Conn,
    way: &Way<'_>,
    kind: Kind,
    (at, id): (Timestamp, i64),
    most: u32,
) -> Result<Found, StoreError> {
    let position = Position {
        value: SortValue::Number(at.as_microsecond()),
        id,
    };
    let list = deaths(way, kind);
    let after = Some(&position);
    let tokens = list::between::<TokenRow, Token>(conn, &list, after, None, most as usize).await?;
    let more = tokens.len() >= most as usize;
    let end = tokens.last().filter(|_| more);
    let (at, id) = end.map_or((way.until, i64::MAX), |token| {
        (token.life.died().unwrap_or(at), token.id.get())
    });
    Ok(Found {
        tokens,
        reached: Cursor::Death { kind, at, id },
        more,
    })
}

/// The tokens of a kind that died until a moment, in that order.
pub(crate) fn deaths(way: &Way<'_>, kind: Kind) -> List {
    let filter = TokenFilter {
        kinds: Vec::new(),
        ..way.filter.clone()
    };
    let mut sql = conditions(&filter, way.at);
    sql.condition("kind = ")
        .bind(Value::Text(kind.name().to_owned()));
    sql.condition(DEATH).push(" IS NOT NULL");
    sql.condition(DEATH)
        .push(" <= ")
        .bind(Value::Number(way.until.as_microsecond()));
    List {
        rows: concat!("SELECT ", columns!(), " FROM tokens"),
        ones: "SELECT 1 FROM tokens",
        conditions: sql,
        key: DEATH,
        direction: Direction::Ascending,
    }
}

/// These tokens as they are now, those that are there.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn again(
    conn: &mut Conn,
    ids: impl IntoIterator<Item = TokenId>,
) -> Result<Vec<Token>, StoreError> {
    let mut sql = Sql::default();
    sql.push(concat!("SELECT ", columns!(), " FROM tokens"))
        .condition("id")
        .among(ids.into_iter().map(TokenId::get))
        .push(" ORDER BY id");
    list::fetch::<TokenRow, Token>(conn, sql).await
}
