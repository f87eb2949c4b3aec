//! Lists of runners (spec/rest.md section 3.8).

use axum::http::StatusCode;
use tokenry_authority::{Error, holders::Of};
use tokenry_domain::{
    PlaceName, PlaceRef,
    runner::{RunnerFilter, RunnerStatus, RunnerType},
};

use super::place_params::place_name;
use crate::{
    access::Read,
    call::{Answer, Call},
    failure::Failure,
    openapi::{Paged, Refusals},
    paging::{self, Paging, holder_order},
    params::Reader,
    represent::runner::RunnerBody,
};

/// Defines a list: its name, path, title and whose runners it shows.
macro_rules! lists {
    ($($(#[$doc:meta])* $name:ident: $path:literal [$($param:literal)?], $of:expr;)+) => {
        $(
            $(#[$doc])*
            #[utoipa::path(
                get, path = $path, tag = "Runners",
                params(
                    $(($param = String, Path, description = "The id or the encoded full path."),)?
                    ("type" = Option<String>, Query, description = "`instance_type`, `group_type` or `project_type`."),
                    ("status" = Option<String>, Query, description = "`online`, `offline`, `stale` or `never_contacted`; or `active` or `paused`, as before."),
                    ("paused" = Option<bool>, Query, description = "Only paused ones, or only the others."),
                    ("tag_list" = Option<String>, Query, description = "Only those with each of these tags, separated by commas."),
                    ("version_prefix" = Option<String>, Query, description = "Only those with a manager whose version begins so."),
                    Paged,
                ),
                responses((status = 200, body = Vec<RunnerBody<'_>>), Refusals)
            )]
            pub(super) async fn $name(call: Call<Read>) -> Answer {
                list(&call, $of).await
            }
        )+
    };
}

lists! {
    /// List the runners of the projects and groups that the caller keeps
    ///
    /// Those where the caller is a maintainer of the project or an owner of
    /// the group.
    kept: "/api/v4/runners" [], |_| Of::Kept;
    /// List all runners
    all: "/api/v4/runners/all" [], |_| Of::All;
    /// List the runners of a project
    of_project: "/api/v4/projects/{id}/runners" ["id"], |reader| of(reader, PlaceRef::Project);
    /// List the runners of a group
    of_group: "/api/v4/groups/{id}/runners" ["id"], |reader| of(reader, PlaceRef::Group);
}

fn of(reader: &mut Reader<'_>, sort: fn(PlaceName) -> PlaceRef) -> Of {
    Of::Place(sort(place_name(reader, "id")))
}

async fn list(call: &Call<Read>, of: fn(&mut Reader<'_>) -> Of) -> Answer {
    let mut reader = call.params.reader();
    let paging = Paging::read(&mut reader);
    let order = holder_order(&mut reader);
    let of = of(&mut reader);
    let filter = filter(&mut reader);
    let by_scope = scope(&mut reader);
    reader.finish()?;
    let filter = by_scope?(filter);
    let window = paging.window(&order)?;
    let listed =
        call.authority()
            .list_runners(&call.caller, &of, &filter, order.direction, &window);
    let (page, contacts) = listed.await.map_err(worded)?;
    let now = call.authority().now();
    let rows = page.rows.iter();
    let shown: Vec<_> = rows
        .filter_map(|runner| RunnerBody::of(runner, contacts.get(&runner.id).copied(), now))
        .collect();
    Ok(paging.answer(call, &order, &page, &shown))
}

fn worded(error: Error) -> Failure {
    paging::failed(error, "Ci::Runner")
}

fn filter(reader: &mut Reader<'_>) -> RunnerFilter {
    let types = RunnerType::ALL.map(RunnerType::name);
    let statuses = [
        "online",
        "offline",
        "stale",
        "never_contacted",
        "active",
        "paused",
    ];
    let status = reader.choice("status", &statuses);
    let of_old = match status {
        Some("active") => Some(false),
        Some("paused") => Some(true),
        _ => None,
    };
    let tags = reader.words("tag_list").unwrap_or_default();
    RunnerFilter {
        runner_type: reader
            .choice("type", &types)
            .and_then(RunnerType::from_name),
        status: status.and_then(RunnerStatus::from_name),
        paused: reader.flag("paused").or(of_old),
        tags: tags.into_iter().map(str::to_owned).collect(),
        version: reader
            .sought("version_prefix")
            .filter(|text| !text.is_empty())
            .map(str::to_owned),
    }
}

/// What the deprecated `scope` adds to a filter. What it may be isn't said as
/// of other parameters.
fn scope(reader: &mut Reader<'_>) -> Result<fn(RunnerFilter) -> RunnerFilter, Failure> {
    let narrow: fn(RunnerFilter) -> RunnerFilter = match reader.text("scope") {
        None | Some("") => |filter| filter,
        Some("active") => |filter| RunnerFilter {
            paused: Some(false),
            ..filter
        },
        Some("paused") => |filter| RunnerFilter {
            paused: Some(true),
            ..filter
        },
        Some("online") => |filter| RunnerFilter {
            status: Some(RunnerStatus::Online),
            ..filter
        },
        Some("shared") => |filter| RunnerFilter {
            runner_type: Some(RunnerType::Instance),
            ..filter
        },
        Some("specific") => |filter| RunnerFilter {
            runner_type: Some(RunnerType::Project),
            ..filter
        },
        Some(_) => {
            return Err(Failure::message(
                StatusCode::BAD_REQUEST,
                "Scope contains invalid value",
            ));
        }
    };
    Ok(narrow)
}
