//! `/service_accounts`, and the same below a project or group
//! (spec/rest.md section 3.3).

use tokenry_authority::{
    Error, Thing,
    places::Standing,
    service_accounts::{NewServiceAccount, ServiceAccountChange},
};
use tokenry_domain::{PlaceRef, User, UserId, user_filter::UserOrder};
use utoipa::ToSchema;

use super::{
    place_params::{self, place_name},
    user_id,
};
use crate::{
    access::{AdminRead, AdminWrite, Read, Write},
    answer,
    call::{Answer, Call},
    failure::Failure,
    openapi::{Paged, PlaceId, Refusals},
    paging::{self, Paging, user_order},
    params::Reader,
    represent::service_account::ServiceAccountBody,
};

/// Names the place of a route; none for the instance.
type Sort = Option<place_params::Sort>;

/// Whose service accounts a route is about, as the caller stands to it.
async fn home<A>(call: &Call<A>, place: Option<PlaceRef>) -> Result<Option<Standing>, Failure> {
    match place {
        None => Ok(None),
        Some(place) => Ok(Some(call.authority().place(&call.caller, &place).await?)),
    }
}

fn place(reader: &mut Reader<'_>, sort: Sort) -> Option<PlaceRef> {
    sort.map(|sort| sort(place_name(reader, "id")))
}

async fn list<A>(call: &Call<A>, sort: Sort) -> Answer {
    let mut reader = call.params.reader();
    let place = place(&mut reader, sort);
    let paging = Paging::read(&mut reader);
    reader.choice("order_by", &["id", "username"]);
    let order: Option<UserOrder> = user_order(&mut reader);
    reader.finish()?;
    let order = paging::known(order, &paging)?;
    let window = paging.window(&order)?;
    let home = home(call, place).await?;
    let authority = call.authority();
    let listed = authority.list_service_accounts(&call.caller, home, order, &window);
    let page = listed
        .await
        .map_err(|error| paging::failed(error, "User"))?;
    let shown: Vec<_> = page.rows.iter().map(ServiceAccountBody::of).collect();
    Ok(paging.answer(call, &order, &page, &shown))
}

/// What is settled of a service account. What a new one isn't given is made
/// up; what isn't named of another stays.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "it is what the document says")]
struct ServiceAccountForm {
    /// The name people read.
    name: Option<String>,
    /// The name in URLs.
    username: Option<String>,
    /// The address mail goes to.
    email: Option<String>,
}

async fn create<A>(call: &Call<A>, sort: Sort) -> Answer {
    let mut reader = call.params.reader();
    let place = place(&mut reader, sort);
    let new = NewServiceAccount {
        name: reader.text("name").map(str::to_owned),
        username: reader.text("username").map(str::to_owned),
        email: reader.text("email").map(str::to_owned),
        host: call.host(),
    };
    reader.finish()?;
    let home = home(call, place).await?;
    let created = call.change(|authority, caller| async move {
        authority.create_service_account(&caller, home, new).await
    });
    let user = created.await.map_err(worded)?;
    Ok(answer::created(&ServiceAccountBody::of(&user)))
}

async fn update<A>(call: &Call<A>, sort: Sort) -> Answer {
    let mut reader = call.params.reader();
    let change = ServiceAccountChange {
        name: reader.text("name").map(str::to_owned),
        username: reader.text("username").map(str::to_owned),
        email: reader.text("email").map(str::to_owned),
    };
    let (home, id) = named(call, reader, sort).await?;
    let updated = call.change(|authority, caller| async move {
        authority
            .update_service_account(&caller, home, id, change)
            .await
    });
    let user = updated.await.map_err(worded)?;
    Ok(answer::ok(&ServiceAccountBody::of(&user)))
}

async fn remove<A>(call: &Call<A>, sort: Sort) -> Answer {
    let mut reader = call.params.reader();
    let insist = reader.flag("hard_delete").unwrap_or_default();
    let (home, id) = named(call, reader, sort).await?;
    let removed = call.change(|authority, caller| async move {
        authority
            .remove_service_account(&caller, home, id, insist)
            .await
    });
    removed.await?;
    Ok(answer::no_content())
}

/// A name or address that is taken is a bad one here.
fn worded(error: Error) -> Failure {
    match error {
        taken @ Error::Taken(_) => Failure::bad_request(&taken.to_string()),
        other => other.into(),
    }
}

/// The service account that a path names, and where it is at home.
async fn named<A>(
    call: &Call<A>,
    mut reader: Reader<'_>,
    sort: Sort,
) -> Result<(Option<Standing>, UserId), Failure> {
    let place = place(&mut reader, sort);
    let id = user_id(&mut reader, "user_id");
    reader.finish()?;
    let home = home(call, place).await?;
    account(call, home, id).await?;
    Ok((home, id))
}

/// A service account. Of a member who is none it is said so.
pub(super) async fn account<A>(
    call: &Call<A>,
    home: Option<Standing>,
    id: UserId,
) -> Result<User, Failure> {
    let authority = call.authority();
    match authority.service_account(&call.caller, home, id).await {
        Err(Error::NotFound(Thing::User)) => {}
        found => return Ok(found?),
    }
    let Some(standing) = home else {
        return Err(Error::NotFound(Thing::User).into());
    };
    let place = standing.place.into();
    let member = authority.show_member(&call.caller, &place, id, true);
    Err(match member.await {
        Ok(_) => Failure::bad_request("User is not of type Service Account"),
        Err(Error::NotFound(_)) => Error::NotFound(Thing::User).into(),
        Err(other) => other.into(),
    })
}

macro_rules! service_account_routes {
    (
        $module:ident: $sort:expr, $read:ident, $write:ident, $tag:literal, $all:literal, $one:literal,
        $who:literal, ($($id:tt)*)
    ) => {
        pub(super) mod $module {
            use super::*;

            /// List the service accounts
            #[doc = ""]
            #[doc = $who]
            #[utoipa::path(
                get, path = $all, tag = $tag,
                params(
                    $($id)*
                    ("order_by" = Option<String>, Query, description = "`id`, which is the default, or `username`."),
                    ("sort" = Option<String>, Query, description = "`desc`, which is the default, or `asc`."),
                    Paged,
                ),
                responses((status = 200, body = Vec<ServiceAccountBody<'_>>), Refusals)
            )]
            pub(in crate::v4) async fn list(call: Call<$read>) -> Answer {
                super::list(&call, $sort).await
            }

            /// Create a service account
            #[doc = ""]
            #[doc = $who]
            #[utoipa::path(
                post, path = $all, tag = $tag, params($($id)*),
                request_body = Option<ServiceAccountForm>,
                responses((status = 201, body = ServiceAccountBody<'_>), Refusals)
            )]
            pub(in crate::v4) async fn create(call: Call<$write>) -> Answer {
                super::create(&call, $sort).await
            }

            /// Edit a service account
            #[doc = ""]
            #[doc = $who]
            #[utoipa::path(
                patch, path = $one, tag = $tag, params($($id)* ("user_id" = i64, Path)),
                request_body = ServiceAccountForm,
                responses((status = 200, body = ServiceAccountBody<'_>), Refusals)
            )]
            pub(in crate::v4) async fn update(call: Call<$write>) -> Answer {
                super::update(&call, $sort).await
            }

            /// Remove a service account
            ///
            /// With its tokens and memberships.
            #[doc = $who]
            #[utoipa::path(
                delete, path = $one, tag = $tag,
                params(
                    $($id)*
                    ("user_id" = i64, Path),
                    ("hard_delete" = Option<bool>, Query, description = "Whether it goes though it is the last owner of a group."),
                ),
                responses((status = 204), (status = 409, description = "It is the last owner of a group."), Refusals)
            )]
            pub(in crate::v4) async fn remove(call: Call<$write>) -> Answer {
                super::remove(&call, $sort).await
            }
        }
    };
}

service_account_routes!(
    of_instance: None, AdminRead, AdminWrite, "Service accounts",
    "/api/v4/service_accounts", "/api/v4/service_accounts/{user_id}",
    "Those of the instance, for administrators.", ()
);
service_account_routes!(
    of_group: Some(PlaceRef::Group), Read, Write, "Service accounts",
    "/api/v4/groups/{id}/service_accounts", "/api/v4/groups/{id}/service_accounts/{user_id}",
    "Those of a group, for its owners.",
    (PlaceId,)
);
service_account_routes!(
    of_project: Some(PlaceRef::Project), Read, Write, "Service accounts",
    "/api/v4/projects/{id}/service_accounts", "/api/v4/projects/{id}/service_accounts/{user_id}",
    "Those of a project, for its maintainers.",
    (PlaceId,)
);
