//! The machines that work as a runner (spec/rest.md section 3.8).

use tokenry_authority::tokens::TokenText;
use tokenry_domain::{
    audit::Origin,
    runner_manager::{Contact, Program},
};
use utoipa::ToSchema;

use super::{holder_id, only, runner_self, runners};
use crate::{
    access::ReadRunner,
    answer,
    call::{Answer, Call},
    openapi::Refusals,
    params::Reader,
    represent::runner_manager::RunnerManagerBody,
    visit::Visit,
};

/// What a machine says of itself, as the document has it.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "it is what the document says")]
pub(super) struct MachineValues {
    /// The id that the machine has chosen for itself, by which it becomes one of
    /// the runner's managers; at most 64 characters.
    system_id: Option<String>,
    /// What it runs; looked at beside a `system_id`. Other fields are ignored.
    info: Option<MachineInfo>,
}

/// What a machine runs, as the document has it.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "it is what the document says")]
struct MachineInfo {
    version: Option<String>,
    revision: Option<String>,
    platform: Option<String>,
    architecture: Option<String>,
}

/// What the machine says of itself that asks, if it says who it is.
pub(super) fn contact(reader: &mut Reader<'_>, origin: &Origin) -> Option<Contact> {
    let system_id = said(reader.text("system_id"));
    reader.object("info");
    let mut field = |name| said(reader.field("info", name));
    let program = Program {
        version: field("version"),
        revision: field("revision"),
        platform: field("platform"),
        architecture: field("architecture"),
    };
    Some(Contact {
        system_id: system_id?,
        program,
        address: origin.address,
    })
}

/// Nothing is said by an empty text.
fn said(text: Option<&str>) -> Option<String> {
    text.filter(|text| !text.is_empty()).map(str::to_owned)
}

/// List the managers of a runner
///
/// The machines that have shown its token with a `system_id`, the oldest first;
/// at most 100.
#[utoipa::path(
    get, path = "/api/v4/runners/{id}/managers", tag = "Runners",
    params(("id" = i64, Path)),
    responses((status = 200, body = Vec<RunnerManagerBody<'_>>), Refusals)
)]
pub(super) async fn list(call: Call<ReadRunner>) -> Answer {
    let id = only(call.params.reader(), holder_id)?;
    let authority = call.authority();
    let managers = authority.runner_managers(&call.caller, id).await;
    let managers = managers.map_err(runners::worded)?;
    let now = authority.now();
    let shown = managers.iter().map(|one| RunnerManagerBody::of(one, now));
    Ok(answer::ok(&shown.collect::<Vec<_>>()))
}

/// Remove one of the managers of the runner that shows its token
///
/// It comes back when it shows the token again. The runner and its token stay.
#[utoipa::path(
    delete, path = "/api/v4/runners/managers", tag = "Runners", security(()),
    params(
        ("token" = String, Query, description = "The runner's token; better in the body, since addresses are written to logs."),
        ("system_id" = String, Query, description = "The id that the machine has chosen for itself."),
    ),
    responses(
        (status = 204),
        (status = 403, description = "The token isn't a runner's."),
        (status = 404, description = "The runner has no such manager."),
    )
)]
pub(super) async fn remove(visit: Visit) -> Answer {
    let mut reader = visit.params.reader();
    let token = TokenText::new(reader.required("token").to_owned());
    let system_id = reader.required("system_id").to_owned();
    reader.finish()?;
    visit
        .to_the_end(|authority, origin| async move {
            let token = token.reveal();
            authority
                .remove_runner_manager(token, system_id, &origin)
                .await
        })
        .await
        .map_err(runner_self::worded)?;
    Ok(answer::no_content())
}
