//! Cluster agents and their tokens on the wire (spec/rest.md section 3.11).

use serde::Serialize;
use tokenry_authority::tokens::Issued;
use tokenry_domain::{Project, State, holder::Holder};
use utoipa::ToSchema;

use super::{facts::Facts, time::Moment};
use crate::secret::Secret;

/// A cluster agent.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Agent)]
pub(crate) struct AgentBody<'a> {
    /// The agent's id.
    id: i64,
    /// What it is called.
    name: &'a str,
    /// The project it belongs to.
    config_project: ConfigProject<'a>,
    /// When it was created.
    #[schema(value_type = String, format = DateTime)]
    created_at: Moment,
    /// Who created it.
    created_by_user_id: i64,
}

/// The project an agent belongs to.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ConfigProject<'p> {
    id: i64,
    description: Option<&'p str>,
    name: &'p str,
    name_with_namespace: String,
    path: &'p str,
    path_with_namespace: &'p str,
    #[schema(value_type = String, format = DateTime)]
    created_at: Moment,
}

/// A token of a cluster agent.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AgentToken)]
pub(crate) struct AgentTokenBody<'t> {
    /// The ledger row's id.
    id: i64,
    /// What it is called.
    name: &'t str,
    /// What is said of it.
    description: Option<&'t str>,
    /// The agent it belongs to.
    agent_id: i64,
    /// `active` or `revoked`.
    status: &'static str,
    /// When it was issued.
    #[schema(value_type = String, format = DateTime)]
    created_at: Moment,
    /// Who issued it.
    created_by_user_id: i64,
    /// When it was used last; absent in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    #[expect(clippy::option_option, reason = "absent in lists, null if never")]
    last_used_at: Option<Option<Moment>>,
    /// The secret; present in the one answer that hands it over.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    token: Option<Secret<'t>>,
}

impl<'a> AgentBody<'a> {
    pub(crate) fn of(agent: &'a Holder, project: &'a Project) -> Self {
        Self {
            id: agent.id.get(),
            name: &agent.name,
            config_project: ConfigProject::of(project),
            created_at: Moment(agent.created_at),
            created_by_user_id: agent.creator.get(),
        }
    }
}

impl<'p> ConfigProject<'p> {
    pub(super) fn of(project: &'p Project) -> Self {
        Self {
            id: project.id.get(),
            description: project.description.as_deref(),
            name: &project.name,
            name_with_namespace: project.full_name(),
            path: &project.path,
            path_with_namespace: &project.full_path,
            created_at: Moment(project.created_at),
        }
    }
}

impl<'t> AgentTokenBody<'t> {
    /// A token as lists show it.
    pub(crate) fn of(token: impl Into<Facts<'t>>, agent: i64, state: State) -> Self {
        let token = token.into();
        Self {
            id: token.id.get(),
            name: token.name,
            description: token.description,
            agent_id: agent,
            status: if state == State::Active {
                "active"
            } else {
                "revoked"
            },
            created_at: Moment(token.created_at),
            created_by_user_id: token.owner.get(),
            last_used_at: None,
            token: None,
        }
    }

    /// One token.
    pub(crate) fn shown(token: impl Into<Facts<'t>>, agent: i64, state: State) -> Self {
        let token = token.into();
        Self {
            last_used_at: Some(token.last_use.at.map(Moment)),
            ..Self::of(token, agent, state)
        }
    }

    /// A new token, with its secret.
    pub(crate) fn issued(issued: &'t Issued, agent: i64) -> Self {
        Self {
            token: Some(Secret::new(issued.text.reveal())),
            ..Self::shown(&issued.token, agent, State::Active)
        }
    }
}
