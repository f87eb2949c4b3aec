//! `GET /personal_access_tokens` (spec/rest.md section 2.2).

use tokenry_authority::Error;
use tokenry_domain::{
    States, expiry,
    token_filter::{Between, TokenFilter},
};

use super::user_id;
use crate::{
    access::Read,
    call::{Answer, Call},
    failure::Failure,
    openapi::{Filtered, Paged, Refusals},
    paging::{self, Paging, token_order},
    params::Reader,
    represent::token::TokenBody,
};

/// What GitLab calls the type of the rows.
pub(super) const TYPE: &str = "PersonalAccessToken";

/// List tokens
///
/// Administrators see all tokens, others their own. All filters must hold.
#[utoipa::path(
    get, path = "/api/v4/personal_access_tokens", tag = "Personal access tokens",
    params(
        ("user_id" = Option<i64>, Query, description = "Only this user's. Who isn't an administrator may only name themselves."),
        Filtered,
        Paged,
    ),
    responses((status = 200, body = Vec<TokenBody<'_>>), Refusals)
)]
pub(super) async fn list(call: Call<Read>) -> Answer {
    let mut reader = call.params.reader();
    let paging = Paging::read(&mut reader);
    let order = token_order(&mut reader);
    let filter = TokenFilter {
        // Sent empty, it names no user rather than every user.
        owner: reader
            .has("user_id")
            .then(|| user_id(&mut reader, "user_id")),
        ..token_filter(&mut reader)
    };
    reader.finish()?;
    let order = paging::known(order, &paging)?;
    let window = paging.window(&order)?;
    let listed = call
        .authority()
        .list_tokens(&call.caller, filter, order, &window);
    let page = listed
        .await
        .map_err(|error| worded(error, call.caller.is_admin()))?;
    let now = call.authority().now();
    let shown: Vec<_> = page
        .rows
        .iter()
        .map(|token| TokenBody::of(token, now))
        .collect();
    Ok(paging.answer(&call, &order, &page, &shown))
}

/// An unknown user looks like a foreign one to all but administrators.
fn worded(error: Error, admin: bool) -> Failure {
    match error {
        hidden @ (Error::NotFound(_) | Error::NotPermitted(_)) => Failure::hidden(hidden, admin),
        other => paging::failed(other, TYPE),
    }
}

/// What every list of access tokens is filtered by.
pub(super) fn token_filter(reader: &mut Reader<'_>) -> TokenFilter {
    let search = reader.sought("search").unwrap_or_default();
    let state = reader.choice("state", &["active", "inactive"]);
    TokenFilter {
        states: States::ended(reader.flag("revoked"))
            .within(States::working(state.map(|state| state == "active"))),
        words: search.split_whitespace().map(str::to_owned).collect(),
        created: moments(reader, "created_after", "created_before"),
        expires: Between {
            after: reader.date("expires_after").map(expiry::moment),
            before: reader.date("expires_before").map(expiry::moment),
        },
        last_used: moments(reader, "last_used_after", "last_used_before"),
        ..TokenFilter::default()
    }
}

fn moments(reader: &mut Reader<'_>, after: &str, before: &str) -> Between {
    Between {
        after: reader.moment(after),
        before: reader.moment(before),
    }
}
