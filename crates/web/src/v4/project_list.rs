//! `GET /projects`, `/projects/:id`, `/groups/:id/projects` (spec/rest.md
//! section 4.4) and `/runners/:id/projects` (section 3.8).

use tokenry_domain::{
    holder::HolderKind,
    page::Direction,
    place_filter::ProjectFilter,
    place_order::{PlaceOrder, PlaceSortKey},
};

use super::{
    holder_id, only,
    place_params::{filter, place_name},
    runners,
};
use crate::{
    access::{Read, ReadRunner},
    answer,
    call::{Answer, Call},
    openapi::{Paged, PlaceId, Refusals, Sought},
    paging::{self, Paging, place_order},
    params::Reader,
    represent::project::ProjectBody,
};

/// The newest first.
const USUAL: PlaceOrder = PlaceOrder {
    key: PlaceSortKey::Id,
    direction: Direction::Descending,
};

/// List projects
///
/// Those that the caller may see.
#[utoipa::path(
    get, path = "/api/v4/projects", tag = "Projects",
    params(
        ("membership" = Option<bool>, Query, description = "Only those the caller is a member of."),
        ("archived" = Option<bool>, Query, description = "Only archived ones, or only the others."),
        Sought,
        Paged,
    ),
    responses((status = 200, body = Vec<ProjectBody<'_>>), Refusals)
)]
pub(super) async fn list(call: Call<Read>) -> Answer {
    listed(&call, |_| ProjectFilter::default()).await
}

/// List the projects of a group
///
/// Those that the caller may see.
#[utoipa::path(
    get, path = "/api/v4/groups/{id}/projects", tag = "Groups",
    params(
        PlaceId,
        ("include_subgroups" = Option<bool>, Query, description = "Also those of the groups beneath."),
        ("archived" = Option<bool>, Query, description = "Only archived ones, or only the others."),
        Sought,
        Paged,
    ),
    responses((status = 200, body = Vec<ProjectBody<'_>>), Refusals)
)]
pub(super) async fn of_group(call: Call<Read>) -> Answer {
    let mut reader = call.params.reader();
    let name = place_name(&mut reader, "id");
    reader.finish()?;
    let (group, _) = call.authority().group(&call.caller, &name).await?;
    let here = Some(group.id.namespace());
    listed(&call, |reader| {
        let beneath = reader.flag("include_subgroups").unwrap_or_default();
        ProjectFilter {
            namespace: here.filter(|_| !beneath),
            beneath: here.filter(|_| beneath),
            ..ProjectFilter::default()
        }
    })
    .await
}

/// List the projects that a runner works for
///
/// One, or none if it works for a group or the instance.
#[utoipa::path(
    get, path = "/api/v4/runners/{id}/projects", tag = "Runners",
    params(
        ("id" = i64, Path),
        ("archived" = Option<bool>, Query, description = "Only archived ones, or only the others."),
        Sought,
        Paged,
    ),
    responses((status = 200, body = Vec<ProjectBody<'_>>), Refusals)
)]
pub(super) async fn of_runner(call: Call<ReadRunner>) -> Answer {
    let id = only(call.params.reader(), holder_id)?;
    let authority = call.authority();
    let seen = authority.show_holder(&call.caller, HolderKind::Runner, id);
    seen.await.map_err(runners::worded)?;
    listed(&call, |_| ProjectFilter {
        holder: Some(id),
        ..ProjectFilter::default()
    })
    .await
}

async fn listed<A>(
    call: &Call<A>,
    within: impl FnOnce(&mut Reader<'_>) -> ProjectFilter,
) -> Answer {
    let mut reader = call.params.reader();
    let paging = Paging::read(&mut reader);
    let order = place_order(&mut reader, USUAL);
    let filter = ProjectFilter {
        common: filter(&mut reader, &call.caller),
        archived: reader.flag("archived"),
        ..within(&mut reader)
    };
    reader.finish()?;
    let window = paging.window(&order)?;
    let listed = call
        .authority()
        .list_projects(&call.caller, filter, order.order(), &window);
    let page = listed
        .await
        .map_err(|error| paging::failed(error, "Project"))?;
    let base = call.base();
    let rows = page.rows.iter();
    let shown: Vec<_> = rows
        .map(|(project, given)| ProjectBody::of(project, &base).with(*given))
        .collect();
    Ok(paging.answer(call, &order, &page, &shown))
}

/// Show a project
#[utoipa::path(
    get, path = "/api/v4/projects/{id}", tag = "Projects",
    params(PlaceId),
    responses((status = 200, body = ProjectBody<'_>), Refusals)
)]
pub(super) async fn show(call: Call<Read>) -> Answer {
    let mut reader = call.params.reader();
    let name = place_name(&mut reader, "id");
    reader.finish()?;
    let (project, standing) = call.authority().project(&call.caller, &name).await?;
    let body = ProjectBody::of(&project, &call.base());
    Ok(answer::ok(&body.with(standing.given)))
}
