//! `POST /projects`, `PUT` and `DELETE /projects/:id`, and archiving
//! (spec/rest.md section 4.4).

use tokenry_authority::places::{NewProject, PlaceChange};
use tokenry_domain::{NamespaceId, PlaceRef, Project, namespace::path_from_name};
use utoipa::ToSchema;

use super::place_params::{change, place_name, profile};
use crate::{
    access::Write,
    answer,
    call::{Answer, Call},
    failure::Failure,
    openapi::{PlaceId, Refusals},
    params::Reader,
    represent::project::ProjectBody,
};

/// What is settled of a new project.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "it is what the document says")]
struct ProjectForm {
    /// The name people read; the path without one.
    name: Option<String>,
    /// The last part of the full path: letters, digits, `_`, `-` and `.`;
    /// without one it is made of the name.
    path: Option<String>,
    /// The group, or the person's namespace, that it is to lie in; the
    /// caller's own without one.
    namespace_id: Option<i64>,
    /// What is said of it.
    description: Option<String>,
    /// `private`, which is the default, `internal` or `public`; no wider than
    /// that of the group it lies in.
    visibility: Option<String>,
}

/// Create a project
///
/// In one's own namespace, for any person of the house; in a group, for its
/// developers.
#[utoipa::path(
    post, path = "/api/v4/projects", tag = "Projects", request_body = ProjectForm,
    responses((status = 201, body = ProjectBody<'_>), Refusals)
)]
pub(super) async fn create(call: Call<Write>) -> Answer {
    let mut reader = call.params.reader();
    let new = new_project(&mut reader);
    reader.finish()?;
    let project = call
        .change(|authority, caller| async move { authority.create_project(&caller, new).await })
        .await?;
    Ok(answer::created(&ProjectBody::of(&project, &call.base())))
}

fn new_project(reader: &mut Reader<'_>) -> NewProject {
    let (name, path) = (reader.text("name"), reader.text("path"));
    if !reader.has("name") && !reader.has("path") {
        let ways = "name, path are missing, at least one parameter must be provided";
        reader.problem(ways.to_owned());
    }
    let name = name.or(path).unwrap_or_default();
    let path = path.map_or_else(|| path_from_name(name), str::to_owned);
    // An id that no row can have is an unknown one.
    let namespace = reader.integer("namespace_id");
    let namespace = namespace.map(|id| NamespaceId::new(id).unwrap_or(NamespaceId::from_row(0)));
    NewProject {
        namespace,
        profile: profile(reader, name, &path),
    }
}

/// What is changed of a project; the rest stays.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "it is what the document says")]
struct ProjectChanges {
    /// The name people read.
    name: Option<String>,
    /// The last part of the full path.
    path: Option<String>,
    /// What is said of it; empty for nothing any more.
    description: Option<String>,
    /// `private`, `internal` or `public`.
    visibility: Option<String>,
}

/// Edit a project
///
/// For its maintainers.
#[utoipa::path(
    put, path = "/api/v4/projects/{id}", tag = "Projects",
    params(PlaceId),
    request_body = ProjectChanges,
    responses((status = 200, body = ProjectBody<'_>), Refusals)
)]
pub(super) async fn update(call: Call<Write>) -> Answer {
    let mut reader = call.params.reader();
    let change = change(&mut reader);
    reader.finish()?;
    let project = changed(&call, change).await?;
    Ok(answer::ok(&ProjectBody::of(&project, &call.base())))
}

/// Keep a project for the record only
#[utoipa::path(
    post, path = "/api/v4/projects/{id}/archive", tag = "Projects",
    params(PlaceId),
    responses((status = 201, body = ProjectBody<'_>), Refusals)
)]
pub(super) async fn archive(call: Call<Write>) -> Answer {
    archived(&call, true).await
}

/// Bring an archived project back
#[utoipa::path(
    post, path = "/api/v4/projects/{id}/unarchive", tag = "Projects",
    params(PlaceId),
    responses((status = 201, body = ProjectBody<'_>), Refusals)
)]
pub(super) async fn unarchive(call: Call<Write>) -> Answer {
    archived(&call, false).await
}

async fn archived(call: &Call<Write>, archived: bool) -> Answer {
    let change = PlaceChange {
        archived: Some(archived),
        ..PlaceChange::default()
    };
    let project = changed(call, change).await?;
    Ok(answer::created(&ProjectBody::of(&project, &call.base())))
}

async fn changed(call: &Call<Write>, change: PlaceChange) -> Result<Project, Failure> {
    let mut reader = call.params.reader();
    let name = place_name(&mut reader, "id");
    reader.finish()?;
    let changed = call.change(|authority, caller| async move {
        authority.update_project(&caller, name, change).await
    });
    Ok(changed.await?)
}

/// Remove a project
///
/// With all that lies in it, for its owners.
#[utoipa::path(
    delete, path = "/api/v4/projects/{id}", tag = "Projects",
    params(PlaceId),
    responses((status = 202), Refusals)
)]
pub(super) async fn remove(call: Call<Write>) -> Answer {
    let mut reader = call.params.reader();
    let name = PlaceRef::Project(place_name(&mut reader, "id"));
    reader.finish()?;
    call.change(|authority, caller| async move { authority.remove_place(&caller, &name).await })
        .await?;
    Ok(answer::accepted())
}
