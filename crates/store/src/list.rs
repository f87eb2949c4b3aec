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
    let (text, values) = list.window(window).finish();
    let rows = on_engine!(conn, c => {
        bound!(sqlx::query_as::<Db, Row>(sqlx::AssertSqlSafe(text)), values).fetch_all(c).await
    })?;
    let mut rows = rows
        .into_iter()
        .map(T::try_from)
        .collect::<Result<Vec<T>, _>>()?;
    let per_page = window.per_page().get() as usize;
    let more = rows.len() > per_page;
    rows.truncate(per_page);
    Ok(Page { rows, more, total })
}

async fn count(conn: &mut Conn, list: &List) -> Result<Total, StoreError> {
    let mut sql = list
        .conditions
        .clone()
        .after_start("SELECT COUNT(*) FROM (")
        .after_start(list.ones);
    sql.push(" LIMIT ").bind(Value::Number(
        i64::try_from(COUNTED + 1).unwrap_or(i64::MAX),
    ));
    sql.push(") AS counted");
    let (text, values) = sql.finish();
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
    /// Asks for one row more than is shown, which tells whether more follow.
    fn window(self, window: &Window) -> Sql {
        let (key, direction) = (self.key, self.direction);
        let mut sql = self.conditions.after_start(self.rows);
        if let Window::After {
            position: Some(position),
            ..
        } = window
        {
            after(&mut sql, key, direction, position);
        }
        order_by(&mut sql, key, direction);
        sql.push(" LIMIT ")
            .bind(Value::Number(i64::from(window.per_page().get()) + 1));
        if let Window::Page { number, per_page } = window {
            let skipped = number
                .saturating_sub(1)
                .saturating_mul(u64::from(per_page.get()));
            sql.push(" OFFSET ")
                .bind(Value::Number(i64::try_from(skipped).unwrap_or(i64::MAX)));
        }
        sql
    }
}

fn after(sql: &mut Sql, key: &'static str, direction: Direction, position: &Position) {
    let value = match &position.value {
        SortValue::Number(number) => Value::Number(*number),
        SortValue::Text(text) => Value::Text(text.clone()),
    };
    let (beyond_id, beyond) = match direction {
        Direction::Ascending => ("id > ", ", id) > ("),
        Direction::Descending => ("id < ", ", id) < ("),
    };
    if key == "id" {
        sql.condition(beyond_id).bind(value);
        return;
    }
    sql.condition("(").push(key).push(beyond);
    sql.bind(value)
        .push(", ")
        .bind(Value::Number(position.id))
        .push(")");
}

fn order_by(sql: &mut Sql, key: &'static str, direction: Direction) {
    let direction = match direction {
        Direction::Ascending => "",
        Direction::Descending => " DESC",
    };
    sql.push(" ORDER BY ");
    if key != "id" {
        sql.push(key).push(direction).push(", ");
    }
    sql.push("id").push(direction);
}
