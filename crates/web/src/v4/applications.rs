//! `/applications`: those of the instance (spec/rest.md section 3.7).

use tokenry_authority::{Error, Thing, holders::Of, oauth::NewApplication};
use tokenry_domain::{
    HolderId, UserId,
    holder::{Details, Holder, HolderKind},
    page::{Direction, PerPage, Position, SortValue, Window},
};
use utoipa::ToSchema;

use super::holder_id;
use crate::{
    access::{AdminRead, AdminWrite},
    answer,
    call::{Answer, Call},
    openapi::Refusals,
    params::Reader,
    represent::application::ApplicationBody,
};

/// What is asked for of a new application.
#[derive(Debug, ToSchema)]
pub(super) struct ApplicationForm {
    /// What it is to be called.
    name: String,
    /// Where it may be sent back to; several are separated by line breaks.
    redirect_uri: String,
    /// What it may ask for, separated by spaces.
    scopes: String,
    /// Whether it can keep a secret; it can by default.
    confidential: Option<bool>,
}

impl ApplicationForm {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        Self {
            name: reader.required("name").to_owned(),
            redirect_uri: reader.required("redirect_uri").to_owned(),
            scopes: reader.required("scopes").to_owned(),
            confidential: reader.flag("confidential"),
        }
    }

    pub(super) fn wanted(self, own: bool) -> NewApplication {
        NewApplication {
            name: self.name,
            redirect_uri: self.redirect_uri,
            scopes: self.scopes,
            confidential: self.confidential.unwrap_or(true),
            own,
        }
    }
}

/// Create an application of the instance
///
/// Its access tokens act as whoever makes it. The answer holds its secret,
/// this once.
#[utoipa::path(
    post, path = "/api/v4/applications", tag = "Applications",
    request_body = ApplicationForm,
    responses((status = 201, body = ApplicationBody<'_>), Refusals)
)]
pub(super) async fn create(call: Call<AdminWrite>) -> Answer {
    create_one(&call, false).await
}

pub(super) async fn create_one<A>(call: &Call<A>, own: bool) -> Answer {
    let mut reader = call.params.reader();
    let form = ApplicationForm::read(&mut reader);
    reader.finish()?;
    let new = form.wanted(own);
    let made = call
        .change(|authority, caller| async move { authority.create_application(&caller, new).await })
        .await?;
    Ok(answer::created(&ApplicationBody::with_secret(&made)))
}

/// List the applications of the instance
///
/// All of them: this list has no pages.
#[utoipa::path(
    get, path = "/api/v4/applications", tag = "Applications",
    responses((status = 200, body = Vec<ApplicationBody<'_>>), Refusals)
)]
pub(super) async fn list(call: Call<AdminRead>) -> Answer {
    let all = all(&call).await?;
    let shown: Vec<_> = all.iter().filter_map(ApplicationBody::of).collect();
    Ok(answer::ok(&shown))
}

/// Every application of the instance, page after page.
async fn all(call: &Call<AdminRead>) -> Result<Vec<Holder>, Error> {
    let mut all: Vec<Holder> = Vec::new();
    loop {
        let position = all.last().map(|last| Position {
            value: SortValue::Number(last.id.get()),
            id: last.id.get(),
        });
        let window = Window::After {
            position,
            per_page: PerPage::new(100).unwrap_or(PerPage::DEFAULT),
        };
        let (kind, up) = (HolderKind::Application, Direction::Ascending);
        let listed = call
            .authority()
            .list_holders(&call.caller, kind, &Of::Instance, up, &window);
        let page = listed.await?;
        all.extend(page.rows);
        if !page.more {
            return Ok(all);
        }
    }
}

/// Remove an application of the instance
///
/// Its access tokens stop working with it.
#[utoipa::path(
    delete, path = "/api/v4/applications/{id}", tag = "Applications",
    params(("id" = i64, Path)),
    responses((status = 204), Refusals)
)]
pub(super) async fn remove(call: Call<AdminWrite>) -> Answer {
    let id = named(&call).await?;
    remove_one(&call, id).await
}

pub(super) async fn remove_one<A>(call: &Call<A>, id: HolderId) -> Answer {
    let kind = HolderKind::Application;
    call.change(
        |authority, caller| async move { authority.remove_holder(&caller, kind, id).await },
    )
    .await?;
    Ok(answer::no_content())
}

/// Renew the secret of an application of the instance
///
/// The one it had stops working; access tokens that it got don't. The answer
/// holds the new one, this once.
#[utoipa::path(
    post, path = "/api/v4/applications/{id}/renew-secret", tag = "Applications",
    params(("id" = i64, Path)),
    responses((status = 201, body = ApplicationBody<'_>), Refusals)
)]
pub(super) async fn renew(call: Call<AdminWrite>) -> Answer {
    let id = named(&call).await?;
    renew_one(&call, id).await
}

pub(super) async fn renew_one<A>(call: &Call<A>, id: HolderId) -> Answer {
    let kind = HolderKind::Application;
    let renewed = call
        .change(|authority, caller| async move { authority.reset_holder(&caller, kind, id).await })
        .await?;
    Ok(answer::created(&ApplicationBody::with_secret(&renewed)))
}

/// The application that the path names, if it is the instance's.
async fn named<A>(call: &Call<A>) -> Result<HolderId, crate::failure::Failure> {
    let mut reader = call.params.reader();
    let id = holder_id(&mut reader, "id");
    reader.finish()?;
    let application = shown(call, id).await?;
    if owner(&application).is_some() {
        return Err(Error::NotFound(Thing::Holder(HolderKind::Application)).into());
    }
    Ok(id)
}

pub(super) async fn shown<A>(call: &Call<A>, id: HolderId) -> Result<Holder, Error> {
    let kind = HolderKind::Application;
    call.authority().show_holder(&call.caller, kind, id).await
}

pub(super) const fn owner(holder: &Holder) -> Option<UserId> {
    match &holder.details {
        Details::Application(application) => application.owner,
        _ => None,
    }
}
