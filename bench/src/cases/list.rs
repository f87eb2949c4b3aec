//! Pages of one user's list, over HTTP, one client.

use std::time::{Duration, Instant};

use crate::{
    data::Plan,
    fault::{Outcome, fault},
    load::{Connection, header},
    process::Server,
    request,
    results::{Bound, Figure},
    rounds::median,
};

const CASE: &str = "list";
/// How deep the deep page is.
pub(super) const DEEP: u64 = 1000;
/// How often each page is asked for.
const TIMES: usize = 300;

/// Pages 1 and 1,000 of this user's list, by keyset and by number.
pub(crate) async fn measure(plan: &Plan, server: &Server) -> Outcome<Vec<Figure>> {
    eprintln!("pages of a long list, over HTTP");
    server.settle(Duration::from_secs(90)).await?;
    let user = plan.long_list();
    let list = format!(
        "/api/v4/personal_access_tokens?user_id={user}&state=active&sort=expires_asc&per_page=20"
    );
    let deep = deep_page(plan);
    let mut connection = Connection::open(server.address).await?;
    let first = format!("{list}&pagination=keyset");
    let distant = walk(&mut connection, &first, deep).await?;
    let keyset = medians(&mut connection, &first, &distant).await?;
    let (one, far) = (format!("{list}&page=1"), format!("{list}&page={deep}"));
    let offset = medians(&mut connection, &one, &far).await?;
    Ok(figures(CASE, "HTTP", deep, keyset, offset))
}

/// In a small store the list isn't that long.
pub(super) fn deep_page(plan: &Plan) -> u64 {
    DEEP.min(plan.tokens / 400)
}

/// Follows the links from page to page.
async fn walk(connection: &mut Connection, first: &str, pages: u64) -> Outcome<String> {
    let mut target = first.to_owned();
    for page in 1..pages {
        let head = connection.exchange(&request::get(&target)).await?;
        if head.status != 200 {
            let answer = String::from_utf8_lossy(connection.answer()).into_owned();
            return Err(fault(format!("page {page} of the list: {answer}")));
        }
        target = header(connection.answer(), "link")
            .and_then(next_link)
            .ok_or_else(|| fault(format!("no link to a page behind page {page}")))?;
    }
    Ok(target)
}

/// Path and query of the link to the next page.
fn next_link(links: &str) -> Option<String> {
    let link = links
        .split(',')
        .find(|link| link.contains("rel=\"next\""))?;
    let (_, rest) = link.split_once('<')?;
    let (address, _) = rest.split_once('>')?;
    let (_, path) = address.split_once("//")?.1.split_once('/')?;
    Some(format!("/{path}"))
}

/// Milliseconds for each of two pages, in turn.
async fn medians(connection: &mut Connection, one: &str, other: &str) -> Outcome<[f64; 2]> {
    let requests = [request::get(one), request::get(other)];
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..TIMES {
        for (request, times) in requests.iter().zip(&mut times) {
            let start = Instant::now();
            let head = connection.exchange(request).await?;
            times.push(start.elapsed().as_secs_f64() * 1000.0);
            if head.status != 200 {
                return Err(fault(format!("a page of the list: {}", head.status)));
            }
        }
    }
    Ok(times.map(median))
}

/// Both ways of paging, as figures.
pub(super) fn figures(
    case: &'static str,
    through: &str,
    deep: u64,
    keyset: [f64; 2],
    offset: [f64; 2],
) -> Vec<Figure> {
    let line = |way: &str, page: u64, value| {
        Figure::new(case, format!("{through}: {way}, page {page}"), value, "ms")
    };
    let [first, last] = keyset;
    let [one, far] = offset;
    vec![
        line("keyset", 1, first),
        line("keyset", deep, last),
        Figure::new(
            case,
            format!("{through}: keyset, page {deep} to page 1"),
            last / first,
            "times",
        )
        .wanted(Bound::AtMost(1.2)),
        line("by number, total counted", 1, one),
        line("by number, total counted", deep, far),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_link_is_found_among_others() {
        let links = "<http://h:1/api/v4/x?page=1>; rel=\"first\", \
                     <http://h:1/api/v4/x?cursor=abc&per_page=20>; rel=\"next\"";
        assert_eq!(
            next_link(links).as_deref(),
            Some("/api/v4/x?cursor=abc&per_page=20")
        );
        assert_eq!(next_link("<http://h/x>; rel=\"first\""), None);
    }
}
