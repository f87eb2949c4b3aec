//! `/projects/:id/feature_flags_clients`: tokenry's own, since GitLab shows and
//! resets these on its pages only (spec/rest.md section 3.12).

use axum::response::Response;
use tokenry_authority::{
    Error, Thing,
    holders::{Equipped, Of, WantedHolder},
};
use tokenry_domain::{
    HolderId, Kind, PlaceRef,
    holder::{FeatureFlagsClient, HolderKind},
    page::Direction,
};
use utoipa::ToSchema;

use super::place_params::place_name;
use crate::{
    access::{Read, Write},
    answer,
    call::{Answer, Call},
    failure::Failure,
    openapi::{Paged, PlaceId, Refusals},
    paging::{self, HolderOrder, Paging},
    represent::flags_client::FlagsClientBody,
};

/// What the type of the rows is called.
const TYPE: &str = "FeatureFlagsClient";
const KIND: HolderKind = HolderKind::FeatureFlagsClient;

/// List feature flags clients
///
/// For maintainers.
#[utoipa::path(
    get, path = "/api/v4/projects/{id}/feature_flags_clients", tag = "Feature flags clients",
    params(
        PlaceId,
        Paged,
    ),
    responses((status = 200, body = Vec<FlagsClientBody<'_>>), Refusals)
)]
pub(super) async fn list(call: Call<Read>) -> Answer {
    let mut reader = call.params.reader();
    let of = Of::Place(PlaceRef::Project(place_name(&mut reader, "id")));
    let paging = Paging::read(&mut reader);
    reader.finish()?;
    let order = HolderOrder {
        direction: Direction::Ascending,
    };
    let window = paging.window(&order)?;
    let (authority, caller) = (call.authority(), &call.caller);
    let listed = authority.list_holders(caller, KIND, &of, order.direction, &window);
    let page = listed.await.map_err(|error| paging::failed(error, TYPE))?;
    let shown: Vec<_> = page.rows.iter().map(FlagsClientBody::of).collect();
    Ok(paging.answer(&call, &order, &page, &shown))
}

/// What is asked for of a new feature flags client.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "it is what the document says")]
struct NewFlagsClient {
    /// What it is called.
    name: Option<String>,
}

/// Make a feature flags client
///
/// For maintainers. The answer holds its token's text, this once.
#[utoipa::path(
    post, path = "/api/v4/projects/{id}/feature_flags_clients", tag = "Feature flags clients",
    params(PlaceId),
    request_body = NewFlagsClient,
    responses((status = 201, body = FlagsClientBody<'_>), Refusals)
)]
pub(super) async fn create(call: Call<Write>) -> Answer {
    let mut reader = call.params.reader();
    let place = PlaceRef::Project(place_name(&mut reader, "id"));
    let name = reader.text("name").unwrap_or(KIND.title()).to_owned();
    reader.finish()?;
    let wanted = WantedHolder {
        place: Some(place),
        name,
        details: FeatureFlagsClient {}.into(),
    };
    let made = call
        .change(|authority, caller| async move { authority.create_holder(&caller, wanted).await })
        .await?;
    Ok(equipped(&made))
}

/// Reset a feature flags client's token
///
/// For maintainers. The one before works no more; the answer holds the text of
/// the next, this once.
#[utoipa::path(
    post, path = "/api/v4/projects/{id}/feature_flags_clients/{client_id}/reset",
    tag = "Feature flags clients",
    params(
        PlaceId,
        ("client_id" = i64, Path),
    ),
    responses((status = 201, body = FlagsClientBody<'_>), Refusals)
)]
pub(super) async fn reset(call: Call<Write>) -> Answer {
    let id = named(&call).await?;
    let reset = call
        .change(|authority, caller| async move { authority.reset_holder(&caller, KIND, id).await })
        .await?;
    Ok(equipped(&reset))
}

/// Delete a feature flags client
///
/// For maintainers. Its tokens go with it.
#[utoipa::path(
    delete, path = "/api/v4/projects/{id}/feature_flags_clients/{client_id}",
    tag = "Feature flags clients",
    params(
        PlaceId,
        ("client_id" = i64, Path),
    ),
    responses((status = 204), Refusals)
)]
pub(super) async fn remove(call: Call<Write>) -> Answer {
    let id = named(&call).await?;
    call.change(
        |authority, caller| async move { authority.remove_holder(&caller, KIND, id).await },
    )
    .await?;
    Ok(answer::no_content())
}

fn equipped(made: &Equipped) -> Response {
    let body = FlagsClientBody::of(&made.holder);
    answer::created(&body.with(made.issued.text.reveal()))
}

/// The client that the path names, if it belongs to the project of the path and
/// the caller's role lets them manage it there.
async fn named(call: &Call<Write>) -> Result<HolderId, Failure> {
    let mut reader = call.params.reader();
    let place = PlaceRef::Project(place_name(&mut reader, "id"));
    let number = reader.integer("client_id").unwrap_or_default();
    reader.finish()?;
    let (authority, caller) = (call.authority(), &call.caller);
    let standing = authority.place(caller, &place).await?;
    authority
        .tokens_in(caller, standing, Kind::FeatureFlagsClient)
        .require_manager()?;
    let missing = || Error::NotFound(Thing::Holder(KIND));
    let id = HolderId::new(number).ok_or_else(missing)?;
    // One that the caller may not see isn't in this project, whose they do.
    let hidden = |error: Error| if error.is_ours() { error } else { missing() };
    let client = authority
        .show_holder(caller, KIND, id)
        .await
        .map_err(hidden)?;
    if client.place == Some(standing.place) {
        Ok(id)
    } else {
        Err(missing().into())
    }
}
