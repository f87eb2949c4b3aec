//! `GET /api/v1/tokens`: tokens of every kind, a page at a time or all at once.

use axum::http::{HeaderMap, header};
use serde::Serialize;
use tokenry_authority::{Error, tokens::TokenList};
use tokenry_domain::{
    Invalid,
    invalid::Findings,
    page::Position,
    token_filter::TokenOrder,
    token_query::{self, TokenQuery},
};
use utoipa::ToSchema;

use super::{
    Answer,
    problem::{Problem, ProblemBody},
    token_export::{self, Form},
};
use crate::{
    access::Read, answer, call::Call, credential, openapi::TokensAsked,
    represent::ledger_token::LedgerToken,
};

/// What the query says beside the filter.
const BESIDE: [&str; 5] = ["sort", "per_page", "cursor", "count", "sudo"];
/// Rows a page, unless told otherwise.
const USUAL: usize = 20;
/// The most rows a page.
const MOST: usize = 1_000;

/// A page of tokens.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Tokens)]
struct TokensBody<'t> {
    /// The tokens. There may be fewer than asked for, or none, though more
    /// follow: a page ends when so many were looked at.
    tokens: Vec<LedgerToken<'t>>,
    /// The `cursor` of what follows; null at the end.
    next_cursor: Option<String>,
    /// How many there are in all, where that was asked for.
    count: Option<u64>,
}

/// How tokens are to be counted.
#[derive(Debug, Clone, Copy)]
enum Count {
    None,
    Estimate,
    Exact,
}

/// What is asked for.
struct Asked<'q> {
    query: TokenQuery,
    order: TokenOrder,
    per_page: Option<usize>,
    cursor: Option<&'q str>,
    count: Count,
}

/// List tokens
///
/// Administrators see all tokens, others their own. All conditions must hold;
/// a parameter that isn't known is refused. With `Accept: text/csv` or
/// `application/x-ndjson` the answer is all of them, however many.
#[utoipa::path(
    get, path = "/api/v1/tokens", tag = "Tokens",
    params(TokensAsked),
    responses(
        (status = 200, content(
            (TokensBody<'_> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson"),
        )),
        (status = "4XX", body = ProblemBody<'_>, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(call: Call<Read>) -> Answer {
    let authority = call.authority();
    let pairs: Vec<_> = call.params.query().collect();
    let asked = read(&pairs, authority.now())?;
    let filter = authority.settle_tokens(&call.caller, asked.query).await?;
    let list = authority
        .token_list(&call.caller, filter, asked.order)
        .await?;
    if let Some(form) = form(&call.parts.headers) {
        all_at_once(asked.per_page.is_some(), asked.cursor, asked.count)?;
        let (authority, caller) = (authority.clone(), call.caller.clone());
        return Ok(token_export::answer(authority, caller, list, form).await?);
    }
    let after = position(&call, &list, asked.cursor)?;
    let most = asked.per_page.unwrap_or(USUAL);
    let page = authority.page_of(&list, after.as_ref(), most).await?;
    let count = count(&call, &list, asked.count).await?;
    let next = page.next.as_ref();
    let rows = page.rows.iter();
    Ok(answer::ok(&TokensBody {
        tokens: rows
            .map(|token| LedgerToken::of(token, authority))
            .collect(),
        next_cursor: next.map(|next| authority.seal_cursor(&list.name(), next)),
        count,
    }))
}

fn read<'q>(pairs: &[(&'q str, &'q str)], now: jiff::Timestamp) -> Result<Asked<'q>, Error> {
    let ours = |name: &str| BESIDE.contains(&name) || credential::PARAMETERS.contains(&name);
    let fields = pairs.iter().copied().filter(|(name, _)| !ours(name));
    let mut found = Findings::default();
    let query = found.value(TokenQuery::read(fields, now));
    let order = only(pairs, "sort")
        .and_then(|name| name.map_or(Ok(TokenOrder::default()), token_query::order));
    let order = found.value(order);
    let per_page = only(pairs, "per_page").and_then(|text| text.map(rows).transpose());
    let per_page = found.value(per_page);
    let count = only(pairs, "count").and_then(|text| text.map_or(Ok(Count::None), counting));
    let count = found.value(count);
    let cursor = found.value(only(pairs, "cursor"));
    match (query, order, per_page, count, cursor) {
        (Some(query), Some(order), Some(per_page), Some(count), Some(cursor)) => Ok(Asked {
            query,
            order,
            per_page,
            cursor: cursor.filter(|text| !text.is_empty()),
            count,
        }),
        _ => Err(found.into_invalid().into()),
    }
}

/// The text of a parameter that may be there once.
fn only<'q>(pairs: &[(&'q str, &'q str)], name: &'static str) -> Result<Option<&'q str>, Invalid> {
    let mut found = pairs.iter().filter(|(own, _)| *own == name);
    match (found.next(), found.next()) {
        (_, Some(_)) => Err(Invalid::field(name, "is there twice")),
        (first, None) => Ok(first.map(|(_, text)| *text)),
    }
}

fn rows(text: &str) -> Result<usize, Invalid> {
    let number = text.parse().ok().filter(|rows| (1..=MOST).contains(rows));
    number.ok_or_else(|| Invalid::field("per_page", format!("takes a number from 1 to {MOST}")))
}

fn counting(text: &str) -> Result<Count, Invalid> {
    match text {
        "none" => Ok(Count::None),
        "estimate" => Ok(Count::Estimate),
        "exact" => Ok(Count::Exact),
        _ => Err(Invalid::field("count", "takes exact, estimate or none")),
    }
}

/// The form that is asked for, if it isn't JSON: the first one named.
fn form(headers: &HeaderMap) -> Option<Form> {
    let accept = headers.get_all(header::ACCEPT).into_iter();
    let texts = accept.filter_map(|value| value.to_str().ok());
    let mut types = texts.flat_map(|text| text.split(',')).filter_map(|range| {
        match range.split(';').next().unwrap_or_default().trim() {
            "text/csv" => Some(Some(Form::Csv)),
            "application/x-ndjson" => Some(Some(Form::Lines)),
            "application/json" | "application/*" | "*/*" => Some(None),
            _ => None,
        }
    });
    types.next().flatten()
}

/// What is all at once has no pages.
fn all_at_once(paged: bool, cursor: Option<&str>, count: Count) -> Result<(), Problem> {
    let why = "is of lists in JSON; CSV and NDJSON are all of it at once";
    match count {
        _ if paged => Err(Problem::field("per_page", why)),
        _ if cursor.is_some() => Err(Problem::field("cursor", why)),
        Count::Estimate | Count::Exact => Err(Problem::field("count", why)),
        Count::None => Ok(()),
    }
}

fn position(
    call: &Call<Read>,
    list: &TokenList,
    cursor: Option<&str>,
) -> Result<Option<Position>, Error> {
    let authority = call.authority();
    let opened = cursor.map(|cursor| authority.open_cursor(&list.name(), cursor));
    opened.transpose()
}

async fn count(call: &Call<Read>, list: &TokenList, how: Count) -> Result<Option<u64>, Error> {
    match how {
        Count::None => Ok(None),
        Count::Estimate => call.authority().estimate_of(list).await.map(Some),
        Count::Exact => call.authority().count_of(list).await.map(Some),
    }
}
