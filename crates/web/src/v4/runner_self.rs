//! What runners ask for themselves, with their token as a parameter
//! (spec/rest.md section 3.8).

use axum::http::StatusCode;
use tokenry_authority::{Error, Refusal, Thing, tokens::TokenText};
use tokenry_domain::holder::HolderKind;
use utoipa::ToSchema;

use super::runner_managers::{MachineValues, contact};
use crate::{
    answer, call::Answer, failure::Failure, represent::runner::RunnerTokenBody, visit::Visit,
};

const KIND: HolderKind = HolderKind::Runner;

/// A runner that shows its token.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "it is what the document says")]
struct ShownToken {
    /// The runner's token.
    token: String,
}

fn token(visit: &Visit) -> Result<TokenText, Failure> {
    let mut reader = visit.params.reader();
    let token = reader.required("token").to_owned();
    reader.finish()?;
    Ok(TokenText::new(token))
}

/// A machine that shows a runner's token.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "it is what the document says")]
struct ShownByMachine {
    /// The runner's token.
    token: String,
    #[serde(flatten)]
    machine: MachineValues,
}

/// Verify a runner's token
///
/// The runner counts as heard of, and with a `system_id` the machine that shows
/// the token is one of its managers.
#[utoipa::path(
    post, path = "/api/v4/runners/verify", tag = "Runners", security(()),
    request_body = ShownByMachine,
    responses((status = 200, body = RunnerTokenBody<'_>), (status = 403, description = "The token isn't a runner's."))
)]
pub(super) async fn verify(visit: Visit) -> Answer {
    let mut reader = visit.params.reader();
    let token = TokenText::new(reader.required("token").to_owned());
    let contact = contact(&mut reader, &visit.origin());
    reader.finish()?;
    let verified = visit.to_the_end(|authority, origin| async move {
        let shown = authority
            .verify_runner(token.reveal(), contact, &origin)
            .await?;
        Ok((shown.holder, token))
    });
    let (runner, token) = verified.await.map_err(worded)?;
    Ok(answer::ok(&RunnerTokenBody::shown(&runner, token.reveal())))
}

/// Reset the token of the runner that shows it
#[utoipa::path(
    post, path = "/api/v4/runners/reset_authentication_token", tag = "Runners", security(()),
    request_body = ShownToken,
    responses((status = 201, body = RunnerTokenBody<'_>), (status = 403, description = "The token isn't a runner's."))
)]
pub(super) async fn reset(visit: Visit) -> Answer {
    let token = token(&visit)?;
    let reset = visit
        .to_the_end(|authority, origin| async move {
            let shown = authority
                .present_holder(KIND, token.reveal(), &origin)
                .await?;
            let caller = shown.caller(origin);
            authority.reset_holder(&caller, KIND, shown.holder.id).await
        })
        .await
        .map_err(worded)?;
    Ok(answer::created(&RunnerTokenBody::reset(&reset)))
}

/// Remove the runner that shows its token
#[utoipa::path(
    delete, path = "/api/v4/runners", tag = "Runners", security(()),
    params(("token" = String, Query, description = "The runner's token; better in the body, since addresses are written to logs.")),
    responses((status = 204), (status = 403, description = "The token isn't a runner's."))
)]
pub(super) async fn remove(visit: Visit) -> Answer {
    let token = token(&visit)?;
    visit
        .to_the_end(|authority, origin| async move {
            let shown = authority
                .present_holder(KIND, token.reveal(), &origin)
                .await?;
            let caller = shown.caller(origin);
            authority
                .remove_holder(&caller, KIND, shown.holder.id)
                .await
        })
        .await
        .map_err(worded)?;
    Ok(answer::no_content())
}

/// All that isn't a runner's token is refused alike.
pub(super) fn worded(error: Error) -> Failure {
    match error {
        Error::Refused(Refusal::Unknown | Refusal::Expired | Refusal::Revoked)
        | Error::NotFound(Thing::Holder(_)) => {
            Failure::message(StatusCode::FORBIDDEN, "403 Forbidden")
        }
        other => other.into(),
    }
}
