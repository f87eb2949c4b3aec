//! Lists of the tokens of one kind, where the kind has rows of its own.

use axum::response::Response;
use serde::Serialize;
use tokenry_authority::Error;
use tokenry_domain::{
    Kind, Token,
    page::{Direction, Page, Window},
    token_filter::{SortKey, TokenFilter, TokenOrder},
};

use super::place_params::{Sort, place_name};
use crate::{
    access::{AdminRead, Read},
    call::Call,
    failure::Failure,
    paging::{self, Paging},
    params::Reader,
};

/// The order of such lists: there is no other.
const ORDER: TokenOrder = TokenOrder {
    key: SortKey::Id,
    direction: Direction::Ascending,
};

/// How such a list is filtered.
type Filter = fn(&mut Reader<'_>) -> TokenFilter;

/// The rows of a kind.
pub(super) struct Rows {
    pub(super) kind: Kind,
    /// What GitLab calls their type.
    pub(super) title: &'static str,
}

/// A window of them, as a request asked for it.
pub(super) struct Listed<'c> {
    paging: Paging<'c>,
    pub(super) page: Page<Token>,
}

impl Rows {
    /// Those of the project or group that the path names.
    pub(super) async fn of_place<'c>(
        &self,
        call: &'c Call<Read>,
        sort: Sort,
        filter: Filter,
    ) -> Result<Listed<'c>, Failure> {
        let mut reader = call.params.reader();
        let place = sort(place_name(&mut reader, "id"));
        let (paging, filter, window) = asked(reader, filter)?;
        let authority = call.authority();
        let standing = authority.place(&call.caller, &place).await?;
        let tokens = authority.tokens_in(&call.caller, standing, self.kind);
        let listed = tokens.list(filter, ORDER, &window).await;
        self.listed(paging, listed)
    }

    /// Those throughout the instance.
    pub(super) async fn of_instance<'c>(
        &self,
        call: &'c Call<AdminRead>,
        filter: Filter,
    ) -> Result<Listed<'c>, Failure> {
        let (paging, filter, window) = asked(call.params.reader(), filter)?;
        let (authority, caller) = (call.authority(), &call.caller);
        let listed = authority.list_instance_tokens(caller, self.kind, filter, ORDER, &window);
        self.listed(paging, listed.await)
    }

    fn listed<'c>(
        &self,
        paging: Paging<'c>,
        listed: Result<Page<Token>, Error>,
    ) -> Result<Listed<'c>, Failure> {
        let page = listed.map_err(|error| paging::failed(error, self.title))?;
        Ok(Listed { paging, page })
    }
}

fn asked(
    mut reader: Reader<'_>,
    filter: Filter,
) -> Result<(Paging<'_>, TokenFilter, Window), Failure> {
    let (paging, filter) = (Paging::read(&mut reader), filter(&mut reader));
    reader.finish()?;
    let window = paging.window(&ORDER)?;
    Ok((paging, filter, window))
}

impl Listed<'_> {
    /// The answer, with the rows as they are shown.
    pub(super) fn answer<A>(&self, call: &Call<A>, shown: &impl Serialize) -> Response {
        self.paging.answer(call, &ORDER, &self.page, shown)
    }
}
