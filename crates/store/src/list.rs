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
            let skipped = window.per_page().before(*number);
            fetch::<Row, T>(conn, list.starting_at(most, skipped)).await?
        }
        Window::After { position, .. } => {
            between::<Row, T>(conn, &list, position.as_ref(), None, most).await?
        }
    };
    let more = rows.len() > per_page;
    rows.truncate(per_page);
    Ok(Page { rows, more, total })
}

/// The rows after one position up to another, at most `most` of them, stretch
/// by stretch.
pub(crate) async fn between<Row, T>(
    conn: &mut Conn,
    list: &List,
    after: Option<&Position>,
    upto: Option<&Position>,
    most: usize,
) -> Result<Vec<T>, StoreError>
where
    Row: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin,
    T: TryFrom<Row, Error = StoreError>,
{
    let mut rows = Vec::new();
    for stretch in list.stretches(after, upto) {
        if rows.len() < most {
            rows.extend(fetch::<Row, T>(conn, stretch.rows(most - rows.len(), 0)).await?);
        }
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
        self.counted(COUNTED + 1)
    }

    /// How many there are, counted no further than `most`.
    pub(crate) fn counted(&self, most: u64) -> Sql {
        self.of_ones().middle(None, None).counted(most)
    }

    /// The same list, to be counted.
    pub(crate) fn of_ones(&self) -> Self {
        Self {
            rows: self.ones,
            conditions: self.conditions.clone(),
            ..*self
        }
    }

    /// The rows from this one on, counted from the start of the list.
    pub(crate) fn starting_at(&self, most: usize, skipped: u64) -> Sql {
        self.middle(None, None).rows(most, skipped)
    }

    /// The rows after one position up to and with another, in stretches: those
    /// that tie with the first, those between the two, those that tie with the
    /// last. Each is a seek in the index of the order, where a condition on both
    /// columns together isn't on SQLite: with many ties, such as tokens that
    /// never expire, it would walk over all of them.
    pub(crate) fn stretches(
        &self,
        after: Option<&Position>,
        upto: Option<&Position>,
    ) -> Vec<Stretch> {
        match (after, upto) {
            _ if self.key == "id" => vec![self.by_id(self.started(), after, upto)],
            (Some(first), Some(last)) if first.value == last.value => {
                vec![self.ties(first, after, upto)]
            }
            _ => {
                let begin = after.map(|first| self.ties(first, after, None));
                let end = upto.map(|last| self.ties(last, None, upto));
                let middle = self.middle(after, upto);
                begin.into_iter().chain([middle]).chain(end).collect()
            }
        }
    }

    /// The rows whose sort value lies between those of two positions.
    fn middle(&self, after: Option<&Position>, upto: Option<&Position>) -> Stretch {
        let mut sql = self.started();
        if let Some(first) = after {
            sql.condition(self.key).push(self.later());
            sql.bind(value(first));
        }
        if let Some(last) = upto {
            sql.condition(self.key).push(self.earlier()).push(" ");
            sql.bind(value(last));
        }
        Stretch {
            sql,
            key: Some(self.key).filter(|key| *key != "id"),
            suffix: self.suffix(),
        }
    }

    /// The rows of one sort value.
    fn ties(&self, with: &Position, after: Option<&Position>, upto: Option<&Position>) -> Stretch {
        let mut sql = self.started();
        sql.condition(self.key).push(" = ").bind(value(with));
        self.by_id(sql, after, upto)
    }

    fn by_id(&self, mut sql: Sql, after: Option<&Position>, upto: Option<&Position>) -> Stretch {
        if let Some(first) = after {
            sql.condition("id").push(self.later());
            sql.bind(Value::Number(first.id));
        }
        if let Some(last) = upto {
            sql.condition("id").push(self.earlier()).push("= ");
            sql.bind(Value::Number(last.id));
        }
        Stretch {
            sql,
            key: None,
            suffix: self.suffix(),
        }
    }

    fn started(&self) -> Sql {
        self.conditions.clone().after_start(self.rows)
    }

    /// How what comes later compares.
    const fn later(&self) -> &'static str {
        match self.direction {
            Direction::Ascending => " > ",
            Direction::Descending => " < ",
        }
    }

    /// How what comes earlier compares.
    const fn earlier(&self) -> &'static str {
        match self.direction {
            Direction::Ascending => " <",
            Direction::Descending => " >",
        }
    }

    const fn suffix(&self) -> &'static str {
        match self.direction {
            Direction::Ascending => "",
            Direction::Descending => " DESC",
        }
    }
}

/// Rows of a list that lie together in the index of its order.
pub(crate) struct Stretch {
    sql: Sql,
    /// What they are sorted by before their ids, if they differ in that.
    key: Option<&'static str>,
    suffix: &'static str,
}

impl Stretch {
    /// So many of them from this one on, in their order.
    pub(crate) fn rows(self, most: usize, skipped: u64) -> Sql {
        let Self {
            mut sql,
            key,
            suffix,
        } = self;
        sql.push(" ORDER BY ");
        if let Some(key) = key {
            sql.push(key).push(suffix).push(", ");
        }
        sql.push("id").push(suffix);
        limit(&mut sql, most as u64);
        if skipped > 0 {
            sql.push(" OFFSET ").bind(number(skipped));
        }
        sql
    }

    /// All of them, in no order.
    pub(crate) fn all(self) -> Sql {
        self.sql
    }

    /// How many there are, counted no further than `most`.
    pub(crate) fn counted(self, most: u64) -> Sql {
        let mut sql = self.sql.after_start("SELECT COUNT(*) FROM (");
        limit(&mut sql, most);
        sql.push(") AS counted");
        sql
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
