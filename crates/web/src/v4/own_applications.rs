//! `/user/applications`: the caller's own (spec/rest.md section 3.7).

use axum::http::StatusCode;
use tokenry_authority::{Error, Thing, holders::Of, oauth::ApplicationChange};
use tokenry_domain::{
    HolderId,
    holder::{Holder, HolderKind},
};
use utoipa::ToSchema;

use super::{
    applications::{ApplicationForm, create_one, owner, remove_one, renew_one, shown},
    holder_id,
};
use crate::{
    access::{Read, Write},
    answer,
    call::{Answer, Call},
    failure::Failure,
    openapi::{Paged, Refusals},
    paging::{self, Paging, holder_order},
    represent::application::ApplicationBody,
};

/// Create an application of one's own
///
/// Its access tokens act as its owner. The answer holds its secret, this once.
#[utoipa::path(
    post, path = "/api/v4/user/applications", tag = "Applications",
    request_body = ApplicationForm,
    responses((status = 201, body = ApplicationBody<'_>), Refusals)
)]
pub(super) async fn create(call: Call<Write>) -> Answer {
    create_one(&call, true).await
}

/// List one's own applications
#[utoipa::path(
    get, path = "/api/v4/user/applications", tag = "Applications",
    params(Paged),
    responses((status = 200, body = Vec<ApplicationBody<'_>>), Refusals)
)]
pub(super) async fn list(call: Call<Read>) -> Answer {
    let mut reader = call.params.reader();
    let paging = Paging::read(&mut reader);
    let order = holder_order(&mut reader);
    reader.finish()?;
    let window = paging.window(&order)?;
    let kind = HolderKind::Application;
    let listed =
        call.authority()
            .list_holders(&call.caller, kind, &Of::Own, order.direction, &window);
    let page = listed
        .await
        .map_err(|error| paging::failed(error, "Application"))?;
    let shown: Vec<_> = page.rows.iter().filter_map(ApplicationBody::of).collect();
    Ok(paging.answer(&call, &order, &page, &shown))
}

/// Show an application of one's own
#[utoipa::path(
    get, path = "/api/v4/user/applications/{id}", tag = "Applications",
    params(("id" = i64, Path)),
    responses((status = 200, body = ApplicationBody<'_>), Refusals)
)]
pub(super) async fn show(call: Call<Read>) -> Answer {
    let application = named(&call).await?;
    Ok(answer::ok(&ApplicationBody::of(&application)))
}

/// What is changed of an application.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "it is what the document says")]
struct ApplicationEdit {
    /// What it is called.
    name: Option<String>,
    /// What it may ask for, separated by spaces.
    scopes: Option<String>,
}

/// Change an application of one's own
#[utoipa::path(
    put, path = "/api/v4/user/applications/{id}", tag = "Applications",
    params(("id" = i64, Path)), request_body = ApplicationEdit,
    responses((status = 200, body = ApplicationBody<'_>), Refusals)
)]
pub(super) async fn update(call: Call<Write>) -> Answer {
    let id = named(&call).await?.id;
    let mut reader = call.params.reader();
    let change = ApplicationChange {
        name: reader.text("name").map(str::to_owned),
        scopes: reader.text("scopes").map(str::to_owned),
    };
    reader.finish()?;
    let changed = call
        .change(|authority, caller| async move {
            authority.update_application(&caller, id, change).await
        })
        .await?;
    Ok(answer::ok(&ApplicationBody::of(&changed)))
}

/// Remove an application of one's own
///
/// Its access tokens stop working with it.
#[utoipa::path(
    delete, path = "/api/v4/user/applications/{id}", tag = "Applications",
    params(("id" = i64, Path)),
    responses((status = 204), Refusals)
)]
pub(super) async fn remove(call: Call<Write>) -> Answer {
    let id = named(&call).await?.id;
    remove_one(&call, id).await
}

/// Renew the secret of an application of one's own
///
/// The one it had stops working; access tokens that it got don't. The answer
/// holds the new one, this once.
#[utoipa::path(
    post, path = "/api/v4/user/applications/{id}/renew-secret", tag = "Applications",
    params(("id" = i64, Path)),
    responses((status = 201, body = ApplicationBody<'_>), Refusals)
)]
pub(super) async fn renew(call: Call<Write>) -> Answer {
    let id: HolderId = named(&call).await?.id;
    renew_one(&call, id).await
}

/// The application that the path names, if it is the caller's own. One of the
/// instance isn't there on these routes, and another user's is refused, to
/// administrators too.
async fn named<A>(call: &Call<A>) -> Result<Holder, Failure> {
    let mut reader = call.params.reader();
    let id = holder_id(&mut reader, "id");
    reader.finish()?;
    let forbidden = || Failure::message(StatusCode::FORBIDDEN, "403 Forbidden");
    let missing = Error::NotFound(Thing::Holder(HolderKind::Application));
    match shown(call, id).await {
        Ok(application) => match owner(&application) {
            Some(owner) if call.caller.is(owner) => Ok(application),
            Some(_) => Err(forbidden()),
            None => Err(missing.into()),
        },
        Err(Error::AdminOnly) => Err(missing.into()),
        Err(Error::NotPermitted(_)) => Err(forbidden()),
        Err(other) => Err(other.into()),
    }
}
