//! `/runners/:id` (spec/rest.md section 3.8).

use tokenry_authority::{Error, Thing};
use tokenry_domain::{
    HolderId, Place,
    holder::{Holder, HolderKind},
};

use super::{
    holder_id,
    runner_form::{RunnerForm, RunnerValues},
};
use crate::{
    access::{ManageRunner, ReadRunner},
    answer,
    call::{Answer, Call},
    failure::Failure,
    openapi::Refusals,
    represent::runner::{RunnerDetailsBody, RunnerTokenBody, WorksFor},
};

const KIND: HolderKind = HolderKind::Runner;

/// Show a runner
#[utoipa::path(
    get, path = "/api/v4/runners/{id}", tag = "Runners",
    params(
        ("id" = i64, Path),
        ("include_projects" = Option<bool>, Query, description = "Whether its project is shown; it is by default."),
    ),
    responses((status = 200, body = RunnerDetailsBody<'_>), Refusals)
)]
pub(super) async fn show(call: Call<ReadRunner>) -> Answer {
    let mut reader = call.params.reader();
    let id = holder_id(&mut reader, "id");
    let projects = reader.flag("include_projects").unwrap_or(true);
    reader.finish()?;
    let shown = call.authority().show_holder(&call.caller, KIND, id).await;
    answered(&call, shown.map_err(worded)?, projects).await
}

/// Change a runner
#[utoipa::path(
    put, path = "/api/v4/runners/{id}", tag = "Runners",
    params(("id" = i64, Path)), request_body = RunnerValues,
    responses((status = 200, body = RunnerDetailsBody<'_>), Refusals)
)]
pub(super) async fn update(call: Call<ManageRunner>) -> Answer {
    let mut reader = call.params.reader();
    let id = holder_id(&mut reader, "id");
    let form = RunnerForm::read_change(&mut reader);
    reader.finish()?;
    let changed = call
        .change(|authority, caller| async move {
            let edit = move |name: &mut _, details: &mut _| form.apply(name, details);
            authority.update_holder(&caller, KIND, id, edit).await
        })
        .await
        .map_err(worded)?;
    answered(&call, changed, true).await
}

/// Remove a runner
#[utoipa::path(
    delete, path = "/api/v4/runners/{id}", tag = "Runners",
    params(("id" = i64, Path)),
    responses((status = 204), Refusals)
)]
pub(super) async fn remove(call: Call<ManageRunner>) -> Answer {
    let id = named(&call)?;
    call.change(
        |authority, caller| async move { authority.remove_holder(&caller, KIND, id).await },
    )
    .await
    .map_err(worded)?;
    Ok(answer::no_content())
}

/// Reset a runner's token
///
/// The one it had stops working. The answer holds the new one, this once.
#[utoipa::path(
    post, path = "/api/v4/runners/{id}/reset_authentication_token", tag = "Runners",
    params(("id" = i64, Path)),
    responses((status = 201, body = RunnerTokenBody<'_>), Refusals)
)]
pub(super) async fn reset(call: Call<ManageRunner>) -> Answer {
    let id = named(&call)?;
    let reset = call
        .change(|authority, caller| async move { authority.reset_holder(&caller, KIND, id).await })
        .await
        .map_err(worded)?;
    Ok(answer::created(&RunnerTokenBody::reset(&reset)))
}

fn named<A>(call: &Call<A>) -> Result<HolderId, Failure> {
    let mut reader = call.params.reader();
    let id = holder_id(&mut reader, "id");
    reader.finish()?;
    Ok(id)
}

/// Whoever has no part in a runner is told that it is there, as in GitLab.
pub(super) fn worded(error: Error) -> Failure {
    match error {
        Error::AdminOnly
        | Error::RoleTooLow(_)
        | Error::NotPermitted(_)
        | Error::NotFound(Thing::Project | Thing::Group) => Failure::forbidden("No access granted"),
        other => other.into(),
    }
}

async fn answered<A>(call: &Call<A>, runner: Holder, projects: bool) -> Answer {
    let authority = call.authority();
    let contacts = authority.contacts([runner.id]).await?;
    let mut works_for = WorksFor::default();
    match runner.place {
        Some(Place::Project(id)) if projects => {
            let (project, _) = authority.project(&call.caller, &id.into()).await?;
            works_for.project = Some(project);
        }
        Some(Place::Group(id)) => {
            let (group, _) = authority.group(&call.caller, &id.into()).await?;
            works_for.group = Some(group);
        }
        _ => {}
    }
    let contacted_at = contacts.get(&runner.id).copied();
    let (now, base) = (authority.now(), call.base());
    let body = RunnerDetailsBody::of(&runner, contacted_at, &works_for, projects, (now, &base));
    Ok(answer::ok(&body))
}
