//! The same pages asked of the store itself, and what counting costs.

use std::time::Instant;

use tokenry_domain::{
    States,
    page::{PerPage, Position, Window},
    token_filter::{TokenFilter, TokenOrder},
};
use tokenry_store::{
    Conn, Store,
    token_walk::{STRIDE, Walk},
};

use super::{
    Run,
    list::{deep_page, figures},
};
use crate::{
    clock,
    fault::{Outcome, fault},
    results::Figure,
    rounds::median,
};

const CASE: &str = "list";
/// How often each page is asked for.
const TIMES: usize = 300;
/// How often the rows are counted.
const COUNTS: usize = 20;

struct List {
    filter: TokenFilter,
    order: TokenOrder,
}

/// Pages 1 and 1,000, and the two ways to count.
pub(super) async fn measure(run: &Run<'_>) -> Outcome<Vec<Figure>> {
    eprintln!("pages of a long list, in the store");
    let store = Store::open(&run.other.location()).await?;
    let mut conn = store.read().await?;
    let list = List {
        filter: TokenFilter {
            owner: Some(run.ground.plan.long_list()),
            states: States::ACTIVE,
            ..TokenFilter::default()
        },
        order: TokenOrder::from_name("expires_asc").unwrap_or_default(),
    };
    let deep = deep_page(&run.ground.plan);
    let position = list.walk(&mut conn, deep).await?;
    let keyset = list
        .medians(&mut conn, [after(None), after(Some(position))])
        .await?;
    let offset = list.medians(&mut conn, [number(1), number(deep)]).await?;
    let mut found = figures(CASE, "store", deep, keyset, offset);
    let owner = run.ground.plan.long_list().get();
    for (what, sql) in [
        ("count to 10,001 and no further", BOUNDED),
        ("exact count", EXACT),
    ] {
        let time = count(&mut conn, sql, owner).await?;
        found.push(Figure::new(CASE, format!("store: {what}"), time, "ms"));
    }
    drop(conn);
    store.close().await;
    Ok(found)
}

fn after(position: Option<Position>) -> Window {
    Window::After {
        position,
        per_page: PerPage::DEFAULT,
    }
}

fn number(number: u64) -> Window {
    Window::Page {
        number,
        per_page: PerPage::DEFAULT,
    }
}

impl List {
    fn way(&self) -> Walk<'_> {
        Walk {
            filter: &self.filter,
            order: self.order,
            now: clock::now(),
            stride: STRIDE,
            among: None,
        }
    }

    /// Where the page before the deep one ends.
    async fn walk(&self, conn: &mut Conn, pages: u64) -> Outcome<Position> {
        let mut position = None;
        for _ in 1..pages {
            let page = self.way().page(conn, &after(position)).await?;
            position = page.rows.last().map(|token| self.order.position(token));
        }
        position.ok_or_else(|| fault("the long list is too short"))
    }

    /// Milliseconds for each of two windows, in turn.
    async fn medians(&self, conn: &mut Conn, windows: [Window; 2]) -> Outcome<[f64; 2]> {
        let mut times = [Vec::new(), Vec::new()];
        for _ in 0..TIMES {
            for (window, times) in windows.iter().zip(&mut times) {
                let start = Instant::now();
                let page = self.way().page(conn, window).await?;
                times.push(start.elapsed().as_secs_f64() * 1000.0);
                if page.rows.len() != 20 {
                    return Err(fault("a page of the long list isn't full"));
                }
            }
        }
        Ok(times.map(median))
    }
}

const BOUNDED: &str = "SELECT COUNT(*) FROM (SELECT 1 FROM tokens WHERE owner_id = $1 \
     AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2) LIMIT 10001) AS counted";
const EXACT: &str = "SELECT COUNT(*) FROM tokens WHERE owner_id = $1 \
     AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)";

/// Milliseconds for counting, by a statement as the store makes it.
async fn count(conn: &mut Conn, sql: &'static str, owner: i64) -> Outcome<f64> {
    let now = clock::now().as_microsecond();
    let mut times = Vec::new();
    for _ in 0..COUNTS {
        let start = Instant::now();
        let _counted: i64 = match conn {
            Conn::Sqlite(lease) => {
                sqlx::query_scalar(sql)
                    .bind(owner)
                    .bind(now)
                    .fetch_one(&mut **lease)
                    .await?
            }
            Conn::Postgres(lease) => {
                sqlx::query_scalar(sql)
                    .bind(owner)
                    .bind(now)
                    .fetch_one(&mut **lease)
                    .await?
            }
        };
        times.push(start.elapsed().as_secs_f64() * 1000.0);
    }
    Ok(median(times))
}
