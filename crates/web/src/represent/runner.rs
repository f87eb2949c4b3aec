//! Runners on the wire (spec/rest.md section 3.8).

use jiff::Timestamp;
use serde::Serialize;
use tokenry_authority::holders::Equipped;
use tokenry_domain::{
    Group, Project, User,
    holder::{Details, Holder, Runner, RunnerType},
    runner::RunnerStatus,
};
use utoipa::ToSchema;

use super::{group::GroupBody, project::ProjectBody, time::Moment, user::BasicUser};
use crate::secret::Secret;

/// A runner.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Runner)]
pub(crate) struct RunnerBody<'r> {
    /// The runner's id.
    id: i64,
    /// What is said of it.
    description: Option<&'r str>,
    /// Always empty; null where a token is told by its runner.
    ip_address: Option<&'static str>,
    /// Whether it takes new jobs.
    active: bool,
    /// Whether it takes no new jobs.
    paused: bool,
    /// Whether it works for the whole instance.
    is_shared: bool,
    /// `instance_type`, `group_type` or `project_type`.
    runner_type: &'static str,
    /// Always null.
    name: Option<&'static str>,
    /// Whether it was heard of within two hours; null if never.
    online: Option<bool>,
    /// When it was created.
    #[schema(value_type = String, format = DateTime)]
    created_at: Moment,
    /// `never_contacted`, `online`, `offline` or, after three months, `stale`.
    status: &'static str,
}

/// A runner by which a found token is told
/// (spec/token-information-api.md section 2.7).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FoundRunner<'r> {
    #[serde(flatten)]
    runner: RunnerBody<'r>,
    /// Who made it, if they are there.
    #[serde(skip_serializing_if = "Option::is_none")]
    created_by: Option<BasicUser<'r>>,
    /// Always `idle`: jobs here don't tell who runs them.
    job_execution_status: &'static str,
}

/// A runner, and all that is known of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RunnerDetails)]
pub(crate) struct RunnerDetailsBody<'r> {
    #[serde(flatten)]
    runner: RunnerBody<'r>,
    /// Always null.
    architecture: Option<&'static str>,
    /// Always null.
    platform: Option<&'static str>,
    /// Always null.
    revision: Option<&'static str>,
    /// Always null.
    version: Option<&'static str>,
    /// When it was heard of last.
    #[schema(value_type = Option<String>, format = DateTime)]
    contacted_at: Option<Moment>,
    /// `not_protected` or `ref_protected`.
    access_level: &'r str,
    /// Whether it serves its project alone.
    locked: bool,
    /// Whether it takes jobs without tags.
    run_untagged: bool,
    /// The tags of the jobs it takes.
    tag_list: &'r [String],
    /// The longest it lets a job run, in seconds.
    maximum_timeout: Option<i64>,
    /// What its keepers note down.
    maintenance_note: Option<&'r str>,
    /// The project it works for; absent if that isn't asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    projects: Option<Vec<ProjectBody<'r>>>,
    /// The group it works for.
    groups: Vec<GroupBody<'r>>,
}

/// A runner's new token.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RunnerToken)]
pub(crate) struct RunnerTokenBody<'r> {
    /// The runner's id; absent where only the token was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<i64>,
    /// The secret.
    #[schema(value_type = String)]
    token: Secret<'r>,
    /// Always null: it works until it is reset.
    #[schema(value_type = Option<String>, format = DateTime)]
    token_expires_at: Option<Moment>,
}

/// What a runner works for.
#[derive(Debug, Default)]
pub(crate) struct WorksFor {
    /// Its project, if that is asked for.
    pub(crate) project: Option<Project>,
    /// Its group.
    pub(crate) group: Option<Group>,
}

impl<'r> RunnerBody<'r> {
    /// A runner that was heard of then; none for a holder that is something
    /// else.
    pub(crate) fn of(
        holder: &'r Holder,
        contacted_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Option<Self> {
        let runner = runner(holder)?;
        let status = RunnerStatus::of(contacted_at, now);
        Some(Self {
            id: holder.id.get(),
            description: Some(holder.name.as_str()).filter(|text| !text.is_empty()),
            ip_address: Some(""),
            active: !runner.paused,
            paused: runner.paused,
            is_shared: holder.place.is_none(),
            runner_type: RunnerType::of(holder.place).name(),
            name: None,
            online: contacted_at.map(|_| status == RunnerStatus::Online),
            created_at: Moment(holder.created_at),
            status: status.name(),
        })
    }
}

impl<'r> FoundRunner<'r> {
    /// A runner that was heard of then, and who made it.
    pub(crate) fn of(
        holder: &'r Holder,
        contacted_at: Option<Timestamp>,
        creator: Option<&'r User>,
        (now, base): (Timestamp, &str),
    ) -> Option<Self> {
        let runner = RunnerBody::of(holder, contacted_at, now)?;
        Some(Self {
            runner: RunnerBody {
                ip_address: None,
                ..runner
            },
            created_by: creator.map(|user| BasicUser::of(user, base)),
            job_execution_status: "idle",
        })
    }
}

impl<'r> RunnerDetailsBody<'r> {
    pub(crate) fn of(
        holder: &'r Holder,
        contacted_at: Option<Timestamp>,
        works_for: &'r WorksFor,
        projects: bool,
        (now, base): (Timestamp, &str),
    ) -> Option<Self> {
        let details = runner(holder)?;
        let project = works_for.project.iter();
        let project = project.map(|project| ProjectBody::of(project, base));
        let group = works_for.group.iter();
        Some(Self {
            runner: RunnerBody::of(holder, contacted_at, now)?,
            architecture: None,
            platform: None,
            revision: None,
            version: None,
            contacted_at: contacted_at.map(Moment),
            access_level: &details.access_level,
            locked: details.locked,
            run_untagged: details.run_untagged,
            tag_list: &details.tags,
            maximum_timeout: details.maximum_timeout,
            maintenance_note: details.maintenance_note.as_deref(),
            projects: projects.then(|| project.collect()),
            groups: group.map(|group| GroupBody::of(group, base)).collect(),
        })
    }
}

impl<'r> RunnerTokenBody<'r> {
    /// A new runner with its token.
    pub(crate) fn of(equipped: &'r Equipped) -> Self {
        Self {
            id: Some(equipped.holder.id.get()),
            ..Self::reset(equipped)
        }
    }

    /// The token alone.
    pub(crate) fn reset(equipped: &'r Equipped) -> Self {
        Self {
            id: None,
            token: Secret::new(equipped.issued.text.reveal()),
            token_expires_at: None,
        }
    }

    /// The token that a runner showed.
    pub(crate) fn shown(holder: &Holder, token: &'r str) -> Self {
        Self {
            id: Some(holder.id.get()),
            token: Secret::new(token),
            token_expires_at: None,
        }
    }
}

const fn runner(holder: &Holder) -> Option<&Runner> {
    match &holder.details {
        Details::Runner(runner) => Some(runner),
        _ => None,
    }
}
