//! `/groups/:id/scim_tokens` and `/application/scim_tokens`: tokenry's own,
//! since GitLab issues these on its pages only (spec/rest.md section 3.12).

use axum::response::Response;
use tokenry_authority::{Error, Thing, tokens::NewPlaceToken};
use tokenry_domain::{
    IfExists, Kind, PlaceRef, Scopes, expiry::Expires, token_filter::TokenFilter,
};
use utoipa::ToSchema;

use super::{
    place_params::place_name,
    token_id,
    token_revoke::{delete_means, end},
    token_rows::{Listed, Rows},
};
use crate::{
    access::{AdminRead, AdminWrite, Read, Write},
    answer,
    call::{Answer, Call},
    failure::Failure,
    openapi::{Paged, PlaceId, Refusals},
    params::Reader,
    represent::scim_token::ScimTokenBody,
};

const ROWS: Rows = Rows {
    kind: Kind::Scim,
    title: "ScimToken",
};
const NAME: &str = "token_id";

/// What is asked for of a new SCIM token.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "it is what the document says")]
struct NewScimToken {
    /// What it is called; "SCIM token" by default.
    name: Option<String>,
}

fn read(reader: &mut Reader<'_>) -> NewPlaceToken {
    let name = reader.text("name");
    NewPlaceToken {
        name: name.unwrap_or(Kind::Scim.descriptor().title).to_owned(),
        description: None,
        scopes: Scopes::NONE,
        expires: Expires::At(None),
        if_exists: IfExists::Add,
    }
}

/// List a group's SCIM tokens
///
/// For its owners.
#[utoipa::path(
    get, path = "/api/v4/groups/{id}/scim_tokens", tag = "SCIM tokens",
    params(
        PlaceId,
        Paged,
    ),
    responses((status = 200, body = Vec<ScimTokenBody<'_>>), Refusals)
)]
pub(super) async fn list(call: Call<Read>) -> Answer {
    let all = |_: &mut Reader<'_>| TokenFilter::default();
    let listed = ROWS.of_place(&call, PlaceRef::Group, all).await?;
    Ok(answer_list(&call, &listed))
}

/// Issue a SCIM token for a group
///
/// For the owners of a group at the top. The answer holds its text, this once.
#[utoipa::path(
    post, path = "/api/v4/groups/{id}/scim_tokens", tag = "SCIM tokens",
    params(PlaceId),
    request_body = NewScimToken,
    responses((status = 201, body = ScimTokenBody<'_>), Refusals)
)]
pub(super) async fn issue(call: Call<Write>) -> Answer {
    let mut reader = call.params.reader();
    let place = PlaceRef::Group(place_name(&mut reader, "id"));
    let new = read(&mut reader);
    reader.finish()?;
    let standing = call.authority().place(&call.caller, &place).await?;
    let issued = call
        .change(|authority, caller| async move {
            let tokens = authority.tokens_in(&caller, standing, Kind::Scim);
            tokens.issue_at_top(new).await
        })
        .await?;
    let body = ScimTokenBody::of(&issued.token, call.authority().now());
    Ok(answer::created(&body.with(issued.text.reveal())))
}

/// Revoke a group's SCIM token
///
/// For its owners.
#[utoipa::path(
    delete, path = "/api/v4/groups/{id}/scim_tokens/{token_id}", tag = "SCIM tokens",
    params(
        PlaceId,
        ("token_id" = i64, Path),
        ("hard_delete" = Option<bool>, Query, description = "Whether the row goes too, whatever the setting `delete_means` says."),
    ),
    responses((status = 204), Refusals)
)]
pub(super) async fn revoke(call: Call<Write>) -> Answer {
    let mut reader = call.params.reader();
    let place = PlaceRef::Group(place_name(&mut reader, "id"));
    let id = token_id(&mut reader, NAME);
    let means = delete_means(&call, &mut reader);
    reader.finish()?;
    let standing = call.authority().place(&call.caller, &place).await?;
    call.change(|authority, caller| async move {
        let tokens = authority.tokens_in(&caller, standing, Kind::Scim);
        tokens.end(id, means).await
    })
    .await
    .map_err(missing)?;
    Ok(answer::no_content())
}

/// List the instance's SCIM tokens
///
/// Those that belong to no group, for administrators.
#[utoipa::path(
    get, path = "/api/v4/application/scim_tokens", tag = "SCIM tokens",
    params(Paged),
    responses((status = 200, body = Vec<ScimTokenBody<'_>>), Refusals)
)]
pub(super) async fn list_instance(call: Call<AdminRead>) -> Answer {
    let of_no_group = |_: &mut Reader<'_>| TokenFilter {
        without_subject: true,
        ..TokenFilter::default()
    };
    let listed = ROWS.of_instance(&call, of_no_group).await?;
    Ok(answer_list(&call, &listed))
}

/// Issue a SCIM token for the instance
///
/// For administrators. The answer holds its text, this once.
#[utoipa::path(
    post, path = "/api/v4/application/scim_tokens", tag = "SCIM tokens",
    request_body = NewScimToken,
    responses((status = 201, body = ScimTokenBody<'_>), Refusals)
)]
pub(super) async fn issue_instance(call: Call<AdminWrite>) -> Answer {
    let mut reader = call.params.reader();
    let new = read(&mut reader);
    reader.finish()?;
    let issued = call
        .change(|authority, caller| async move {
            authority
                .issue_instance_token(&caller, Kind::Scim, new)
                .await
        })
        .await?;
    let body = ScimTokenBody::of(&issued.token, call.authority().now());
    Ok(answer::created(&body.with(issued.text.reveal())))
}

/// Revoke a SCIM token of the instance
///
/// For administrators.
#[utoipa::path(
    delete, path = "/api/v4/application/scim_tokens/{token_id}", tag = "SCIM tokens",
    params(
        ("token_id" = i64, Path),
        ("hard_delete" = Option<bool>, Query, description = "Whether the row goes too, whatever the setting `delete_means` says."),
    ),
    responses((status = 204), Refusals)
)]
pub(super) async fn revoke_instance(call: Call<AdminWrite>) -> Answer {
    let mut reader = call.params.reader();
    let id = token_id(&mut reader, NAME);
    let means = delete_means(&call, &mut reader);
    reader.finish()?;
    let (authority, caller) = (call.authority(), &call.caller);
    let token = authority.show_instance_token(caller, Kind::Scim, id).await;
    end(&call, token.map_err(missing)?.id, means)
        .await
        .map_err(missing)?;
    Ok(answer::no_content())
}

fn answer_list<A>(call: &Call<A>, listed: &Listed<'_>) -> Response {
    let now = call.authority().now();
    let rows = listed.page.rows.iter();
    let shown: Vec<_> = rows.map(|token| ScimTokenBody::of(token, now)).collect();
    listed.answer(call, &shown)
}

fn missing(error: Error) -> Failure {
    match error {
        Error::NotFound(Thing::Token) => Failure::not_found("SCIM Token"),
        other => other.into(),
    }
}
