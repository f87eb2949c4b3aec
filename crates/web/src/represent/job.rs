//! Jobs on the wire (spec/token-information-api.md section 2.10).

use jiff::Timestamp;
use serde::Serialize;
use tokenry_domain::{Project, User, holder::Holder, job::Progress};
use utoipa::ToSchema;

use super::{time::Moment, user::BasicUser};
use crate::secret::Secret;

/// A job. What GitLab tells of a pipeline's jobs and has no counterpart here is
/// there with the value that says "nothing".
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Job)]
pub(crate) struct JobBody<'j> {
    /// The job's id.
    id: i64,
    /// `running`, `success`, `failed` or `canceled`.
    status: &'static str,
    /// Always `test`.
    stage: &'static str,
    /// What it is called.
    name: &'j str,
    /// The branch or tag it runs for.
    r#ref: &'j str,
    /// Always false.
    tag: bool,
    coverage: Option<f64>,
    /// Always false.
    allow_failure: bool,
    /// When it was started.
    #[schema(value_type = String, format = DateTime)]
    created_at: Moment,
    /// The same.
    #[schema(value_type = String, format = DateTime)]
    started_at: Moment,
    /// When it ended.
    #[schema(value_type = Option<String>, format = DateTime)]
    finished_at: Option<Moment>,
    #[schema(value_type = Option<String>, format = DateTime)]
    erased_at: Option<Moment>,
    /// For how long it has run, in seconds.
    duration: f64,
    /// Always 0.
    queued_duration: f64,
    /// The user it runs for.
    user: Option<BasicUser<'j>>,
    commit: Option<&'static str>,
    pipeline: Option<&'static str>,
    /// Why it failed; there if it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure_reason: Option<&'static str>,
    /// Where clients say the job's page is.
    web_url: String,
    project: JobProject,
    /// How long it may run, in seconds; tokenry's own.
    timeout: i64,
    /// The secret; present in the one answer that hands it over.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    token: Option<Secret<'j>>,
}

/// What a job tells of its project.
#[derive(Debug, Serialize, ToSchema)]
struct JobProject {
    /// The project's id.
    id: i64,
    /// Always false.
    ci_job_token_scope_enabled: bool,
}

impl<'j> JobBody<'j> {
    /// A job of a project; none for what holds a token and isn't one.
    pub(crate) fn of(
        holder: &'j Holder,
        project: &Project,
        user: Option<&'j User>,
        base: &str,
        now: Timestamp,
    ) -> Option<Self> {
        let (job, progress) = (holder.job()?, holder.progress(now)?);
        let path = &project.full_path;
        Some(Self {
            id: holder.id.get(),
            status: progress.name(),
            stage: "test",
            name: &holder.name,
            r#ref: &job.r#ref,
            tag: false,
            coverage: None,
            allow_failure: false,
            created_at: Moment(holder.created_at),
            started_at: Moment(holder.created_at),
            finished_at: progress.finished_at().map(Moment),
            erased_at: None,
            duration: duration(holder.created_at, progress, now),
            queued_duration: 0.0,
            user: user.map(|user| BasicUser::of(user, base)),
            commit: None,
            pipeline: None,
            failure_reason: progress.failure_reason(),
            web_url: format!("{base}/{path}/-/jobs/{}", holder.id),
            project: JobProject {
                id: project.id.get(),
                ci_job_token_scope_enabled: false,
            },
            timeout: job.timeout,
            token: None,
        })
    }

    /// With its token's secret.
    pub(crate) fn with_secret(self, token: &'j str) -> Self {
        Self {
            token: Some(Secret::new(token)),
            ..self
        }
    }
}

fn duration(began: Timestamp, progress: Progress, now: Timestamp) -> f64 {
    let until = progress.finished_at().unwrap_or(now);
    until.duration_since(began).as_secs_f64()
}
