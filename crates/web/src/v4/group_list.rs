//! `GET /groups`, `/groups/:id` and `/groups/:id/subgroups` (spec/rest.md
//! section 4.4).

use tokenry_domain::{
    page::Direction,
    place_filter::{GroupFilter, Within},
    place_order::{PlaceOrder, PlaceSortKey},
};

use super::place_params::{filter, place_name};
use crate::{
    access::Read,
    answer,
    call::{Answer, Call},
    openapi::{Paged, PlaceId, Refusals, Sought},
    paging::{self, Paging, place_order},
    represent::group::GroupBody,
};

/// As GitLab: by name.
const USUAL: PlaceOrder = PlaceOrder {
    key: PlaceSortKey::Name,
    direction: Direction::Ascending,
};

/// List groups
///
/// Those the caller is a member of, with all beneath and the groups above;
/// with `all_available` also those that are open to them, which is the default
/// for administrators.
#[utoipa::path(
    get, path = "/api/v4/groups", tag = "Groups",
    params(
        ("all_available" = Option<bool>, Query, description = "Also those that are open to the caller."),
        ("top_level_only" = Option<bool>, Query, description = "Only those at the top."),
        Sought,
        Paged,
    ),
    responses((status = 200, body = Vec<GroupBody<'_>>), Refusals)
)]
pub(super) async fn list(call: Call<Read>) -> Answer {
    let mut reader = call.params.reader();
    let top = reader.flag("top_level_only").unwrap_or_default();
    reader.finish()?;
    let within = if top { Within::Top } else { Within::Anywhere };
    listed(&call, within).await
}

/// List the groups right in a group
///
/// As the list of groups.
#[utoipa::path(
    get, path = "/api/v4/groups/{id}/subgroups", tag = "Groups",
    params(
        PlaceId,
        ("all_available" = Option<bool>, Query, description = "Also those that are open to the caller."),
        Sought,
        Paged,
    ),
    responses((status = 200, body = Vec<GroupBody<'_>>), Refusals)
)]
pub(super) async fn subgroups(call: Call<Read>) -> Answer {
    let mut reader = call.params.reader();
    let name = place_name(&mut reader, "id");
    reader.finish()?;
    let (group, _) = call.authority().group(&call.caller, &name).await?;
    listed(&call, Within::Group(group.id)).await
}

async fn listed(call: &Call<Read>, within: Within) -> Answer {
    let mut reader = call.params.reader();
    let paging = Paging::read(&mut reader);
    let order = place_order(&mut reader, USUAL);
    let common = filter(&mut reader, &call.caller);
    let all = reader.flag("all_available");
    reader.finish()?;
    let members_only = !all.unwrap_or(call.caller.is_admin());
    let window = paging.window(&order)?;
    let listed = call.authority().list_groups(
        &call.caller,
        GroupFilter { common, within },
        members_only,
        order.order(),
        &window,
    );
    let page = listed
        .await
        .map_err(|error| paging::failed(error, "Group"))?;
    let base = call.base();
    let show = |(group, _)| GroupBody::of(group, &base);
    let rows = page.rows.iter().map(|(group, levels)| (group, levels));
    let shown: Vec<_> = rows.map(show).collect();
    Ok(paging.answer(call, &order, &page, &shown))
}

/// Show a group
#[utoipa::path(
    get, path = "/api/v4/groups/{id}", tag = "Groups",
    params(PlaceId),
    responses((status = 200, body = GroupBody<'_>), Refusals)
)]
pub(super) async fn show(call: Call<Read>) -> Answer {
    let mut reader = call.params.reader();
    let name = place_name(&mut reader, "id");
    reader.finish()?;
    let (group, _) = call.authority().group(&call.caller, &name).await?;
    Ok(answer::ok(&GroupBody::of(&group, &call.base())))
}
