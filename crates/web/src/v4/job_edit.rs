//! Starting and ending jobs; tokenry's own.

use tokenry_authority::{jobs::NewJob, places::UserName};
use tokenry_domain::{
    PlaceName, UserId,
    job::{Outcome, USUAL_TIMEOUT},
};
use utoipa::ToSchema;

use super::{
    job_show::{body, job_id, missing},
    place_params::place_name,
};
use crate::{
    access::{Write, WriteOrJob},
    answer,
    call::{Answer, Call},
    openapi::{PlaceId, Refusals},
    params::Reader,
    represent::job::JobBody,
};

/// What is settled of a new job.
#[derive(Debug, ToSchema)]
struct JobForm {
    /// What it is called.
    name: String,
    /// The branch or tag it runs for.
    r#ref: String,
    /// The user it runs for, by id or username; by default, the caller. Others
    /// are named by maintainers, and must be developers of the project.
    #[schema(value_type = Option<String>)]
    user: Option<UserName>,
    /// How long it may run, in seconds: 60 to 604,800; by default, 3,600.
    timeout: Option<i64>,
}

impl JobForm {
    fn read(reader: &mut Reader<'_>) -> Self {
        Self {
            name: reader.required("name").to_owned(),
            r#ref: reader.required("ref").to_owned(),
            user: reader.sought("user").map(user_name),
            timeout: reader.integer("timeout"),
        }
    }

    fn wanted(self, project: PlaceName, issuer: String) -> NewJob {
        NewJob {
            project,
            name: self.name,
            r#ref: self.r#ref,
            user: self.user,
            timeout: self.timeout.unwrap_or(USUAL_TIMEOUT),
            issuer,
        }
    }
}

/// Digits are an id.
fn user_name(text: &str) -> UserName {
    match text.parse().ok().and_then(UserId::new) {
        Some(id) => UserName::Id(id),
        None => UserName::Username(text.to_owned()),
    }
}

/// Start a job
///
/// For developers of the project. The answer holds the job's token, this once.
#[utoipa::path(
    post, path = "/api/v4/projects/{id}/jobs", tag = "Jobs",
    params(PlaceId),
    request_body = JobForm,
    responses((status = 201, body = JobBody<'_>), Refusals)
)]
pub(super) async fn start(call: Call<Write>) -> Answer {
    let mut reader = call.params.reader();
    let project = place_name(&mut reader, "id");
    let form = JobForm::read(&mut reader);
    reader.finish()?;
    let new = form.wanted(project, call.base());
    let started = call
        .change(|authority, caller| async move { authority.start_job(&caller, new).await })
        .await?;
    let (authority, base) = (call.authority(), call.base());
    let user = authority.recall_user(started.issued.token.owner);
    let (job, project) = (&started.job, &started.project);
    let body = JobBody::of(job, project, user.as_deref(), &base, authority.now());
    let secret = started.issued.text.reveal();
    Ok(answer::created(&body.map(|body| body.with_secret(secret))))
}

/// End a job
///
/// For developers of the project, and for the job itself, with its token. The
/// token ends with it.
#[utoipa::path(
    post, path = "/api/v4/jobs/{id}/finish", tag = "Jobs",
    params(("id" = i64, Path)),
    request_body = FinishForm,
    responses((status = 200, body = JobBody<'_>), Refusals)
)]
pub(super) async fn finish(call: Call<WriteOrJob>) -> Answer {
    let mut reader = call.params.reader();
    let id = job_id(&mut reader, "id");
    let form = FinishForm::read(&mut reader);
    reader.finish()?;
    let finished = call.change(|authority, caller| async move {
        authority.finish_job(&caller, id, form.status).await
    });
    let (job, project) = finished.await.map_err(missing)?;
    Ok(answer::ok(&body(&call, &job, &project)?))
}

/// How a job ended.
#[derive(Debug, ToSchema)]
struct FinishForm {
    /// `success`, `failed` or `canceled`.
    #[schema(value_type = String)]
    status: Outcome,
}

impl FinishForm {
    fn read(reader: &mut Reader<'_>) -> Self {
        if !reader.has("status") {
            reader.problem("status is missing".to_owned());
        }
        let words = Outcome::ALL.map(Outcome::name);
        let status = reader.choice("status", &words).and_then(Outcome::from_name);
        Self {
            status: status.unwrap_or(Outcome::Failed),
        }
    }
}
