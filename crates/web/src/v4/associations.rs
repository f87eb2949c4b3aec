//! `GET /personal_access_tokens/self/associations` (spec/rest.md section 2.5).

use serde::Serialize;
use tokenry_domain::{
    AccessLevel, Group, GroupId, Levels, Project,
    page::Direction,
    place_filter::{GroupFilter, PlaceFilter, ProjectFilter},
    place_order::{PlaceOrder, PlaceSortKey},
};
use utoipa::ToSchema;

use super::place_params::min_level;
use crate::{
    access::Own,
    call::{Answer, Call},
    failure::Failure,
    openapi::{Paged, Refusals},
    paging::{self, Paging, PlacesBy},
    represent::{
        group::{self, ORGANIZATION},
        project::NamespaceBody,
        time::Moment,
    },
};

const ORDER: PlaceOrder = PlaceOrder {
    key: PlaceSortKey::Id,
    direction: Direction::Ascending,
};

/// What a token reaches: where its user has a role.
#[derive(Debug, Serialize, ToSchema)]
struct Associations<'a> {
    groups: Vec<ReachedGroup<'a>>,
    projects: Vec<ReachedProject<'a>>,
}

/// A group that a token reaches.
#[derive(Debug, Serialize, ToSchema)]
struct ReachedGroup<'a> {
    id: i64,
    web_url: String,
    name: &'a str,
    parent_id: Option<i64>,
    /// Always 1.
    organization_id: u8,
    /// The role there.
    access_levels: Option<i64>,
    visibility: &'static str,
}

/// A project that a token reaches.
#[derive(Debug, Serialize, ToSchema)]
struct ReachedProject<'a> {
    id: i64,
    description: Option<&'a str>,
    name: &'a str,
    name_with_namespace: String,
    path: &'a str,
    path_with_namespace: &'a str,
    #[schema(value_type = String, format = DateTime)]
    created_at: Moment,
    access_levels: ProjectLevels,
    visibility: &'static str,
    web_url: String,
    namespace: NamespaceBody<'a>,
}

/// The roles in a project.
#[derive(Debug, Serialize, ToSchema)]
struct ProjectLevels {
    /// In the project itself.
    project_access_level: Option<i64>,
    /// In the groups that it lies in.
    group_access_level: Option<i64>,
}

/// List what the token presented reaches
///
/// Groups and projects are paged together; the headers tell of the projects.
#[utoipa::path(
    get, path = "/api/v4/personal_access_tokens/self/associations", tag = "Personal access tokens",
    params(
        ("min_access_level" = Option<i64>, Query, description = "5, 10, 15, 20, 25, 30, 40 or 50."),
        Paged,
    ),
    responses((status = 200, body = Associations<'_>), Refusals)
)]
pub(super) async fn associations(call: Call<Own>) -> Answer {
    let mut reader = call.params.reader();
    let paging = Paging::read(&mut reader);
    let least = min_level(&mut reader).unwrap_or(AccessLevel::Guest);
    reader.finish()?;
    let user = call.caller.user().ok_or_else(Failure::unauthorized)?.id;
    let common = PlaceFilter {
        role: Some((user, least)),
        ..PlaceFilter::default()
    };
    let (groups_in, projects_in) = (groups(&common), projects(&common));
    let window = paging.window(&PlacesBy::<(Project, Levels)>::new(ORDER))?;
    let (authority, caller) = (call.authority(), &call.caller);
    let failed = |error| paging::failed(error, "Project");
    let groups = authority
        .list_groups(caller, groups_in, true, ORDER, &window)
        .await
        .map_err(failed)?;
    let projects = authority
        .list_projects(caller, projects_in, ORDER, &window)
        .await
        .map_err(failed)?;
    let base = call.base();
    let body = Associations {
        groups: groups
            .rows
            .iter()
            .map(|row| reached_group(row, &base))
            .collect(),
        projects: projects
            .rows
            .iter()
            .map(|row| reached_project(row, &base))
            .collect(),
    };
    Ok(paging.answer(&call, &PlacesBy::new(ORDER), &projects, &body))
}

fn groups(common: &PlaceFilter) -> GroupFilter {
    GroupFilter {
        common: common.clone(),
        ..GroupFilter::default()
    }
}

fn projects(common: &PlaceFilter) -> ProjectFilter {
    ProjectFilter {
        common: common.clone(),
        ..ProjectFilter::default()
    }
}

fn reached_group<'a>((group, given): &'a (Group, Levels), base: &str) -> ReachedGroup<'a> {
    ReachedGroup {
        id: group.id.get(),
        web_url: group::web_url(base, &group.full_path),
        name: &group.name,
        parent_id: group.parent.map(GroupId::get),
        organization_id: ORGANIZATION,
        access_levels: given.highest().map(AccessLevel::number),
        visibility: group.visibility.name(),
    }
}

fn reached_project<'a>((project, given): &'a (Project, Levels), base: &str) -> ReachedProject<'a> {
    ReachedProject {
        id: project.id.get(),
        description: project.description.as_deref(),
        name: &project.name,
        name_with_namespace: project.full_name(),
        path: &project.path,
        path_with_namespace: &project.full_path,
        created_at: Moment(project.created_at),
        access_levels: ProjectLevels {
            project_access_level: given.own.map(AccessLevel::number),
            group_access_level: given.inherited.map(AccessLevel::number),
        },
        visibility: project.visibility.name(),
        web_url: format!("{base}/{}", project.full_path),
        namespace: NamespaceBody::of(&project.namespace, base),
    }
}
