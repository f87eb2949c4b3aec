//! `POST /api/v1/tokens/{id}/revoke` and `DELETE /api/v1/tokens/{id}`: two verbs
//! for two things.

use serde::Deserialize;
use tokenry_authority::{Error, Thing};
use tokenry_domain::{Reason, TokenId};
use utoipa::ToSchema;

use super::{
    Answer,
    asked::Asked,
    problem::{Problem, ProblemBody},
};
use crate::{access::Write, answer, call::Call, represent::ledger_token::LedgerToken};

/// Why a token is to end.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EndForm {
    /// Why; the trail repeats it, and what stays of a deleted token.
    reason: Option<String>,
}

impl EndForm {
    /// The reason in the body, or else in the address.
    fn reason<A>(self, call: &Call<A>) -> Result<Option<Reason>, Problem> {
        let mut reader = call.params.reader();
        let in_address = reader.text("reason");
        let text = self.reason.or_else(|| in_address.map(str::to_owned));
        reader.finish()?;
        let reason = text.map(Reason::new).transpose();
        Ok(reason.map_err(Error::from)?)
    }
}

/// The token that the path names; an id that no row can have is an unknown one.
pub(super) fn named<A>(call: &Call<A>) -> Result<TokenId, Problem> {
    let mut reader = call.params.reader();
    let number = reader.integer("id").unwrap_or_default();
    reader.finish()?;
    Ok(TokenId::new(number).unwrap_or(TokenId::from_row(0)))
}

/// What isn't the caller's is as if it weren't there.
pub(super) fn worded(error: Error) -> Problem {
    Problem::hidden(error, Thing::Token)
}

/// Revoke a token
///
/// It works no more; its row stays. It ends as its kind says: of some, another
/// takes the place, and a job ends with its token. Doing it twice is no mistake.
#[utoipa::path(
    post, path = "/api/v1/tokens/{id}/revoke", tag = "Tokens",
    params(
        ("id" = i64, Path),
        ("reason" = Option<String>, Query, description = "Why, where the body doesn't say."),
    ),
    request_body = Option<EndForm>,
    responses(
        (status = 200, body = LedgerToken<'_>),
        (status = "4XX", body = ProblemBody<'_>, content_type = "application/problem+json"),
    )
)]
pub(super) async fn revoke(asked: Asked<Write, EndForm>) -> Answer {
    let Asked { call, body } = asked;
    let (id, reason) = (named(&call)?, body.reason(&call)?);
    let token = call.change(|authority, caller| async move {
        let caller = caller.because(reason);
        authority.revoke_token(&caller, id).await?;
        authority.show_token(&caller, id).await
    });
    let token = token.await.map_err(worded)?;
    Ok(answer::ok(&LedgerToken::of(&token, call.authority())))
}

/// Delete a token
///
/// The row goes, with its last use and addresses; an active token works no more
/// from then on. A tombstone stays, by which the token is told if it turns up.
#[utoipa::path(
    delete, path = "/api/v1/tokens/{id}", tag = "Tokens",
    params(
        ("id" = i64, Path),
        ("reason" = Option<String>, Query, description = "Why, where the body doesn't say."),
    ),
    request_body = Option<EndForm>,
    responses(
        (status = 204),
        (status = "4XX", body = ProblemBody<'_>, content_type = "application/problem+json"),
    )
)]
pub(super) async fn delete(asked: Asked<Write, EndForm>) -> Answer {
    let Asked { call, body } = asked;
    let (id, reason) = (named(&call)?, body.reason(&call)?);
    call.change(|authority, caller| async move {
        authority.delete_token(&caller.because(reason), id).await
    })
    .await
    .map_err(worded)?;
    Ok(answer::no_content())
}
