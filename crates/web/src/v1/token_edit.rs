//! `PATCH /api/v1/tokens/{id}`: a token's words, and nothing that it may do.

use serde::Deserialize;
use tokenry_authority::{Error, tokens::TokenChange};
use tokenry_domain::Reason;
use utoipa::ToSchema;

use super::{
    Answer,
    asked::{Asked, said},
    end::{named, worded},
    problem::{Problem, ProblemBody},
};
use crate::{access::Write, answer, represent::ledger_token::LedgerToken};

/// What is changed of a token; what isn't named stays. Anything else is
/// refused: for other scopes or another end, issue another token.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TokenChange)]
pub(super) struct EditForm {
    /// What it is called.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>)]
    name: Option<Option<String>>,
    /// What is said of it; at most 255 characters. Null says nothing any more.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>)]
    description: Option<Option<String>>,
    /// Why; the trail repeats it.
    reason: Option<String>,
}

/// Change a token's name or description
///
/// For whoever may manage it, also once it works no more.
#[utoipa::path(
    patch, path = "/api/v1/tokens/{id}", tag = "Tokens",
    params(("id" = i64, Path)), request_body = EditForm,
    responses(
        (status = 200, body = LedgerToken<'_>),
        (status = "4XX", body = ProblemBody<'_>, content_type = "application/problem+json"),
    )
)]
pub(super) async fn edit(asked: Asked<Write, EditForm>) -> Answer {
    let Asked { call, body } = asked;
    let id = named(&call)?;
    let blank = || Problem::field("name", "can't be blank");
    let name = body.name.map(|name| name.ok_or_else(blank)).transpose()?;
    let reason = body.reason.map(Reason::new).transpose();
    let reason = reason.map_err(Error::from)?;
    let change = TokenChange {
        name,
        description: body.description,
    };
    let token = call.change(|authority, caller| async move {
        let caller = caller.because(reason);
        authority.edit_token(&caller, id, change).await
    });
    let token = token.await.map_err(worded)?;
    Ok(answer::ok(&LedgerToken::of(&token, call.authority())))
}
