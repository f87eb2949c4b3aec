//! `POST /user/runners` and `POST /runners` (spec/rest.md section 3.8).

use axum::http::StatusCode;
use tokenry_authority::{Error, Refusal, holders::WantedHolder, tokens::TokenText};
use tokenry_domain::{
    GroupId, PlaceRef, ProjectId,
    access::Need,
    holder::{Details, RunnerType},
};
use utoipa::ToSchema;

use super::{
    runner_form::{RunnerForm, RunnerValues},
    runner_managers::{MachineValues, contact},
};
use crate::{
    access::CreateRunner,
    answer,
    call::{Answer, Call},
    failure::Failure,
    openapi::Refusals,
    params::Reader,
    represent::runner::RunnerTokenBody,
    visit::Visit,
};

/// What is asked for of a new runner.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "it is what the document says")]
struct NewRunner {
    /// `instance_type`, `group_type` or `project_type`.
    runner_type: String,
    /// The group of a group's runner.
    group_id: Option<i64>,
    /// The project of a project's runner.
    project_id: Option<i64>,
    #[serde(flatten)]
    values: RunnerValues,
}

/// Create a runner
///
/// For maintainers of its project, owners of its group, administrators. The
/// answer holds its token, this once.
#[utoipa::path(
    post, path = "/api/v4/user/runners", tag = "Runners",
    request_body = NewRunner,
    responses((status = 201, body = RunnerTokenBody<'_>), Refusals)
)]
pub(super) async fn create(call: Call<CreateRunner>) -> Answer {
    let mut reader = call.params.reader();
    let place = place(&mut reader);
    let form = RunnerForm::read(&mut reader);
    reader.finish()?;
    let (name, details) = form.new_runner(false);
    let wanted = wanted(place, name, details);
    let made = call
        .change(|authority, caller| async move { authority.create_holder(&caller, wanted).await })
        .await
        .map_err(worded)?;
    Ok(answer::created(&RunnerTokenBody::of(&made)))
}

const fn wanted(place: Option<PlaceRef>, name: String, details: Details) -> WantedHolder {
    WantedHolder {
        place,
        name,
        details,
    }
}

/// Where the runner is to work; each type asks for its own id and no other.
fn place(reader: &mut Reader<'_>) -> Option<PlaceRef> {
    let names = RunnerType::ALL.map(RunnerType::name);
    reader.required("runner_type");
    let runner_type = if reader.has("runner_type") {
        RunnerType::from_name(reader.choice("runner_type", &names)?)?
    } else {
        return None;
    };
    for (of, name) in [
        (RunnerType::Group, "group_id"),
        (RunnerType::Project, "project_id"),
    ] {
        if of == runner_type && !reader.has(name) {
            reader.problem(format!("{name} is missing"));
        } else if of != runner_type && reader.has(name) {
            reader.problem(format!("{name} is not for a runner of this type"));
        }
    }
    match runner_type {
        RunnerType::Instance => None,
        RunnerType::Group => {
            let number = reader.integer("group_id").unwrap_or_default();
            let id = GroupId::new(number).unwrap_or(GroupId::from_row(0));
            Some(PlaceRef::Group(id.into()))
        }
        RunnerType::Project => {
            let number = reader.integer("project_id").unwrap_or_default();
            let id = ProjectId::new(number).unwrap_or(ProjectId::from_row(0));
            Some(PlaceRef::Project(id.into()))
        }
    }
}

/// What is wrong is told in a sentence here.
fn worded(error: Error) -> Failure {
    match error {
        Error::Invalid(invalid) => Failure::bad_request(&invalid.sentence()),
        Error::AdminOnly | Error::RoleTooLow(_) => Failure::forbidden("Insufficient permissions"),
        other => other.into(),
    }
}

/// A runner that registers itself.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "it is what the document says")]
struct Registration {
    /// An administrator's access token with `create_runner` or `api`.
    token: String,
    #[serde(flatten)]
    machine: MachineValues,
    #[serde(flatten)]
    values: RunnerValues,
}

/// Register a runner of the instance
///
/// There are no registration tokens here: `token` is an administrator's access
/// token. Anything else is 410, as in GitLab where registration is off. With a
/// `system_id`, the machine that registers is the runner's first manager.
#[utoipa::path(
    post, path = "/api/v4/runners", tag = "Runners", security(()),
    request_body = Registration,
    responses(
        (status = 201, body = RunnerTokenBody<'_>),
        (status = 403, description = "The token isn't an administrator's."),
        (status = 410, description = "The token is no access token."),
    )
)]
pub(super) async fn register(visit: Visit) -> Answer {
    let mut reader = visit.params.reader();
    let token = TokenText::new(reader.required("token").to_owned());
    let contact = contact(&mut reader, &visit.origin());
    let form = RunnerForm::read(&mut reader);
    reader.finish()?;
    let (name, details) = form.new_runner(true);
    let wanted = wanted(None, name, details);
    let made = visit
        .to_the_end(|authority, origin| async move {
            let need = Need::CreateRunner;
            let caller = authority.authenticate(token.reveal(), need, origin).await?;
            authority.register_runner(&caller, wanted, contact).await
        })
        .await
        .map_err(|error| match error {
            Error::Refused(Refusal::Unknown | Refusal::Expired | Refusal::Revoked) => gone(),
            Error::AdminOnly | Error::Refused(Refusal::Scope(_)) => {
                Failure::message(StatusCode::FORBIDDEN, "403 Forbidden")
            }
            other => worded(other),
        })?;
    Ok(answer::created(&RunnerTokenBody::of(&made)))
}

fn gone() -> Failure {
    let text = "410 Gone - runner registration tokens are not issued here; create the runner \
                with POST /user/runners";
    Failure::message(StatusCode::GONE, text)
}
