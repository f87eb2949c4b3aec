//! `/projects/:id/cluster_agents/:agent_id/tokens` (spec/rest.md section 3.11).

use axum::http::StatusCode;
use tokenry_authority::{Error, Thing};
use tokenry_domain::{IfExists, State, token_filter::TokenOrder};
use utoipa::ToSchema;

use super::{agents::agent_name, token_id, token_revoke::delete_means};
use crate::{
    access::{Read, Write},
    answer,
    call::{Answer, Call},
    failure::Failure,
    openapi::{Paged, PlaceId, Refusals},
    paging::{self, Paging},
    represent::agent::AgentTokenBody,
};

/// List the tokens of an agent
///
/// Those that work.
#[utoipa::path(
    get, path = "/api/v4/projects/{id}/cluster_agents/{agent_id}/tokens", tag = "Cluster agents",
    params(
        PlaceId,
        ("agent_id" = i64, Path),
        Paged,
    ),
    responses((status = 200, body = Vec<AgentTokenBody<'_>>), Refusals)
)]
pub(super) async fn list(call: Call<Read>) -> Answer {
    let mut reader = call.params.reader();
    let paging = Paging::read(&mut reader);
    let name = agent_name(&mut reader);
    reader.finish()?;
    let order = TokenOrder::default();
    let window = paging.window(&order)?;
    let listed = call
        .authority()
        .list_agent_tokens(&call.caller, &name, order, &window);
    let page = listed
        .await
        .map_err(|error| paging::failed(error, "Clusters::AgentToken"))?;
    let agent = name.agent.get();
    let rows = page.rows.iter();
    let shown: Vec<_> = rows
        .map(|token| AgentTokenBody::of(token, agent, State::Active))
        .collect();
    Ok(paging.answer(&call, &order, &page, &shown))
}

/// Show a token of an agent
///
/// One that is revoked isn't there.
#[utoipa::path(
    get, path = "/api/v4/projects/{id}/cluster_agents/{agent_id}/tokens/{token_id}", tag = "Cluster agents",
    params(
        PlaceId,
        ("agent_id" = i64, Path),
        ("token_id" = i64, Path),
    ),
    responses((status = 200, body = AgentTokenBody<'_>), Refusals)
)]
pub(super) async fn show(call: Call<Read>) -> Answer {
    let mut reader = call.params.reader();
    let name = agent_name(&mut reader);
    let id = token_id(&mut reader, "token_id");
    reader.finish()?;
    let shown = call
        .authority()
        .show_agent_token(&call.caller, &name, id)
        .await;
    let token = shown.map_err(worded)?;
    let body = AgentTokenBody::shown(&token, name.agent.get(), State::Active);
    Ok(answer::ok(&body))
}

/// What is asked for of a new token.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "it is what the document says")]
struct NewAgentToken {
    /// What it is called.
    name: String,
    /// What is said of it; at most 255 characters.
    description: Option<String>,
}

/// Issue a token to an agent
///
/// It has two at most that work, so that one can take the other's place. The
/// answer holds its text, this once.
#[utoipa::path(
    post, path = "/api/v4/projects/{id}/cluster_agents/{agent_id}/tokens", tag = "Cluster agents",
    params(
        PlaceId,
        ("agent_id" = i64, Path),
    ),
    request_body = NewAgentToken,
    responses((status = 201, body = AgentTokenBody<'_>), Refusals)
)]
pub(super) async fn issue(call: Call<Write>) -> Answer {
    let mut reader = call.params.reader();
    let name = agent_name(&mut reader);
    let title = reader.required("name").to_owned();
    let description = reader.text("description").map(str::to_owned);
    reader.finish()?;
    let agent = name.agent.get();
    let issued = call
        .change(|authority, caller| async move {
            authority
                .issue_agent_token(&caller, &name, title, description, IfExists::Add)
                .await
        })
        .await
        .map_err(|error| match error {
            Error::Invalid(invalid) => Failure::bad_request(&invalid.sentence()),
            other => other.into(),
        })?;
    Ok(answer::created(&AgentTokenBody::issued(&issued, agent)))
}

/// Revoke a token of an agent
#[utoipa::path(
    delete, path = "/api/v4/projects/{id}/cluster_agents/{agent_id}/tokens/{token_id}", tag = "Cluster agents",
    params(
        PlaceId,
        ("agent_id" = i64, Path),
        ("token_id" = i64, Path),
        ("hard_delete" = Option<bool>, Query, description = "Whether the row goes too, whatever the setting `delete_means` says."),
    ),
    responses((status = 204), Refusals)
)]
pub(super) async fn revoke(call: Call<Write>) -> Answer {
    let mut reader = call.params.reader();
    let name = agent_name(&mut reader);
    let id = token_id(&mut reader, "token_id");
    let means = delete_means(&call, &mut reader);
    reader.finish()?;
    call.change(|authority, caller| async move {
        authority.end_agent_token(&caller, &name, id, means).await
    })
    .await
    .map_err(worded)?;
    Ok(answer::no_content())
}

fn worded(error: Error) -> Failure {
    match error {
        Error::NotFound(Thing::Token) => {
            Failure::message(StatusCode::NOT_FOUND, "404 Agent Token Not Found")
        }
        other => other.into(),
    }
}
