//! Lists of tokens that are read along the index of their order, so far and no
//! further: what a filter asks beside that costs a look at each row, and few of
//! them may match.
//!
//! Whether a stretch of the list ends here because so many rows were shown or
//! because so many were looked at, the caller goes on from the position it gets.

use jiff::Timestamp;
use sqlx::FromRow;
use tokenry_domain::{
    Token, TokenId,
    page::{Page, Position, SortValue, Window},
    token_filter::{Between, SortKey, TokenFilter, TokenOrder},
};

use crate::{
    Conn, StoreError,
    dialect::on_engine,
    list::{self, List},
    sql::{Sql, bound},
    token_list,
    tokens::TokenRow,
};

/// Rows looked at in one go, usually: some 50 ms where none of them matches.
pub const STRIDE: u64 = 10_000;
/// Rows looked at first for each that is wanted: enough where many match.
const NEAR: u64 = 4;

/// Some of the tokens that a filter shows, and where the list goes on.
#[derive(Debug, Clone)]
pub struct Walked {
    /// At most as many as were asked for.
    pub rows: Vec<Token>,
    /// The position behind which there may be more; none at the end.
    pub next: Option<Position>,
}

/// What is walked: which tokens, and in what order.
#[derive(Debug, Clone, Copy)]
pub struct Walk<'f> {
    /// Which are shown.
    pub filter: &'f TokenFilter,
    /// In what order.
    pub order: TokenOrder,
    /// The moment that decides about states.
    pub now: Timestamp,
    /// Rows looked at in one go, at most.
    pub stride: u64,
    /// The tokens that can be shown, where they are known: these few are looked
    /// at and no others.
    pub among: Option<&'f [TokenId]>,
}

impl Walk<'_> {
    /// At most `most` rows behind a position.
    ///
    /// # Errors
    /// [`StoreError`] of the engine.
    pub async fn rows(
        self,
        conn: &mut Conn,
        after: Option<&Position>,
        most: usize,
    ) -> Result<Walked, StoreError> {
        let shown = self.shown();
        let mut rows = Vec::new();
        let mut reached = after.cloned();
        for stride in self.strides(most) {
            let end = if self.is_all_in_the_index() {
                None
            } else {
                self.end(conn, reached.as_ref(), stride).await?
            };
            let wanted = most.saturating_add(1) - rows.len();
            let (from, upto) = (reached.as_ref(), end.as_ref());
            rows.extend(list::between::<TokenRow, Token>(conn, &shown, from, upto, wanted).await?);
            if rows.len() > most {
                rows.truncate(most);
                reached = rows.last().map(|token| self.order.position(token));
                break;
            }
            reached = end;
            if reached.is_none() {
                break;
            }
        }
        Ok(Walked {
            rows,
            next: reached,
        })
    }

    /// One window, however many rows are looked at for it.
    ///
    /// # Errors
    /// [`StoreError`] of the engine.
    pub async fn page(self, conn: &mut Conn, window: &Window) -> Result<Page<Token>, StoreError> {
        list::page::<TokenRow, Token>(conn, self.shown(), window).await
    }

    /// How many rows are shown of the next that are looked at behind a position,
    /// and where counting goes on; none at the end of the list.
    ///
    /// # Errors
    /// [`StoreError`] of the engine.
    pub async fn count(
        self,
        conn: &mut Conn,
        after: Option<&Position>,
    ) -> Result<(u64, Option<Position>), StoreError> {
        let end = self.end(conn, after, self.stride).await?;
        let counts = List {
            rows: "SELECT COUNT(*) FROM tokens",
            ..self.shown()
        };
        let mut total = 0;
        for stretch in counts.stretches(after, end.as_ref()) {
            total += number(conn, stretch.all()).await?;
        }
        Ok((total, end))
    }

    /// How many rows there are to look at in all, or `most` if that is less.
    ///
    /// # Errors
    /// [`StoreError`] of the engine.
    pub async fn extent(self, conn: &mut Conn, most: u64) -> Result<u64, StoreError> {
        let sql = if self.walked().conditions.is_empty() {
            // Ids are given out one after another: nobody has to count.
            let mut sql = Sql::default();
            sql.push("SELECT COALESCE(MAX(id) - MIN(id) + 1, 0) FROM tokens");
            sql
        } else {
            self.walked().counted(most)
        };
        number(conn, sql).await
    }

    /// The position of the row that is so many behind another, whether it is
    /// shown or not; none if the list ends before.
    pub(crate) async fn end(
        self,
        conn: &mut Conn,
        after: Option<&Position>,
        stride: u64,
    ) -> Result<Option<Position>, StoreError> {
        if self.among.is_some() {
            return Ok(None);
        }
        let walked = self.walked();
        for stretch in walked.stretches(after, None) {
            let sql = stretch.rows(1, stride.saturating_sub(1));
            if let Some(position) = self.position(conn, sql).await? {
                return Ok(Some(position));
            }
        }
        Ok(None)
    }

    async fn position(self, conn: &mut Conn, sql: Sql) -> Result<Option<Position>, StoreError> {
        Ok(match self.order.key {
            SortKey::Name => first::<String>(conn, sql)
                .await?
                .map(|(text, id)| Position {
                    value: SortValue::Text(text),
                    id,
                }),
            _ => first::<i64>(conn, sql).await?.map(|(number, id)| Position {
                value: SortValue::Number(number),
                id,
            }),
        })
    }

    /// How many rows to look at, time after time.
    fn strides(self, most: usize) -> impl Iterator<Item = u64> {
        let near = (most as u64).saturating_mul(NEAR);
        let few = Some(near).filter(|near| *near < self.stride);
        few.into_iter().chain([self.stride.max(near)])
    }

    /// Whether every row that is looked at is shown, because the index of the
    /// order has all that the filter asks for.
    #[must_use]
    pub fn is_all_in_the_index(self) -> bool {
        let mut rest = self.filter.clone();
        let narrow = token_list::narrowest(&rest);
        rest.family = rest.family.xor(narrow.family);
        rest.subject = rest.subject.xor(narrow.subject);
        rest.owner = rest.owner.xor(narrow.owner);
        rest.hint = rest.hint.filter(|_| narrow.hint.is_none());
        if self.order.key == SortKey::Created {
            rest.created = Between::default();
        }
        rest == TokenFilter::default()
    }

    /// The rows that are shown.
    pub(crate) fn shown(self) -> List {
        match self.among {
            Some(ids) => token_list::among(ids, self.filter, self.order, self.now),
            None => token_list::along_its_order(self.filter, self.order, self.now),
        }
    }

    /// The rows that are looked at, by their positions.
    pub(crate) fn walked(self) -> List {
        List {
            rows: match self.order.key {
                SortKey::Id => "SELECT id, id FROM tokens",
                SortKey::Created => "SELECT created_at, id FROM tokens",
                SortKey::Expires => {
                    "SELECT COALESCE(expires_at, 9223372036854775807), id FROM tokens"
                }
                SortKey::LastUsed => "SELECT COALESCE(last_used_at, 0), id FROM tokens",
                SortKey::Name => "SELECT name, id FROM tokens",
            },
            conditions: token_list::in_the_index(self.filter, self.order, self.now),
            ..self.shown()
        }
    }
}

pub(crate) async fn number(conn: &mut Conn, sql: Sql) -> Result<u64, StoreError> {
    let (text, values) = sql.finish();
    let number = on_engine!(conn, c => {
        bound!(sqlx::query_scalar::<Db, i64>(sqlx::AssertSqlSafe(text)), values).fetch_one(c).await
    })?;
    Ok(u64::try_from(number).unwrap_or(0))
}

async fn first<V>(conn: &mut Conn, sql: Sql) -> Result<Option<(V, i64)>, StoreError>
where
    (V, i64): for<'r> FromRow<'r, sqlx::sqlite::SqliteRow>
        + for<'r> FromRow<'r, sqlx::postgres::PgRow>
        + Send
        + Unpin,
{
    let (text, values) = sql.finish();
    Ok(on_engine!(conn, c => {
        bound!(sqlx::query_as::<Db, (V, i64)>(sqlx::AssertSqlSafe(text)), values)
            .fetch_optional(c).await
    })?)
}
