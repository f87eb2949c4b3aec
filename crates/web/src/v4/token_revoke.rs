//! `DELETE /personal_access_tokens/:id` and `/self` (spec/rest.md section 2.10).
//!
//! GitLab's delete only revokes. `hard_delete=true` is tokenry's own: it
//! deletes.

use tokenry_authority::Error;
use tokenry_domain::TokenId;

use super::token_id;
use crate::{
    access::{Own, Write},
    answer,
    call::{Answer, Call},
    failure::Failure,
    openapi::Refusals,
};

/// Revoke a token
///
/// The row stays and is listed as revoked, unless it is to be deleted. Doing
/// it twice is no mistake.
#[utoipa::path(
    delete, path = "/api/v4/personal_access_tokens/{id}", tag = "Personal access tokens",
    params(
        ("id" = i64, Path),
        ("hard_delete" = Option<bool>, Query, description = "Whether the row goes too."),
    ),
    responses((status = 204), Refusals)
)]
pub(super) async fn revoke(call: Call<Write>) -> Answer {
    let mut reader = call.params.reader();
    let id = token_id(&mut reader, "id");
    let delete = reader.flag("hard_delete").unwrap_or_default();
    reader.finish()?;
    call.authority().require_access_token(id).await?;
    end(&call, id, delete).await.map_err(worded)?;
    Ok(answer::no_content())
}

/// Revoke the token presented
///
/// Whatever its scopes; deleting takes `api`.
#[utoipa::path(
    delete, path = "/api/v4/personal_access_tokens/self", tag = "Personal access tokens",
    params(("hard_delete" = Option<bool>, Query, description = "Whether the row goes too.")),
    responses((status = 204), Refusals)
)]
pub(super) async fn revoke_self(call: Call<Own>) -> Answer {
    let mut reader = call.params.reader();
    let delete = reader.flag("hard_delete").unwrap_or_default();
    reader.finish()?;
    let id = call.presented_card()?.id;
    end(&call, id, delete).await.map_err(worded)?;
    Ok(answer::no_content())
}

/// Revokes a token, or deletes it.
pub(super) async fn end<A>(call: &Call<A>, id: TokenId, delete: bool) -> Result<(), Error> {
    call.change(|authority, caller| async move {
        if delete {
            authority.delete_token(&caller, id).await
        } else {
            authority.revoke_token(&caller, id).await
        }
    })
    .await
}

/// A foreign token is 400 here and an unknown one 404, unlike on other routes
/// (spec/rest.md section 9).
fn worded(error: Error) -> Failure {
    match error {
        Error::NotPermitted(what) => Failure::bad_request(&format!("Not permitted to {what}")),
        other => other.into(),
    }
}
