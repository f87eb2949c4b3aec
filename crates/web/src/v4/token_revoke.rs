//! `DELETE /personal_access_tokens/:id` and `/self` (spec/rest.md section 2.10).
//!
//! GitLab's delete only revokes. The setting `delete_means` is tokenry's own, and
//! so is the parameter `hard_delete`, which wins over it.

use tokenry_authority::Error;
use tokenry_domain::{DeleteMeans, TokenId, access::Need};

use super::token_id;
use crate::{
    access::{Own, Write},
    answer,
    call::{Answer, Call},
    failure::Failure,
    openapi::Refusals,
    params::Reader,
};

/// Revoke a token
///
/// The row stays and is listed as revoked, unless it is to be deleted. Doing
/// it twice is no mistake.
#[utoipa::path(
    delete, path = "/api/v4/personal_access_tokens/{id}", tag = "Personal access tokens",
    params(
        ("id" = i64, Path),
        ("hard_delete" = Option<bool>, Query, description = "Whether the row goes too, whatever the setting `delete_means` says."),
    ),
    responses((status = 204), Refusals)
)]
pub(super) async fn revoke(call: Call<Write>) -> Answer {
    let mut reader = call.params.reader();
    let id = token_id(&mut reader, "id");
    let means = delete_means(&call, &mut reader);
    reader.finish()?;
    call.authority().require_access_token(id).await?;
    end(&call, id, means).await.map_err(worded)?;
    Ok(answer::no_content())
}

/// Revoke the token presented
///
/// Whatever its scopes; deleting takes `api`.
#[utoipa::path(
    delete, path = "/api/v4/personal_access_tokens/self", tag = "Personal access tokens",
    params(("hard_delete" = Option<bool>, Query, description = "Whether the row goes too, whatever the setting `delete_means` says.")),
    responses((status = 204), Refusals)
)]
pub(super) async fn revoke_self(call: Call<Own>) -> Answer {
    let mut reader = call.params.reader();
    let means = delete_means(&call, &mut reader);
    reader.finish()?;
    let id = call.presented_card()?.id;
    end(&call, id, means).await.map_err(worded)?;
    Ok(answer::no_content())
}

/// What `DELETE` is to do to a token: as `hard_delete` says, or else the setting.
/// By the setting alone nobody is refused who might revoke: what may not be
/// deleted is revoked.
pub(super) fn delete_means<A>(call: &Call<A>, reader: &mut Reader<'_>) -> DeleteMeans {
    match reader.flag("hard_delete") {
        Some(true) => DeleteMeans::Delete,
        Some(false) => DeleteMeans::Revoke,
        None if call.caller.require_scope(Need::Write).is_err() => DeleteMeans::Revoke,
        None => call.authority().settings().delete_means,
    }
}

/// Revokes a token, or deletes it.
pub(super) async fn end<A>(call: &Call<A>, id: TokenId, means: DeleteMeans) -> Result<(), Error> {
    call.change(|authority, caller| async move { authority.end_token(&caller, id, means).await })
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
