//! One window of any sorted list: what token and user lists have in common.

use sqlx::{FromRow, postgres::PgRow, sqlite::SqliteRow};
use tokenry_domain::page::{COUNTED, Direction, Page, Position, SortValue, Total, Window};

use crate::{
    Conn, StoreError,
    dialect::on_engine,
    sql::{Sql, Value, bound},
};

/// What is listed, and in what order. Ties are broken by id.
pub(crate) struct List {
    /// `SELECT … FROM …`, whose rows are shown.
    pub(crate) rows: &'static str,
    /// `SELECT 1 FROM …`, of the same table, whose rows are counted.
    pub(crate) ones: &'static str,
    /// Which rows are shown.
    pub(crate) conditions: Sql,
    /// The expression that sorts; an index is made of the same one.
    pub(crate) key: &'static str,
    /// Which way.
    pub(crate) direction: Direction,
}

/// The window's rows, whether more follow, and for pages how many there are.
pub(crate) async fn page<Row, T>(
    conn: &mut Conn,
    list: List,
    window: &Window,
) -> Result<Page<T>, StoreError>
where
    Row: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin,
    T: TryFrom<Row, Error = StoreError>,
{
    let total = match window {
        Window::Page { .. } => count(conn, &list).await?,
        Window::After { .. } => Total::Uncounted,
    };
    let per_page = window.per_page().get() as usize;
    // One row more than is shown tells whether more follow.
    let most = per_page + 1;
    let mut rows = match window {
        Window::Page { number, .. } => {
            let skipped = number.saturating_sub(1).saturating_mul(per_page as u64);
            fetch::<Row, T>(conn, list.starting_at(most, skipped)).await?
        }
        Window::After { position: None, .. } => fetch(conn, list.starting_at(most, 0)).await?,
        Window::After {
            position: Some(position),
            ..
        } => after::<Row, T>(conn, &list, position, most).await?,
    };
    let more = rows.len() > per_page;
    rows.truncate(per_page);
    Ok(Page { rows, more, total })
}

/// The rows after a position: first those that tie with it, then the others.
/// Each is a seek in the index of the order, where a condition on both columns
/// together isn't on SQLite: with many ties, such as tokens that never expire,
/// it would walk over all of them.
async fn after<Row, T>(
    conn: &mut Conn,
    list: &List,
    position: &Position,
    most: usize,
) -> Result<Vec<T>, StoreError>
where
    Row: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin,
    T: TryFrom<Row, Error = StoreError>,
{
    let mut rows = match list.ties(position, most) {
        Some(ties) => fetch::<Row, T>(conn, ties).await?,
        None => Vec::new(),
    };
    if rows.len() < most {
        rows.extend(fetch(conn, list.beyond(position, most - rows.len())).await?);
    }
    Ok(rows)
}

/// All rows that a statement answers.
pub(crate) async fn fetch<Row, T>(conn: &mut Conn, sql: Sql) -> Result<Vec<T>, StoreError>
where
    Row: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin,
    T: TryFrom<Row, Error = StoreError>,
{
    let (text, values) = sql.finish();
    let rows = on_engine!(conn, c => {
        bound!(sqlx::query_as::<Db, Row>(sqlx::AssertSqlSafe(text)), values).fetch_all(c).await
    })?;
    rows.into_iter().map(T::try_from).collect()
}

async fn count(conn: &mut Conn, list: &List) -> Result<Total, StoreError> {
    let (text, values) = list.count().finish();
    let counted = on_engine!(conn, c => {
        bound!(sqlx::query_scalar::<Db, i64>(sqlx::AssertSqlSafe(text)), values).fetch_one(c).await
    })?;
    let counted = u64::try_from(counted).unwrap_or(0);
    Ok(if counted > COUNTED {
        Total::Many
    } else {
        Total::Exactly(counted)
    })
}

impl List {
    pub(crate) fn count(&self) -> Sql {
        let mut sql = self.started("SELECT COUNT(*) FROM (", self.ones);
        limit(&mut sql, COUNTED + 1);
        sql.push(") AS counted");
        sql
    }

    /// The rows from this one on, counted from the start of the list.
    pub(crate) fn starting_at(&self, most: usize, skipped: u64) -> Sql {
        let mut sql = self.started("", self.rows);
        self.order_by(&mut sql);
        limit(&mut sql, most as u64);
        if skipped > 0 {
            sql.push(" OFFSET ").bind(number(skipped));
        }
        sql
    }

    /// The rows of the same sort value after a position; `None` where there
    /// are none because the value is the id.
    pub(crate) fn ties(&self, position: &Position, most: usize) -> Option<Sql> {
        if self.key == "id" {
            return None;
        }
        let mut sql = self.started("", self.rows);
        sql.condition(self.key).push(" = ").bind(value(position));
        sql.condition("id").push(self.comparison());
        sql.bind(Value::Number(position.id));
        sql.push(" ORDER BY id").push(self.suffix());
        limit(&mut sql, most as u64);
        Some(sql)
    }

    /// The rows of another sort value after a position.
    pub(crate) fn beyond(&self, position: &Position, most: usize) -> Sql {
        let mut sql = self.started("", self.rows);
        sql.condition(self.key).push(self.comparison());
        sql.bind(value(position));
        self.order_by(&mut sql);
        limit(&mut sql, most as u64);
        sql
    }

    fn started(&self, before: &'static str, select: &'static str) -> Sql {
        let sql = self.conditions.clone();
        sql.after_start(select).after_start(before)
    }

    fn order_by(&self, sql: &mut Sql) {
        sql.push(" ORDER BY ");
        if self.key != "id" {
            sql.push(self.key).push(self.suffix()).push(", ");
        }
        sql.push("id").push(self.suffix());
    }

    const fn comparison(&self) -> &'static str {
        match self.direction {
            Direction::Ascending => " > ",
            Direction::Descending => " < ",
        }
    }

    const fn suffix(&self) -> &'static str {
        match self.direction {
            Direction::Ascending => "",
            Direction::Descending => " DESC",
        }
    }
}

fn limit(sql: &mut Sql, most: u64) {
    sql.push(" LIMIT ").bind(number(most));
}

fn number(number: u64) -> Value {
    Value::Number(i64::try_from(number).unwrap_or(i64::MAX))
}

fn value(position: &Position) -> Value {
    match &position.value {
        SortValue::Number(number) => Value::Number(*number),
        SortValue::Text(text) => Value::Text(text.clone()),
    }
}
