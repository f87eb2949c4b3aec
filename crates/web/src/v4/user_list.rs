//! `GET /users` and `GET /users/:id` (spec/rest.md section 4.2).

use tokenry_domain::{User, UserState, user_filter::UserFilter};

use super::{only, user_id};
use crate::{
    access::ReadUsers,
    answer,
    call::{Answer, Call},
    openapi::{Paged, Refusals},
    paging::{self, Paging, user_order},
    params::Reader,
    represent::user::{BasicUser, FullUser},
};

/// List users
///
/// Administrators are told more of each.
#[utoipa::path(
    get, path = "/api/v4/users", tag = "Users",
    params(
        ("username" = Option<String>, Query, description = "Exactly this username, whatever the case."),
        ("search" = Option<String>, Query, description = "In the name or username, or the whole e-mail address."),
        ("active" = Option<bool>, Query, description = "Only active users."),
        ("blocked" = Option<bool>, Query, description = "Only blocked users."),
        ("external" = Option<bool>, Query, description = "Only users from outside."),
        ("exclude_external" = Option<bool>, Query, description = "No users from outside."),
        ("humans" = Option<bool>, Query, description = "Only people."),
        ("exclude_humans" = Option<bool>, Query, description = "Only bots and service accounts."),
        ("without_project_bots" = Option<bool>, Query, description = "No bots of projects and groups."),
        ("admins" = Option<bool>, Query, description = "Only administrators; ignored where the caller isn't one."),
        ("created_after" = Option<String>, Query, description = "Created at this moment or later."),
        ("created_before" = Option<String>, Query, description = "Created at this moment or earlier."),
        ("order_by" = Option<String>, Query, description = "`id`, `name`, `username` or `created_at`."),
        ("sort" = Option<String>, Query, description = "`asc` or `desc`."),
        Paged,
    ),
    responses((status = 200, body = Vec<BasicUser<'_>>), Refusals)
)]
pub(super) async fn list(call: Call<ReadUsers>) -> Answer {
    let mut reader = call.params.reader();
    let paging = Paging::read(&mut reader);
    let order = user_order(&mut reader);
    let filter = filter(&mut reader);
    if order.is_none() && !paging.is_keyset() {
        reader.no_valid_value::<()>("order_by");
    }
    reader.finish()?;
    let order = paging::known(order, &paging)?;
    let window = paging.window(&order)?;
    let listed = call
        .authority()
        .list_users(&call.caller, filter, order, &window);
    let page = listed
        .await
        .map_err(|error| paging::failed(error, "User"))?;
    let base = call.base();
    if call.caller.is_admin() {
        let show = |user| FullUser::for_admin(user, &base);
        let shown: Vec<_> = page.rows.iter().map(show).collect();
        return Ok(paging.answer(&call, &order, &page, &shown));
    }
    let shown: Vec<_> = page
        .rows
        .iter()
        .map(|user| BasicUser::of(user, &base))
        .collect();
    Ok(paging.answer(&call, &order, &page, &shown))
}

fn filter(reader: &mut Reader<'_>) -> UserFilter {
    UserFilter {
        username: reader.sought("username").map(str::to_owned),
        search: reader
            .sought("search")
            .filter(|text| !text.is_empty())
            .map(str::to_owned),
        state: state(reader),
        admins: reader.flag("admins").unwrap_or_default(),
        external: external(reader),
        humans: humans(reader),
        without_project_bots: reader.flag("without_project_bots").unwrap_or_default(),
        service_accounts_of: None,
        created_after: reader.moment("created_after"),
        created_before: reader.moment("created_before"),
        ..UserFilter::default()
    }
}

/// `false` means "never mind" here, as in GitLab.
fn state(reader: &mut Reader<'_>) -> Option<UserState> {
    let blocked = reader.flag("blocked").unwrap_or_default();
    let active = reader.flag("active").unwrap_or_default();
    let blocked = blocked.then_some(UserState::Blocked);
    active.then_some(UserState::Active).or(blocked)
}

fn external(reader: &mut Reader<'_>) -> Option<bool> {
    let excluded = reader.flag("exclude_external").unwrap_or_default();
    let only = reader.flag("external").unwrap_or_default();
    only.then_some(true).or(excluded.then_some(false))
}

fn humans(reader: &mut Reader<'_>) -> Option<bool> {
    let excluded = reader.flag("exclude_humans").unwrap_or_default();
    let only = reader.flag("humans").unwrap_or_default();
    only.then_some(true).or(excluded.then_some(false))
}

/// Show a user
///
/// Administrators are told more.
#[utoipa::path(
    get, path = "/api/v4/users/{id}", tag = "Users",
    params(("id" = i64, Path)),
    responses((status = 200, body = BasicUser<'_>), Refusals)
)]
pub(super) async fn show(call: Call<ReadUsers>) -> Answer {
    let id = only(call.params.reader(), user_id)?;
    let user = call.authority().show_user(id).await?;
    Ok(shown(&call, &user))
}

fn shown(call: &Call<ReadUsers>, user: &User) -> axum::response::Response {
    let base = call.base();
    if call.caller.is_admin() {
        answer::ok(&FullUser::for_admin(user, &base))
    } else {
        answer::ok(&BasicUser::of(user, &base))
    }
}
