//! `/projects/:id/access_tokens` and `/groups/:id/access_tokens`
//! (spec/rest.md section 3.2).
//!
//! The statuses differ from those of other routes, and are GitLab's: who may
//! not read hears 401, who may not create or revoke 400.

use std::sync::Arc;

use jiff::civil::Date;
use tokenry_authority::{
    Authority, Caller, Error, Thing,
    places::Standing,
    tokens::{Issued, NewAccessToken, PlaceTokens},
};
use tokenry_domain::{
    AccessLevel, IfExists, Kind, Place, PlaceRef, Scopes, TokenId, User, UserType,
};
use utoipa::ToSchema;

use super::{
    place_params::{Sort, level, place_name},
    token_id,
    token_list::{TYPE, token_filter},
    token_revoke::delete_means,
    token_rotate::Rotation,
};
use crate::{
    access::{Read, Rotate, RotateSelf, Write},
    answer,
    call::{Answer, Call},
    failure::Failure,
    openapi::{Filtered, Paged, PlaceId, Refusals},
    paging::{self, Paging, token_order},
    params::Reader,
    represent::access_token::AccessTokenBody,
};

/// The kind of token whose bots are members of a place.
const fn kind(place: Place) -> Kind {
    match place {
        Place::Group(_) => Kind::Group,
        Place::Project(_) => Kind::Project,
    }
}

/// The access tokens of a place.
fn tokens_of<'a>(
    authority: &'a Arc<Authority>,
    caller: &'a Caller,
    standing: Standing,
) -> PlaceTokens<'a> {
    authority.tokens_in(caller, standing, kind(standing.place))
}

async fn list(call: &Call<Read>, sort: Sort) -> Answer {
    let mut reader = call.params.reader();
    let place = sort(place_name(&mut reader, "id"));
    let paging = Paging::read(&mut reader);
    let order = token_order(&mut reader);
    let filter = token_filter(&mut reader);
    reader.finish()?;
    let order = paging::known(order, &paging)?;
    let window = paging.window(&order)?;
    let standing = call.authority().place(&call.caller, &place).await?;
    let tokens = tokens_of(call.authority(), &call.caller, standing);
    let listed = tokens.list(filter, order, &window).await;
    let page = listed.map_err(|error| match error {
        Error::RoleTooLow(_) => Failure::unauthorized(),
        other => paging::failed(other, TYPE),
    })?;
    let levels = tokens.levels(&page.rows).await?;
    let now = call.authority().now();
    let rows = page.rows.iter();
    let shown: Vec<_> = rows
        .map(|token| {
            let level = levels.get(&token.owner).copied();
            AccessTokenBody::of(token, standing.place, level, now)
        })
        .collect();
    Ok(paging.answer(call, &order, &page, &shown))
}

/// The place and the token that a path names.
async fn named<A>(
    call: &Call<A>,
    mut reader: Reader<'_>,
    sort: Sort,
) -> Result<(Standing, TokenId), Failure> {
    let place = sort(place_name(&mut reader, "id"));
    let id = token_id(&mut reader, "token_id");
    reader.finish()?;
    let standing = call.authority().place(&call.caller, &place).await?;
    Ok((standing, id))
}

async fn show(call: &Call<Read>, sort: Sort) -> Answer {
    let (standing, id) = named(call, call.params.reader(), sort).await?;
    let tokens = tokens_of(call.authority(), &call.caller, standing);
    let token = tokens.show(id).await.map_err(|error| match error {
        Error::RoleTooLow(_) => Failure::unauthorized(),
        other => missing(other, standing, id),
    })?;
    let level = tokens.levels([&token]).await?.get(&token.owner).copied();
    let now = call.authority().now();
    Ok(answer::ok(&AccessTokenBody::of(
        &token,
        standing.place,
        level,
        now,
    )))
}

/// A token that isn't this place's.
fn missing(error: Error, standing: Standing, id: TokenId) -> Failure {
    match error {
        Error::NotFound(Thing::Token) => {
            let sort = kind(standing.place).name();
            Failure::not_found(&format!(
                "Could not find {sort} access token with token_id: {id}"
            ))
        }
        other => other.into(),
    }
}

/// What is asked for of a new token.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "it is what the document says")]
struct AccessTokenForm {
    /// What it and its bot are called.
    name: String,
    /// What is said of it; at most 255 characters.
    description: Option<String>,
    /// What it may be used for; an array, or names separated by commas.
    scopes: Vec<String>,
    /// The bot's role: 10, 15, 20, 25, 30, 40 or 50, by default 40; no higher
    /// than that of whoever asks.
    access_level: Option<i64>,
    /// The date it stops working at, at 00:00 UTC; by default the latest that
    /// is allowed. Null asks for none, where none is required.
    #[schema(value_type = Option<String>, format = Date)]
    expires_at: Option<Date>,
}

fn read_new(reader: &mut Reader<'_>, host: Option<String>) -> NewAccessToken {
    let expires = if reader.clears("expires_at") {
        Some(None)
    } else {
        reader.date("expires_at").map(Some)
    };
    NewAccessToken {
        name: reader.required("name").to_owned(),
        description: reader.text("description").map(str::to_owned),
        scopes: reader.scopes("scopes", Scopes::RESOURCE),
        level: level(reader, "access_level").unwrap_or(AccessLevel::Maintainer),
        expires,
        host,
        if_exists: IfExists::Add,
    }
}

async fn issue(call: &Call<Write>, sort: Sort) -> Answer {
    let mut reader = call.params.reader();
    let place = sort(place_name(&mut reader, "id"));
    let new = read_new(&mut reader, call.host());
    reader.finish()?;
    let (standing, level) = (
        call.authority().place(&call.caller, &place).await?,
        new.level,
    );
    let issued = call
        .change(|authority, caller| async move {
            let tokens = tokens_of(&authority, &caller, standing);
            tokens.issue_with_bot(new).await
        })
        .await
        .map_err(|error| not_issued(error, standing))?;
    let now = call.authority().now();
    let body = AccessTokenBody::of_issued(&issued, standing.place, Some(level), now);
    Ok(answer::created(&body))
}

fn not_issued(error: Error, standing: Standing) -> Failure {
    match error {
        Error::RoleTooLow(_) | Error::NotPermitted(_) => Failure::bad_request(&format!(
            "User does not have permission to create {} access token",
            kind(standing.place).name()
        )),
        Error::AboveOwnRole => Failure::bad_request(
            "Access level of the token contains permissions not held by the creating user",
        ),
        Error::Invalid(invalid) => Failure::bad_request(&invalid.sentence()),
        other => other.into(),
    }
}

async fn revoke(call: &Call<Write>, sort: Sort) -> Answer {
    let mut reader = call.params.reader();
    let means = delete_means(call, &mut reader);
    let (standing, id) = named(call, reader, sort).await?;
    let ended = call.change(|authority, caller| async move {
        let tokens = tokens_of(&authority, &caller, standing);
        tokens.end(id, means).await
    });
    match ended.await {
        Ok(()) => Ok(answer::no_content()),
        Err(Error::RoleTooLow(_)) => Err(not_revoked(call, standing, id).await),
        Err(other) => Err(missing(other, standing, id)),
    }
}

/// Who may not revoke is told whom they may not part with: bots are members,
/// and whoever sees the place sees its members.
async fn not_revoked(call: &Call<Write>, standing: Standing, id: TokenId) -> Failure {
    let tokens = tokens_of(call.authority(), &call.caller, standing);
    match tokens.bot_of(id).await {
        Ok(bot) => {
            let caller = call.caller.user().map_or("", |user| user.name.as_str());
            Failure::bad_request(&format!("{caller} cannot delete {}", bot.name))
        }
        Err(error) => missing(error, standing, id),
    }
}

async fn rotate(call: &Call<Rotate>, sort: Sort) -> Answer {
    let mut reader = call.params.reader();
    let expires = Rotation::read(&mut reader).expires_at;
    let (standing, id) = named(call, reader, sort).await?;
    let rotated = call.change(|authority, caller| async move {
        let tokens = tokens_of(&authority, &caller, standing);
        tokens.rotate(id, expires).await
    });
    let admin = call.caller.is_admin();
    let issued = rotated.await.map_err(|error| not_rotated(error, admin))?;
    successor(call, standing, &issued).await
}

fn not_rotated(error: Error, admin: bool) -> Failure {
    match error {
        Error::RoleTooLow(_) => Failure::unauthorized(),
        Error::AboveOwnRole => Failure::bad_request(
            "Not eligible to rotate token with access level higher than the user",
        ),
        Error::Invalid(invalid) => Failure::bad_request(&invalid.sentence()),
        other => Failure::hidden(other, admin),
    }
}

async fn rotate_self(call: &Call<RotateSelf>, sort: Sort) -> Answer {
    let mut reader = call.params.reader();
    let place = sort(place_name(&mut reader, "id"));
    let expires = Rotation::read(&mut reader).expires_at;
    reader.finish()?;
    let id = call.presented_card()?.id;
    let bot = bot_presented(call);
    let standing = match call.authority().place(&call.caller, &place).await {
        Err(Error::NotFound(_)) if bot.is_some() => return Err(Failure::unauthorized()),
        found => found?,
    };
    let bot = bot.ok_or_else(Failure::method_not_allowed)?;
    if bot.home != Some(standing.place) {
        return Err(Failure::unauthorized());
    }
    let rotated = call.change(|authority, caller| async move {
        authority.rotate_token(&caller, id, expires).await
    });
    let issued = rotated.await.map_err(|error| not_rotated(error, false))?;
    successor(call, standing, &issued).await
}

/// The bot whose own token was presented.
fn bot_presented<A>(call: &Call<A>) -> Option<&User> {
    let card = call.caller.token()?;
    let user = call.caller.user()?;
    (user.user_type == UserType::ProjectBot && user.id == card.owner).then_some(user)
}

async fn successor<A>(call: &Call<A>, standing: Standing, issued: &Issued) -> Answer {
    let tokens = tokens_of(call.authority(), &call.caller, standing);
    let levels = tokens.levels([&issued.token]).await?;
    let level = levels.get(&issued.token.owner).copied();
    let now = call.authority().now();
    let body = AccessTokenBody::of_issued(issued, standing.place, level, now);
    Ok(answer::ok(&body))
}

macro_rules! access_token_routes {
    ($module:ident: $sort:ident, $tag:literal, $list:literal, $one:literal, $rotate:literal, $rotate_self:literal) => {
        pub(super) mod $module {
            use super::*;

            /// List the access tokens
            ///
            /// For maintainers of a project and owners of a group. All filters
            /// must hold.
            #[utoipa::path(
                get, path = $list, tag = $tag,
                params(
                    PlaceId,
                    Filtered,
                    Paged,
                ),
                responses((status = 200, body = Vec<AccessTokenBody<'_>>), Refusals)
            )]
            pub(in crate::v4) async fn list(call: Call<Read>) -> Answer {
                super::list(&call, PlaceRef::$sort).await
            }

            /// Show an access token
            #[utoipa::path(
                get, path = $one, tag = $tag,
                params(
                    PlaceId,
                    ("token_id" = i64, Path),
                ),
                responses((status = 200, body = AccessTokenBody<'_>), Refusals)
            )]
            pub(in crate::v4) async fn show(call: Call<Read>) -> Answer {
                super::show(&call, PlaceRef::$sort).await
            }

            /// Issue an access token
            ///
            /// It acts as a bot that is made for it and is a member with the
            /// role asked for. The answer holds its text, this once.
            #[utoipa::path(
                post, path = $list, tag = $tag,
                params(PlaceId),
                request_body = AccessTokenForm,
                responses((status = 201, body = AccessTokenBody<'_>), Refusals)
            )]
            pub(in crate::v4) async fn issue(call: Call<Write>) -> Answer {
                super::issue(&call, PlaceRef::$sort).await
            }

            /// Revoke an access token
            ///
            /// The row stays and is listed as revoked, unless it is to be
            /// deleted; with the last of its tokens a bot goes.
            #[utoipa::path(
                delete, path = $one, tag = $tag,
                params(
                    PlaceId,
                    ("token_id" = i64, Path),
                    ("hard_delete" = Option<bool>, Query, description = "Whether the row goes too, whatever the setting `delete_means` says."),
                ),
                responses((status = 204), Refusals)
            )]
            pub(in crate::v4) async fn revoke(call: Call<Write>) -> Answer {
                super::revoke(&call, PlaceRef::$sort).await
            }

            /// Replace an access token
            ///
            /// The old one is revoked in the same step; the bot stays. The
            /// answer holds the new token's text, this once.
            #[utoipa::path(
                post, path = $rotate, tag = $tag,
                params(
                    PlaceId,
                    ("token_id" = i64, Path),
                ),
                request_body = Option<Rotation>,
                responses((status = 200, body = AccessTokenBody<'_>), Refusals)
            )]
            pub(in crate::v4) async fn rotate(call: Call<Rotate>) -> Answer {
                super::rotate(&call, PlaceRef::$sort).await
            }

            /// Replace the access token presented
            ///
            /// With scope `api` or `self_rotate`.
            #[utoipa::path(
                post, path = $rotate_self, tag = $tag,
                params(PlaceId),
                request_body = Option<Rotation>,
                responses((status = 200, body = AccessTokenBody<'_>), Refusals)
            )]
            pub(in crate::v4) async fn rotate_self(call: Call<RotateSelf>) -> Answer {
                super::rotate_self(&call, PlaceRef::$sort).await
            }
        }
    };
}

access_token_routes!(
    of_group: Group, "Group access tokens",
    "/api/v4/groups/{id}/access_tokens",
    "/api/v4/groups/{id}/access_tokens/{token_id}",
    "/api/v4/groups/{id}/access_tokens/{token_id}/rotate",
    "/api/v4/groups/{id}/access_tokens/self/rotate"
);
access_token_routes!(
    of_project: Project, "Project access tokens",
    "/api/v4/projects/{id}/access_tokens",
    "/api/v4/projects/{id}/access_tokens/{token_id}",
    "/api/v4/projects/{id}/access_tokens/{token_id}/rotate",
    "/api/v4/projects/{id}/access_tokens/self/rotate"
);
