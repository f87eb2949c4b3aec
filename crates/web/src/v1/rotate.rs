//! `POST /api/v1/tokens/{id}/rotate`: one token takes another's place.

use axum::http::StatusCode;
use serde::Deserialize;
use tokenry_authority::{Error, issuing::Given};
use tokenry_domain::{Reason, written};
use utoipa::ToSchema;

use super::{
    Answer,
    end::{named, worded},
    once::{self, Repeatable},
    problem::{Problem, ProblemBody},
};
use crate::{access::RotateOnce, represent::ledger_token::LedgerToken};

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
/// text, this once; or, with an `Idempotency-Key`, to whoever repeats the request
/// within a day.
#[utoipa::path(
    post, path = "/api/v1/tokens/{id}/rotate", tag = "Tokens",
    params(
        ("id" = i64, Path),
        ("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255,
         description = "What the client calls the request: sent again so, it isn't done again, \
            but answered as it was."),
    ),
    request_body = Option<RotateForm>,
    responses(
        (status = 200, body = LedgerToken<'_>, headers(
            ("Idempotency-Replayed" = bool, description = "There if the answer was given before."),
        )),
        (status = "4XX", body = ProblemBody<'_>, content_type = "application/problem+json"),
    )
)]
pub(super) async fn rotate(asked: Repeatable<RotateOnce, RotateForm>) -> Answer {
    let Repeatable { call, body, retry } = asked;
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
    let answer = once::answered(
        &call,
        retry,
        StatusCode::OK,
        move |authority, caller| async move {
            let caller = caller.because(reason);
            let issued = authority.rotate_token(&caller, id, expires).await;
            issued.map(Given::New)
        },
    );
    answer.await.map_err(worded)
}
