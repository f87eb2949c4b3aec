//! `GET /personal_access_tokens/self/associations` (spec/rest.md section 2.5).

use serde::Serialize;
use tokenry_domain::{
    page::{Page, Total},
    token_filter::TokenOrder,
};
use utoipa::ToSchema;

use crate::{
    access::Own,
    call::{Answer, Call},
    openapi::{Paged, Refusals},
    paging::Paging,
};

/// GitLab's access levels.
const LEVELS: [i64; 8] = [5, 10, 15, 20, 25, 30, 40, 50];

/// What a token reaches. There are no groups and projects here yet.
#[derive(Debug, Serialize, ToSchema)]
struct Associations {
    #[schema(value_type = Vec<Object>)]
    groups: [(); 0],
    #[schema(value_type = Vec<Object>)]
    projects: [(); 0],
}

/// List what the token presented reaches
#[utoipa::path(
    get, path = "/api/v4/personal_access_tokens/self/associations", tag = "Personal access tokens",
    params(
        ("min_access_level" = Option<i64>, Query, description = "5, 10, 15, 20, 25, 30, 40 or 50."),
        Paged,
    ),
    responses((status = 200, body = Associations), Refusals)
)]
pub(super) async fn associations(call: Call<Own>) -> Answer {
    let mut reader = call.params.reader();
    let paging = Paging::read(&mut reader);
    let level = reader.integer("min_access_level");
    if level.is_some_and(|level| !LEVELS.contains(&level)) {
        reader.no_valid_value::<()>("min_access_level");
    }
    reader.finish()?;
    let nothing = Page {
        rows: Vec::new(),
        more: false,
        total: Total::Exactly(0),
    };
    let body = Associations {
        groups: [],
        projects: [],
    };
    Ok(paging.answer(&call, &TokenOrder::default(), &nothing, &body))
}
