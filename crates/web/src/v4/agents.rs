//! `/projects/:id/cluster_agents` (spec/rest.md section 3.11).

use tokenry_authority::{
    agents::AgentName,
    holders::{Of, WantedHolder},
};
use tokenry_domain::{
    PlaceRef,
    holder::{ClusterAgent, HolderKind},
};
use utoipa::ToSchema;

use super::{holder_id, place_params::place_name};
use crate::{
    access::{Read, Write},
    answer,
    call::{Answer, Call},
    openapi::{Paged, PlaceId, Refusals},
    paging::{self, Paging, holder_order},
    params::Reader,
    represent::agent::AgentBody,
};

/// The agent that a path names.
pub(super) fn agent_name(reader: &mut Reader<'_>) -> AgentName {
    AgentName {
        project: place_name(reader, "id"),
        agent: holder_id(reader, "agent_id"),
    }
}

/// List the agents of a project
#[utoipa::path(
    get, path = "/api/v4/projects/{id}/cluster_agents", tag = "Cluster agents",
    params(PlaceId, Paged),
    responses((status = 200, body = Vec<AgentBody<'_>>), Refusals)
)]
pub(super) async fn list(call: Call<Read>) -> Answer {
    let mut reader = call.params.reader();
    let paging = Paging::read(&mut reader);
    let order = holder_order(&mut reader);
    let name = place_name(&mut reader, "id");
    reader.finish()?;
    let window = paging.window(&order)?;
    let authority = call.authority();
    let (project, _) = authority.project(&call.caller, &name).await?;
    let of = Of::Place(PlaceRef::Project(name));
    let kind = HolderKind::ClusterAgent;
    let listed = authority.list_holders(&call.caller, kind, &of, order.direction, &window);
    let page = listed
        .await
        .map_err(|error| paging::failed(error, "Clusters::Agent"))?;
    let rows = page.rows.iter();
    let shown: Vec<_> = rows.map(|agent| AgentBody::of(agent, &project)).collect();
    Ok(paging.answer(&call, &order, &page, &shown))
}

/// What is asked for of a new agent.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "it is what the document says")]
struct NewAgent {
    /// Lowercase letters, digits and dashes; at most 63. No other agent of the
    /// project has it.
    name: String,
}

/// Create an agent
///
/// It has no token yet.
#[utoipa::path(
    post, path = "/api/v4/projects/{id}/cluster_agents", tag = "Cluster agents",
    params(PlaceId),
    request_body = NewAgent,
    responses((status = 201, body = AgentBody<'_>), Refusals)
)]
pub(super) async fn create(call: Call<Write>) -> Answer {
    let mut reader = call.params.reader();
    let project = place_name(&mut reader, "id");
    let name = reader.required("name").to_owned();
    reader.finish()?;
    let wanted = WantedHolder {
        place: Some(PlaceRef::Project(project.clone())),
        name,
        details: ClusterAgent {}.into(),
    };
    let agent = call
        .change(
            |authority, caller| async move { authority.create_bare_holder(&caller, wanted).await },
        )
        .await?;
    let (project, _) = call.authority().project(&call.caller, &project).await?;
    Ok(answer::created(&AgentBody::of(&agent, &project)))
}

/// Show an agent
#[utoipa::path(
    get, path = "/api/v4/projects/{id}/cluster_agents/{agent_id}", tag = "Cluster agents",
    params(
        PlaceId,
        ("agent_id" = i64, Path),
    ),
    responses((status = 200, body = AgentBody<'_>), Refusals)
)]
pub(super) async fn show(call: Call<Read>) -> Answer {
    let mut reader = call.params.reader();
    let name = agent_name(&mut reader);
    reader.finish()?;
    let (project, agent) = call.authority().agent(&call.caller, &name).await?;
    Ok(answer::ok(&AgentBody::of(&agent, &project)))
}

/// Remove an agent
///
/// Its tokens stop working with it.
#[utoipa::path(
    delete, path = "/api/v4/projects/{id}/cluster_agents/{agent_id}", tag = "Cluster agents",
    params(
        PlaceId,
        ("agent_id" = i64, Path),
    ),
    responses((status = 204), Refusals)
)]
pub(super) async fn remove(call: Call<Write>) -> Answer {
    let mut reader = call.params.reader();
    let name = agent_name(&mut reader);
    reader.finish()?;
    let kind = HolderKind::ClusterAgent;
    call.change(|authority, caller| async move {
        let (_, agent) = authority.managed_agent(&caller, &name).await?;
        authority.remove_holder(&caller, kind, agent.id).await
    })
    .await?;
    Ok(answer::no_content())
}
