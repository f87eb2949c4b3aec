//! `POST /groups`, `PUT` and `DELETE /groups/:id` (spec/rest.md section 4.4).

use tokenry_authority::places::NewGroup;
use tokenry_domain::{PlaceName, PlaceRef};
use utoipa::ToSchema;

use super::place_params::{change, place_name, profile};
use crate::{
    access::Write,
    answer,
    call::{Answer, Call},
    openapi::{PlaceId, Refusals},
    represent::group::GroupBody,
};

/// What is settled of a new group.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "it is what the document says")]
struct GroupForm {
    /// The name people read.
    name: String,
    /// The last part of the full path: letters, digits, `_`, `-` and `.`.
    path: String,
    /// The group it is to lie in; the top without one.
    parent_id: Option<i64>,
    /// What is said of it.
    description: Option<String>,
    /// `private`, which is the default, `internal` or `public`; no wider than
    /// that of the group it lies in.
    visibility: Option<String>,
}

/// Create a group
///
/// At the top, for any person of the house; in a group, for its owners. The
/// caller becomes its owner.
#[utoipa::path(
    post, path = "/api/v4/groups", tag = "Groups", request_body = GroupForm,
    responses((status = 201, body = GroupBody<'_>), Refusals)
)]
pub(super) async fn create(call: Call<Write>) -> Answer {
    let mut reader = call.params.reader();
    let (name, path) = (reader.required("name"), reader.required("path"));
    let parent = reader.integer("parent_id").map(PlaceName::Id);
    let profile = profile(&mut reader, name, path);
    reader.finish()?;
    let new = NewGroup { parent, profile };
    let group = call
        .change(|authority, caller| async move { authority.create_group(&caller, new).await })
        .await?;
    Ok(answer::created(&GroupBody::of(&group, &call.base())))
}

/// What is changed of a group; the rest stays.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "it is what the document says")]
struct GroupChanges {
    /// The name people read.
    name: Option<String>,
    /// The last part of the full path; another one reaches all beneath.
    path: Option<String>,
    /// What is said of it; empty for nothing any more.
    description: Option<String>,
    /// `private`, `internal` or `public`.
    visibility: Option<String>,
}

/// Edit a group
///
/// For its owners.
#[utoipa::path(
    put, path = "/api/v4/groups/{id}", tag = "Groups",
    params(PlaceId),
    request_body = GroupChanges,
    responses((status = 200, body = GroupBody<'_>), Refusals)
)]
pub(super) async fn update(call: Call<Write>) -> Answer {
    let mut reader = call.params.reader();
    let name = place_name(&mut reader, "id");
    let change = change(&mut reader);
    reader.finish()?;
    let updated = call.change(|authority, caller| async move {
        authority.update_group(&caller, name, change).await
    });
    Ok(answer::ok(&GroupBody::of(&updated.await?, &call.base())))
}

/// Remove a group
///
/// With all that lies in it, for its owners.
#[utoipa::path(
    delete, path = "/api/v4/groups/{id}", tag = "Groups",
    params(PlaceId),
    responses((status = 202), Refusals)
)]
pub(super) async fn remove(call: Call<Write>) -> Answer {
    let mut reader = call.params.reader();
    let name = PlaceRef::Group(place_name(&mut reader, "id"));
    reader.finish()?;
    call.change(|authority, caller| async move { authority.remove_place(&caller, &name).await })
        .await?;
    Ok(answer::accepted())
}
