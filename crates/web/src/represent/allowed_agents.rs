//! What a job reaches in clusters, on the wire (spec/rest.md section 3.10).

use serde::Serialize;
use tokenry_authority::jobs::Reach;
use tokenry_domain::{AccessLevel, User};
use utoipa::ToSchema;

use super::agent::ConfigProject;

/// A job, and the agents it may reach.
///
/// There is no `environment`: jobs here have none.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AllowedAgents)]
pub(crate) struct AllowedAgentsBody<'r> {
    /// The agents of the job's own project; none if its user may not see them.
    allowed_agents: Vec<AllowedAgent<'r>>,
    job: Numbered,
    /// The job's id again: each job is a pipeline of its own here.
    pipeline: Numbered,
    project: ReachingProject,
    user: ReachingUser<'r>,
}

/// An agent that a job may reach.
#[derive(Debug, Serialize, ToSchema)]
struct AllowedAgent<'r> {
    /// The agent's id.
    id: i64,
    /// The project it belongs to.
    config_project: ConfigProject<'r>,
}

/// What is told by its id alone.
#[derive(Debug, Serialize, ToSchema)]
struct Numbered {
    id: i64,
}

/// The project that a job runs in.
#[derive(Debug, Serialize, ToSchema)]
struct ReachingProject {
    id: i64,
    /// The groups that it lies in, the nearest first.
    groups: Vec<Numbered>,
}

/// The user whom a job runs for.
#[derive(Debug, Serialize, ToSchema)]
struct ReachingUser<'u> {
    id: i64,
    username: &'u str,
    /// The role in the project and those beneath it, the lowest first.
    roles_in_project: Vec<&'static str>,
}

impl<'r> AllowedAgentsBody<'r> {
    pub(crate) fn of(reach: &'r Reach, user: &'r User) -> Self {
        let Reach { job, project, .. } = reach;
        let agents = reach.agents.iter().map(|agent| AllowedAgent {
            id: agent.id.get(),
            config_project: ConfigProject::of(project),
        });
        let groups = reach
            .groups
            .iter()
            .map(|group| Numbered { id: group.get() });
        let roles = reach.level.into_iter().flat_map(AccessLevel::and_lower);
        Self {
            allowed_agents: agents.collect(),
            job: Numbered { id: job.id.get() },
            pipeline: Numbered { id: job.id.get() },
            project: ReachingProject {
                id: project.id.get(),
                groups: groups.collect(),
            },
            user: ReachingUser {
                id: user.id.get(),
                username: &user.username,
                roles_in_project: roles.map(AccessLevel::word).collect(),
            },
        }
    }
}
