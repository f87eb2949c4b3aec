//! Searches in the names of the user with the long list, answer by answer to
//! the end: one, where memory knows the names and few of them match.

use std::time::Instant;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::Scale;
use crate::{
    fault::{Outcome, fault},
    load::Connection,
    request,
    results::{Bound, Figure},
};

const CASE: &str = "search";

/// A page, as far as it matters here.
#[derive(Debug, Deserialize)]
struct Page<'p> {
    #[serde(borrow)]
    tokens: Vec<&'p RawValue>,
    next_cursor: Option<String>,
}

/// A search that finds few and one that finds nothing.
pub(super) async fn measure(scale: &Scale<'_>) -> Outcome<Vec<Figure>> {
    eprintln!("searching a long list");
    let mut figures = Vec::new();
    for (what, name) in [
        ("finds few", "0000.77"),
        ("finds nothing", "nobody-has-this"),
    ] {
        figures.extend(search(scale, what, name).await?);
    }
    Ok(figures)
}

async fn search(scale: &Scale<'_>, what: &str, name: &str) -> Outcome<Vec<Figure>> {
    let user = scale.plan.long_list();
    let list = format!("/api/v1/tokens?owner={user}&name={name}");
    let mut connection = Connection::open(scale.server.address).await?;
    let (mut target, mut times, mut found) = (list.clone(), Vec::new(), 0);
    loop {
        let start = Instant::now();
        let head = connection.exchange(&request::get(&target)).await?;
        times.push(start.elapsed().as_secs_f64() * 1000.0);
        let body = connection.answer().get(head.length..).unwrap_or_default();
        if head.status != 200 {
            return Err(fault(String::from_utf8_lossy(body).into_owned()));
        }
        let page: Page<'_> = serde_json::from_slice(body)?;
        found += page.tokens.len();
        match page.next_cursor {
            Some(cursor) => target = format!("{list}&cursor={cursor}"),
            None => break,
        }
    }
    let answers = times.len();
    let figure = |part: &str, value| {
        Figure::new(
            CASE,
            format!("one that {what} ({found}): {part}"),
            value,
            "ms",
        )
    };
    let all = format!("all of it, in answers: {answers}");
    Ok(vec![
        figure("longest answer", times.iter().copied().fold(0.0, f64::max)),
        figure(&all, times.iter().sum()).wanted(Bound::AtMost(50.0)),
    ])
}
