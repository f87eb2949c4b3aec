//! `/api/v1/retention`: how long things are kept, and what is due.

use axum::http::StatusCode;
use tokenry_domain::Retention;

use super::{Answer, asked::Asked, problem::ProblemBody};
use crate::{
    access::{AdminRead, AdminWrite},
    answer,
    call::Call,
    represent::retention::{PreviewBody, RetentionBody, RetentionForm, RunBody, RunsBody},
};

/// Show how long things are kept
#[utoipa::path(
    get, path = "/api/v1/retention", tag = "Retention",
    responses(
        (status = 200, body = RetentionBody),
        (status = "4XX", body = ProblemBody<'_>, content_type = "application/problem+json"),
    )
)]
pub(super) async fn show(call: Call<AdminRead>) -> Answer {
    let kept = call.authority().show_retention(&call.caller).await?;
    Ok(answer::ok(&RetentionBody::of(&kept)))
}

/// Say how long things are kept
///
/// All of it is replaced. What is due by it goes with the next run, so look at
/// the preview first.
#[utoipa::path(
    put, path = "/api/v1/retention", tag = "Retention", request_body = RetentionForm,
    responses(
        (status = 200, body = RetentionBody),
        (status = "4XX", body = ProblemBody<'_>, content_type = "application/problem+json"),
    )
)]
pub(super) async fn change(asked: Asked<AdminWrite, Retention>) -> Answer {
    let Asked { call, body } = asked;
    call.change(|authority, caller| async move { authority.change_retention(&caller, body).await })
        .await?;
    let kept = call.authority().show_retention(&call.caller).await?;
    Ok(answer::ok(&RetentionBody::of(&kept)))
}

/// Preview what is due
///
/// Now, and in the next 30 days, by the rules in force.
#[utoipa::path(
    get, path = "/api/v1/retention/preview", tag = "Retention",
    responses(
        (status = 200, body = PreviewBody),
        (status = "4XX", body = ProblemBody<'_>, content_type = "application/problem+json"),
    )
)]
pub(super) async fn preview(call: Call<AdminRead>) -> Answer {
    let authority = call.authority();
    let preview = authority.preview_retention(&call.caller, None).await?;
    Ok(answer::ok(&PreviewBody::of(&preview)))
}

/// Preview what would be due by other rules
#[utoipa::path(
    post, path = "/api/v1/retention/preview", tag = "Retention", request_body = RetentionForm,
    responses(
        (status = 200, body = PreviewBody),
        (status = "4XX", body = ProblemBody<'_>, content_type = "application/problem+json"),
    )
)]
pub(super) async fn preview_of(asked: Asked<AdminRead, Retention>) -> Answer {
    let Asked { call, body } = asked;
    let authority = call.authority();
    let preview = authority
        .preview_retention(&call.caller, Some(body))
        .await?;
    Ok(answer::ok(&PreviewBody::of(&preview)))
}

/// List the runs
///
/// The last 50 since the server started, the newest first.
#[utoipa::path(
    get, path = "/api/v1/retention/runs", tag = "Retention",
    responses(
        (status = 200, body = RunsBody),
        (status = "4XX", body = ProblemBody<'_>, content_type = "application/problem+json"),
    )
)]
pub(super) async fn runs(call: Call<AdminRead>) -> Answer {
    let runs = call.authority().retention_runs(&call.caller)?;
    let runs = runs.iter().map(RunBody::of).collect();
    Ok(answer::ok(&RunsBody { runs }))
}

/// Run it now
///
/// Deletes what is due, without waiting for the next hour. The run goes on when
/// this is answered; look at the list. There is one at a time.
#[utoipa::path(
    post, path = "/api/v1/retention/runs", tag = "Retention",
    responses(
        (status = 202, description = "It has begun.", body = RunBody),
        (status = "4XX", body = ProblemBody<'_>, content_type = "application/problem+json"),
    )
)]
pub(super) async fn run(call: Call<AdminWrite>) -> Answer {
    let run = call.authority().ask_for_retention(&call.caller)?;
    Ok(answer::json(StatusCode::ACCEPTED, &RunBody::of(&run)))
}
