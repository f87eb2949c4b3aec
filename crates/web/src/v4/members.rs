//! `/projects/:id/members` and `/groups/:id/members` (spec/rest.md section
//! 4.4).

use tokenry_authority::places::{MemberChange, NewMember, UserName};
use tokenry_domain::{AccessLevel, Member, PlaceRef, User, member::MemberFilter};
use utoipa::ToSchema;

use super::{
    place_params::{Sort, level, place_name},
    user_id,
};
use crate::{
    access::{Read, Write},
    answer,
    call::{Answer, Call},
    openapi::{Paged, PlaceId, Refusals},
    paging::{self, MemberOrder, Paging},
    params::Reader,
    represent::member::MemberBody,
};

async fn list(call: &Call<Read>, sort: Sort, inherited: bool) -> Answer {
    let mut reader = call.params.reader();
    let place = sort(place_name(&mut reader, "id"));
    let paging = Paging::read(&mut reader);
    let search = reader.sought("query").filter(|text| !text.is_empty());
    reader.finish()?;
    let filter = MemberFilter {
        inherited,
        user: None,
        search: search.map(str::to_owned),
    };
    let window = paging.window(&MemberOrder)?;
    let authority = call.authority();
    let listed = authority.list_members(&call.caller, &place, &filter, &window);
    let page = listed
        .await
        .map_err(|error| paging::failed(error, "Member"))?;
    let makers: Vec<_> = page
        .rows
        .iter()
        .map(|(member, _)| member.created_by.and_then(|id| authority.recall_user(id)))
        .collect();
    let base = call.base();
    let rows = page.rows.iter().zip(&makers);
    let shown: Vec<_> = rows
        .map(|((member, user), maker)| MemberBody::of(member, user, maker.as_deref(), &base))
        .collect();
    Ok(paging.answer(call, &MemberOrder, &page, &shown))
}

async fn show(call: &Call<Read>, sort: Sort, inherited: bool) -> Answer {
    let mut reader = call.params.reader();
    let place = sort(place_name(&mut reader, "id"));
    let user = user_id(&mut reader, "user_id");
    reader.finish()?;
    let authority = call.authority();
    let shown = authority.show_member(&call.caller, &place, user, inherited);
    Ok(answer::ok(&body(call, &shown.await?)))
}

/// What is settled of a new member.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "it is what the document says")]
struct MemberForm {
    /// Who, by id; either this or `username`.
    user_id: Option<i64>,
    /// Who, by username.
    username: Option<String>,
    /// The role: 10, 15, 20, 25, 30, 40 or 50.
    access_level: i64,
    /// The date it ends, at 00:00 UTC.
    #[schema(value_type = Option<String>, format = Date)]
    expires_at: Option<String>,
}

async fn add(call: &Call<Write>, sort: Sort) -> Answer {
    let mut reader = call.params.reader();
    let place = sort(place_name(&mut reader, "id"));
    let user = named_user(&mut reader);
    let level = required_level(&mut reader);
    let expires = reader.date("expires_at");
    reader.finish()?;
    let new = NewMember {
        user,
        level,
        expires,
    };
    let added = call
        .change(|authority, caller| async move { authority.add_member(&caller, place, new).await })
        .await?;
    Ok(answer::created(&body(call, &added)))
}

/// The user to add: by id or by username, not both.
fn named_user(reader: &mut Reader<'_>) -> UserName {
    match (reader.has("user_id"), reader.has("username")) {
        (true, true) => reader.problem("user_id, username are mutually exclusive".to_owned()),
        (false, false) => reader.problem(
            "user_id, username are missing, exactly one parameter must be provided".to_owned(),
        ),
        _ => {}
    }
    match reader.sought("username") {
        Some(name) => UserName::Username(name.to_owned()),
        None => UserName::Id(user_id(reader, "user_id")),
    }
}

fn required_level(reader: &mut Reader<'_>) -> AccessLevel {
    if !reader.has("access_level") {
        reader.problem("access_level is missing".to_owned());
    }
    level(reader, "access_level").unwrap_or(AccessLevel::Guest)
}

/// What is changed of a member; the rest stays.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "it is what the document says")]
struct MemberChanges {
    /// The role: 10, 15, 20, 25, 30, 40 or 50.
    access_level: i64,
    /// The date it ends, at 00:00 UTC; null or empty for no end any more.
    #[schema(value_type = Option<String>, format = Date)]
    expires_at: Option<String>,
}

async fn change(call: &Call<Write>, sort: Sort) -> Answer {
    let mut reader = call.params.reader();
    let place = sort(place_name(&mut reader, "id"));
    let user = user_id(&mut reader, "user_id");
    let level = required_level(&mut reader);
    let expires = if reader.clears("expires_at") {
        Some(None)
    } else {
        reader.date("expires_at").map(Some)
    };
    reader.finish()?;
    let change = MemberChange {
        level: Some(level),
        expires,
    };
    let changed = call.change(|authority, caller| async move {
        authority.change_member(&caller, place, user, change).await
    });
    Ok(answer::ok(&body(call, &changed.await?)))
}

async fn remove(call: &Call<Write>, sort: Sort) -> Answer {
    let mut reader = call.params.reader();
    let place = sort(place_name(&mut reader, "id"));
    let user = user_id(&mut reader, "user_id");
    reader.finish()?;
    let removed = call.change(|authority, caller| async move {
        authority.remove_member(&caller, place, user).await
    });
    removed.await?;
    Ok(answer::no_content())
}

/// One member as JSON: whoever made the user a member lives in memory only.
fn body<A>(call: &Call<A>, (member, user): &(Member, User)) -> serde_json::Value {
    let maker = member
        .created_by
        .and_then(|id| call.authority().recall_user(id));
    let body = MemberBody::of(member, user, maker.as_deref(), &call.base());
    serde_json::to_value(body).unwrap_or_default()
}

macro_rules! member_routes {
    ($module:ident: $sort:ident, $tag:literal, $list:literal, $all:literal, $one:literal, $one_of_all:literal) => {
        pub(super) mod $module {
            use super::*;

            /// List the members
            ///
            /// Whose role was given right here.
            #[utoipa::path(
                get, path = $list, tag = $tag,
                params(
                    PlaceId,
                    ("query" = Option<String>, Query, description = "In the name or username."),
                    Paged,
                ),
                responses((status = 200, body = Vec<MemberBody<'_>>), Refusals)
            )]
            pub(in crate::v4) async fn list(call: Call<Read>) -> Answer {
                super::list(&call, PlaceRef::$sort, false).await
            }

            /// List all members
            ///
            /// Those of the groups above too, each with their highest role.
            #[utoipa::path(
                get, path = $all, tag = $tag,
                params(
                    PlaceId,
                    ("query" = Option<String>, Query, description = "In the name or username."),
                    Paged,
                ),
                responses((status = 200, body = Vec<MemberBody<'_>>), Refusals)
            )]
            pub(in crate::v4) async fn list_all(call: Call<Read>) -> Answer {
                super::list(&call, PlaceRef::$sort, true).await
            }

            /// Show a member
            ///
            /// Whose role was given right here.
            #[utoipa::path(
                get, path = $one, tag = $tag,
                params(
                    PlaceId,
                    ("user_id" = i64, Path),
                ),
                responses((status = 200, body = MemberBody<'_>), Refusals)
            )]
            pub(in crate::v4) async fn show(call: Call<Read>) -> Answer {
                super::show(&call, PlaceRef::$sort, false).await
            }

            /// Show any member
            ///
            /// Of the groups above too, with their highest role.
            #[utoipa::path(
                get, path = $one_of_all, tag = $tag,
                params(
                    PlaceId,
                    ("user_id" = i64, Path),
                ),
                responses((status = 200, body = MemberBody<'_>), Refusals)
            )]
            pub(in crate::v4) async fn show_any(call: Call<Read>) -> Answer {
                super::show(&call, PlaceRef::$sort, true).await
            }

            /// Add a member
            ///
            /// For maintainers of a project and owners of a group.
            #[utoipa::path(
                post, path = $list, tag = $tag,
                params(PlaceId),
                request_body = MemberForm,
                responses((status = 201, body = MemberBody<'_>), (status = 409, description = "The user is a member already."), Refusals)
            )]
            pub(in crate::v4) async fn add(call: Call<Write>) -> Answer {
                super::add(&call, PlaceRef::$sort).await
            }

            /// Change a member
            ///
            /// For maintainers of a project and owners of a group.
            #[utoipa::path(
                put, path = $one, tag = $tag,
                params(
                    PlaceId,
                    ("user_id" = i64, Path),
                ),
                request_body = MemberChanges,
                responses((status = 200, body = MemberBody<'_>), Refusals)
            )]
            pub(in crate::v4) async fn change(call: Call<Write>) -> Answer {
                super::change(&call, PlaceRef::$sort).await
            }

            /// End a membership
            ///
            /// For maintainers of a project, owners of a group, and the member.
            #[utoipa::path(
                delete, path = $one, tag = $tag,
                params(
                    PlaceId,
                    ("user_id" = i64, Path),
                ),
                responses((status = 204), Refusals)
            )]
            pub(in crate::v4) async fn remove(call: Call<Write>) -> Answer {
                super::remove(&call, PlaceRef::$sort).await
            }
        }
    };
}

member_routes!(
    of_group: Group, "Groups",
    "/api/v4/groups/{id}/members",
    "/api/v4/groups/{id}/members/all",
    "/api/v4/groups/{id}/members/{user_id}",
    "/api/v4/groups/{id}/members/all/{user_id}"
);
member_routes!(
    of_project: Project, "Projects",
    "/api/v4/projects/{id}/members",
    "/api/v4/projects/{id}/members/all",
    "/api/v4/projects/{id}/members/{user_id}",
    "/api/v4/projects/{id}/members/all/{user_id}"
);
