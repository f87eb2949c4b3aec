//! Windows onto lists, as clients ask for them (spec/rest.md section 1A).
//!
//! Page numbers are GitLab's usual way. `pagination=keyset` works on every list
//! here, on token lists too, where GitLab has none.

mod links;
mod orders;

use axum::{http::StatusCode, response::Response};
use serde::Serialize;
use tokenry_authority::Error;
use tokenry_domain::page::{Page, PerPage, Position, Window};

pub(crate) use self::orders::{
    HolderOrder, KeysetOrder, MemberOrder, PlacesBy, holder_order, place_order, token_order,
    user_order,
};
use crate::{
    answer,
    call::Call,
    failure::{Failure, too_deep},
    params::Reader,
};

/// What a client asks to see of a list.
#[derive(Debug)]
pub(crate) struct Paging<'p> {
    per_page: PerPage,
    way: Way<'p>,
}

#[derive(Debug)]
enum Way<'p> {
    Page(u64),
    Keyset(Start<'p>),
}

/// Where a keyset window begins.
#[derive(Debug)]
enum Start<'p> {
    Beginning,
    Cursor(&'p str),
    /// After the row with this id, in a list by id.
    Id(i64),
}

impl<'p> Paging<'p> {
    /// Reads `page`, `per_page`, `pagination`, `cursor` and `id_after`.
    pub(crate) fn read(reader: &mut Reader<'p>) -> Self {
        let per_page = positive(reader, "per_page");
        let per_page = per_page.and_then(PerPage::new).unwrap_or(PerPage::DEFAULT);
        let page = positive(reader, "page").unwrap_or(1);
        let start = start(reader);
        let way = if reader.text("pagination") == Some("keyset") {
            Way::Keyset(start)
        } else {
            Way::Page(page)
        };
        Self { per_page, way }
    }

    /// Whether the client asks for keyset paging.
    pub(crate) const fn is_keyset(&self) -> bool {
        matches!(self.way, Way::Keyset(_))
    }

    /// The window in a list of this order.
    pub(crate) fn window(&self, order: &impl KeysetOrder) -> Result<Window, Failure> {
        let per_page = self.per_page;
        let position = match &self.way {
            Way::Page(number) => {
                let number = *number;
                return Ok(Window::Page { number, per_page });
            }
            Way::Keyset(Start::Beginning) => None,
            Way::Keyset(Start::Id(id)) if order.is_by_id() => Some(Position::of_id(*id)),
            Way::Keyset(Start::Id(_)) => return Err(not_by_keyset()),
            Way::Keyset(Start::Cursor(cursor)) => {
                Some(Position::from_cursor(cursor, order.name()).map_err(Error::from)?)
            }
        };
        Ok(Window::After { position, per_page })
    }

    /// The answer: the rows as they are shown, and where the others are.
    pub(crate) fn answer<A, T>(
        &self,
        call: &Call<A>,
        order: &impl KeysetOrder<Row = T>,
        page: &Page<T>,
        shown: &impl Serialize,
    ) -> Response {
        let mut response = answer::ok(shown);
        let headers = response.headers_mut();
        match &self.way {
            Way::Page(number) => links::pages(headers, call, *number, self.per_page, page),
            Way::Keyset(_) => {
                let last = page.rows.last().filter(|_| page.more);
                let cursor = last.map(|row| order.position(row).to_cursor(order.name()));
                links::keyset(headers, call, self.per_page, cursor.as_deref());
            }
        }
        response
    }
}

/// 405 for a list that can't be paged by keyset in the order asked for.
pub(crate) fn not_by_keyset() -> Failure {
    Failure::error(
        StatusCode::METHOD_NOT_ALLOWED,
        "Keyset pagination is not yet available for this type of request",
    )
}

/// A use case's error about a list of `things`.
pub(crate) fn failed(error: Error, things: &str) -> Failure {
    match error {
        Error::TooDeep { most } => {
            Failure::error(StatusCode::METHOD_NOT_ALLOWED, &too_deep(most, things))
        }
        other => other.into(),
    }
}

fn start<'p>(reader: &mut Reader<'p>) -> Start<'p> {
    let cursor = reader.text("cursor").filter(|text| !text.is_empty());
    let id = reader.integer("id_after");
    match (cursor, id) {
        (Some(cursor), _) => Start::Cursor(cursor),
        (None, Some(id)) => Start::Id(id),
        (None, None) => Start::Beginning,
    }
}

fn positive(reader: &mut Reader<'_>, name: &str) -> Option<u64> {
    let number = reader.integer(name)?;
    let number = u64::try_from(number).ok().filter(|number| *number > 0);
    number.or_else(|| reader.invalid(name))
}

/// The order asked for. One that isn't known is ignored on numbered pages, as
/// in GitLab, but a client that follows cursors relies on it.
pub(crate) fn known<O: Default>(order: Option<O>, paging: &Paging<'_>) -> Result<O, Failure> {
    match order {
        None if paging.is_keyset() => Err(not_by_keyset()),
        order => Ok(order.unwrap_or_default()),
    }
}
