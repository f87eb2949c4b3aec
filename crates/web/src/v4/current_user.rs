//! `GET /user` (spec/rest.md section 4.1).

use crate::{
    access::ReadUsers,
    answer,
    call::{Answer, Call},
    failure::Failure,
    openapi::Refusals,
    represent::user::FullUser,
};

/// Show the user whose token is presented
#[utoipa::path(
    get, path = "/api/v4/user", tag = "Users",
    responses((status = 200, body = FullUser<'_>), Refusals)
)]
pub(super) async fn show(call: Call<ReadUsers>) -> Answer {
    let user = call.caller.user().ok_or_else(Failure::unauthorized)?;
    let base = call.base();
    let shown = if call.caller.is_admin() {
        FullUser::for_admin(user, &base)
    } else {
        FullUser::of(user, &base)
    };
    Ok(answer::ok(&shown))
}

/// Show the user whose token is presented, to clients of the former version
#[utoipa::path(
    get, path = "/api/v3/user", tag = "Users",
    responses((status = 200, body = FullUser<'_>), Refusals)
)]
pub(super) async fn show_v3(call: Call<ReadUsers>) -> Answer {
    show(call).await
}
