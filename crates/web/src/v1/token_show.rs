//! `GET /api/v1/tokens/{id}`.

use tokenry_authority::{Error, Thing};
use tokenry_domain::TokenId;

use super::{
    Answer,
    problem::{Problem, ProblemBody},
};
use crate::{access::Read, answer, call::Call, represent::ledger_token::LedgerToken};

/// Show a token
///
/// One that the caller may not see isn't there.
#[utoipa::path(
    get, path = "/api/v1/tokens/{id}", tag = "Tokens",
    params(("id" = i64, Path)),
    responses((status = 200, body = LedgerToken<'_>), (status = "4XX", body = ProblemBody<'_>, content_type = "application/problem+json"))
)]
pub(super) async fn show(call: Call<Read>) -> Answer {
    let authority = call.authority();
    let shown = authority.show_token(&call.caller, id(&call)?).await;
    let token = shown.map_err(|error| Problem::hidden(error, Thing::Token))?;
    Ok(answer::ok(&LedgerToken::of(&token, authority)))
}

/// The id in the path. A number that can't be an id is the id of no token.
pub(super) fn id<A>(call: &Call<A>) -> Result<TokenId, Problem> {
    let mut reader = call.params.reader();
    let number = reader.integer("id");
    reader.finish()?;
    let id = number.and_then(TokenId::new);
    id.ok_or_else(|| Error::NotFound(Thing::Token).into())
}
