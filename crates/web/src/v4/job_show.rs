//! `GET /projects/:id/jobs`, `GET /job` and what it may reach (spec/rest.md
//! section 3.10).

use tokenry_authority::{Error, Thing, holders::Of};
use tokenry_domain::{
    HolderId, Project,
    holder::{Holder, HolderKind},
    page::Direction,
};

use super::place_params::place_name;
use crate::{
    access::{Read, ReadOrJob},
    answer,
    call::{Answer, Call},
    failure::Failure,
    openapi::{Paged, PlaceId, Refusals},
    paging::{self, HolderOrder, Paging},
    params::Reader,
    represent::{allowed_agents::AllowedAgentsBody, job::JobBody},
};

/// The job that a path names; an id that no row can have is an unknown one.
pub(super) fn job_id(reader: &mut Reader<'_>, name: &str) -> HolderId {
    let number = reader.integer(name).unwrap_or_default();
    HolderId::new(number).unwrap_or(HolderId::from_row(0))
}

/// List a project's jobs
///
/// For its developers; the latest first.
#[utoipa::path(
    get, path = "/api/v4/projects/{id}/jobs", tag = "Jobs",
    params(
        PlaceId,
        ("sort" = Option<String>, Query, description = "`asc` or `desc`."),
        Paged,
    ),
    responses((status = 200, body = Vec<JobBody<'_>>), Refusals)
)]
pub(super) async fn list(call: Call<Read>) -> Answer {
    let mut reader = call.params.reader();
    let name = place_name(&mut reader, "id");
    let paging = Paging::read(&mut reader);
    let oldest_first = reader.choice("sort", &["asc", "desc"]) == Some("asc");
    reader.finish()?;
    let direction = if oldest_first {
        Direction::Ascending
    } else {
        Direction::Descending
    };
    let order = HolderOrder { direction };
    let window = paging.window(&order)?;
    let authority = call.authority();
    let (project, _) = authority.project(&call.caller, &name).await?;
    let of = Of::Place(project.place().into());
    let listed = authority.list_holders(&call.caller, HolderKind::Job, &of, direction, &window);
    let page = listed.await.map_err(|error| paging::failed(error, "Job"))?;
    let shown: Vec<_> = page
        .rows
        .iter()
        .map(|job| body(&call, job, &project))
        .collect::<Result<_, _>>()?;
    Ok(paging.answer(&call, &order, &page, &shown))
}

/// Show a job
#[utoipa::path(
    get, path = "/api/v4/projects/{id}/jobs/{job_id}", tag = "Jobs",
    params(
        PlaceId,
        ("job_id" = i64, Path),
    ),
    responses((status = 200, body = JobBody<'_>), Refusals)
)]
pub(super) async fn show(call: Call<Read>) -> Answer {
    let mut reader = call.params.reader();
    let name = place_name(&mut reader, "id");
    let id = job_id(&mut reader, "job_id");
    reader.finish()?;
    let authority = call.authority();
    let (project, _) = authority.project(&call.caller, &name).await?;
    let shown = authority.show_holder(&call.caller, HolderKind::Job, id);
    let job = shown.await.map_err(missing)?;
    if job.place != Some(project.place()) {
        return Err(no_job());
    }
    Ok(answer::ok(&body(&call, &job, &project)?))
}

/// Show the job whose token is presented
///
/// In the header `JOB-TOKEN`, the parameter `job_token`, as a bearer token, or
/// as the password of the user `gitlab-ci-token`.
#[utoipa::path(
    get, path = "/api/v4/job", tag = "Jobs",
    responses((status = 200, body = JobBody<'_>), Refusals)
)]
pub(super) async fn own(call: Call<ReadOrJob>) -> Answer {
    let (job, project) = call.authority().own_job(&call.caller).await?;
    Ok(answer::ok(&body(&call, &job, &project)?))
}

/// List the agents that the job may reach whose token is presented
///
/// Those of its own project; nobody shares agents here. The token is presented
/// as for `GET /job`.
#[utoipa::path(
    get, path = "/api/v4/job/allowed_agents", tag = "Jobs",
    responses((status = 200, body = AllowedAgentsBody<'_>), Refusals)
)]
pub(super) async fn allowed_agents(call: Call<ReadOrJob>) -> Answer {
    let reach = call.authority().own_reach(&call.caller).await?;
    let user = call.caller.user().ok_or_else(no_job)?;
    Ok(answer::ok(&AllowedAgentsBody::of(&reach, user)))
}

/// A job as JSON: the user it runs for lives in memory only.
pub(super) fn body<A>(
    call: &Call<A>,
    job: &Holder,
    project: &Project,
) -> Result<serde_json::Value, Failure> {
    let (authority, base) = (call.authority(), call.base());
    let user = job.job().and_then(|job| authority.recall_user(job.user));
    let body = JobBody::of(job, project, user.as_deref(), &base, authority.now());
    let body = body.and_then(|body| serde_json::to_value(body).ok());
    body.ok_or_else(no_job)
}

/// A job of a project that the caller doesn't see looks like one that isn't
/// there.
pub(super) fn missing(error: Error) -> Failure {
    match error {
        Error::NotFound(_) => no_job(),
        other => other.into(),
    }
}

fn no_job() -> Failure {
    Error::NotFound(Thing::Holder(HolderKind::Job)).into()
}
