//! The headers that tell where the rest of a list is.
//!
//! Clients follow the `Link` header or read the `X-` headers; one of them
//! keeps only the query of the link, so every link repeats all of it.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use tokenry_domain::page::{Page, PerPage, Total};

use crate::{call::Call, credential, params::encode};

const PER_PAGE: HeaderName = HeaderName::from_static("x-per-page");
const PAGE: HeaderName = HeaderName::from_static("x-page");
const NEXT_PAGE: HeaderName = HeaderName::from_static("x-next-page");
const PREV_PAGE: HeaderName = HeaderName::from_static("x-prev-page");
const TOTAL: HeaderName = HeaderName::from_static("x-total");
const TOTAL_PAGES: HeaderName = HeaderName::from_static("x-total-pages");
/// What each link says anew.
const OURS: [&str; 4] = ["page", "per_page", "cursor", "id_after"];

/// The headers of a numbered page.
pub(super) fn pages<A, T>(
    headers: &mut HeaderMap,
    call: &Call<A>,
    number: u64,
    per_page: PerPage,
    page: &Page<T>,
) {
    let previous = number.checked_sub(1).filter(|page| *page > 0);
    let next = page.more.then(|| number.saturating_add(1));
    let last = last_page(page.total, per_page);
    headers.insert(PER_PAGE, HeaderValue::from(per_page.get()));
    headers.insert(PAGE, HeaderValue::from(number));
    headers.insert(NEXT_PAGE, number_or_nothing(next));
    headers.insert(PREV_PAGE, number_or_nothing(previous));
    if let (Total::Exactly(total), Some(last)) = (page.total, last) {
        headers.insert(TOTAL, HeaderValue::from(total));
        headers.insert(TOTAL_PAGES, HeaderValue::from(last));
    }
    let start = Start::of(call, per_page);
    let links = [
        (previous, "prev"),
        (next, "next"),
        (Some(1), "first"),
        (last, "last"),
    ];
    let written: Vec<String> = links
        .into_iter()
        .filter_map(|(page, rel)| Some(start.link("page", &page?.to_string(), rel)))
        .collect();
    insert_links(headers, &written.join(", "));
}

/// The headers of a window that ends at a cursor, or at the end of the list.
pub(super) fn keyset<A>(
    headers: &mut HeaderMap,
    call: &Call<A>,
    per_page: PerPage,
    cursor: Option<&str>,
) {
    headers.insert(PER_PAGE, HeaderValue::from(per_page.get()));
    if let Some(cursor) = cursor {
        let link = Start::of(call, per_page).link("cursor", cursor, "next");
        insert_links(headers, &link);
    }
}

/// An empty list has one page, which is empty.
fn last_page(total: Total, per_page: PerPage) -> Option<u64> {
    match total {
        Total::Exactly(rows) => Some(rows.div_ceil(per_page.get().into()).max(1)),
        Total::Many | Total::Uncounted => None,
    }
}

fn number_or_nothing(page: Option<u64>) -> HeaderValue {
    page.map_or(HeaderValue::from_static(""), HeaderValue::from)
}

fn insert_links(headers: &mut HeaderMap, links: &str) {
    if let Ok(value) = HeaderValue::from_str(links) {
        headers.insert(header::LINK, value);
    }
}

/// What every link of an answer begins with.
struct Start {
    address: String,
    query: String,
}

impl Start {
    fn of<A>(call: &Call<A>, per_page: PerPage) -> Self {
        let mut query = String::new();
        for (name, text) in call.params.query() {
            if !OURS.contains(&name) && !credential::PARAMETERS.contains(&name) {
                encode(&mut query, name, text);
            }
        }
        encode(&mut query, "per_page", &per_page.get().to_string());
        Self {
            address: format!("{}{}", call.base(), call.parts.uri.path()),
            query,
        }
    }

    fn link(&self, name: &str, value: &str, rel: &str) -> String {
        let mut query = self.query.clone();
        encode(&mut query, name, value);
        format!("<{}?{query}>; rel=\"{rel}\"", self.address)
    }
}
