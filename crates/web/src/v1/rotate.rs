//! `POST /api/v1/tokens/{id}/rotate`: one token takes another's place.

use serde::Deserialize;
use tokenry_authority::Error;
use tokenry_domain::{Reason, written};
use utoipa::ToSchema;

use super::{
    Answer,
    asked::Asked,
    end::{named, worded},
    problem::{Problem, ProblemBody},
};
use crate::{access::Rotate, answer, represent::ledger_token::LedgerToken};

/// What is asked for of a token's successor.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RotateForm {
    /// The date it stops working at, at 00:00 UTC. If expiry is required, the
    /// default is a week from today, else none.
    #[schema(format = Date)]
    expires_at: Option<String>,
    /// Why; the trail repeats it.
    reason: Option<String>,
}

/// Replace a token
///
/// The old token is revoked in the same step. The answer holds the new token's
/// text, this once.
#[utoipa::path(
    post, path = "/api/v1/tokens/{id}/rotate", tag = "Tokens",
    params(("id" = i64, Path)), request_body = Option<RotateForm>,
    responses(
        (status = 200, body = LedgerToken<'_>),
        (status = "4XX", body = ProblemBody<'_>, content_type = "application/problem+json"),
    )
)]
pub(super) async fn rotate(asked: Asked<Rotate, RotateForm>) -> Answer {
    let Asked { call, body } = asked;
    let id = named(&call)?;
    let expires = body.expires_at.map(|text| {
        let date = written::date(&text);
        date.ok_or_else(|| Problem::field("expires_at", "takes a date, such as 2031-04-06"))
    });
    let expires = expires.transpose()?;
    let reason = body
        .reason
        .map(Reason::new)
        .transpose()
        .map_err(Error::from)?;
    let issued = call.change(|authority, caller| async move {
        let caller = caller.because(reason);
        authority.rotate_token(&caller, id, expires).await
    });
    let issued = issued.await.map_err(worded)?;
    Ok(answer::ok(&LedgerToken::of_issued(
        &issued,
        call.authority(),
    )))
}
