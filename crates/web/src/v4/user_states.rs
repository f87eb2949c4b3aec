//! `POST /users/:id/block` and its kin (spec/rest.md section 4.2).
//!
//! Clients insist on 201 and on the body `true`.

use tokenry_domain::user::StateChange;

use super::{only, user_id};
use crate::{
    access::AdminWrite,
    answer,
    call::{Answer, Call},
    openapi::Refusals,
};

macro_rules! state_changes {
    ($($(#[$doc:meta])* $name:ident at $path:literal: $change:ident;)+) => {
        $(
            $(#[$doc])*
            #[utoipa::path(
                post, path = $path, tag = "Users",
                params(("id" = i64, Path)),
                responses((status = 201, body = bool), Refusals)
            )]
            pub(super) async fn $name(call: Call<AdminWrite>) -> Answer {
                apply(call, StateChange::$change).await
            }
        )+
    };
}

state_changes! {
    /// Shut a user out
    block at "/api/v4/users/{id}/block": Block;
    /// Let a blocked user in again
    unblock at "/api/v4/users/{id}/unblock": Unblock;
    /// Shut a user out for misconduct
    ban at "/api/v4/users/{id}/ban": Ban;
    /// Let a banned user in again
    unban at "/api/v4/users/{id}/unban": Unban;
    /// Wake a user up
    activate at "/api/v4/users/{id}/activate": Activate;
    /// Put a user to rest
    deactivate at "/api/v4/users/{id}/deactivate": Deactivate;
}

async fn apply(call: Call<AdminWrite>, change: StateChange) -> Answer {
    let id = only(call.params.reader(), user_id)?;
    call.change(|authority, caller| async move {
        authority.change_user_state(&caller, id, change).await
    })
    .await?;
    Ok(answer::created(&true))
}
