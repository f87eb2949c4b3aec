//! `/…/service_accounts/:user_id/personal_access_tokens` of projects and
//! groups (spec/rest.md section 3.3).

use axum::http::StatusCode;
use tokenry_authority::{
    Error, Thing,
    places::Standing,
    tokens::{NewPlaceToken, PlaceTokens},
};
use tokenry_domain::{
    IfExists, Kind, PlaceRef, TokenId, UserId, expiry::Expires, token_filter::TokenFilter,
};

use super::{
    place_params::{Sort, place_name},
    service_accounts::account,
    token_id,
    token_issue::{NewToken, as_sentence},
    token_list::{TYPE, token_filter},
    token_revoke::delete_means,
    token_rotate::Rotation,
    user_id,
};
use crate::{
    access::{Read, Rotate, Write},
    answer,
    call::{Answer, Call},
    failure::Failure,
    openapi::{Filtered, Paged, PlaceId, Refusals},
    paging::{self, Paging, token_order},
    params::Reader,
    represent::token::TokenBody,
};

/// The place and the service account that a path names.
struct Named {
    place: PlaceRef,
    user: UserId,
}

impl Named {
    fn read(reader: &mut Reader<'_>, sort: Sort) -> Self {
        Self {
            place: sort(place_name(reader, "id")),
            user: user_id(reader, "user_id"),
        }
    }

    /// How the caller stands to the place, if the account is at home there.
    async fn standing<A>(&self, call: &Call<A>) -> Result<Standing, Failure> {
        let standing = call.authority().place(&call.caller, &self.place).await?;
        account(call, Some(standing), self.user).await?;
        Ok(standing)
    }
}

async fn list(call: &Call<Read>, sort: Sort) -> Answer {
    let mut reader = call.params.reader();
    let named = Named::read(&mut reader, sort);
    let paging = Paging::read(&mut reader);
    let order = token_order(&mut reader);
    let filter = TokenFilter {
        owner: Some(named.user),
        ..token_filter(&mut reader)
    };
    reader.finish()?;
    let order = paging::known(order, &paging)?;
    let window = paging.window(&order)?;
    let standing = named.standing(call).await?;
    let authority = call.authority();
    let tokens = authority.tokens_in(&call.caller, standing, Kind::ServiceAccount);
    let listed = tokens.list(filter, order, &window).await;
    let page = listed.map_err(|error| paging::failed(error, TYPE))?;
    let now = authority.now();
    let rows = page.rows.iter();
    let shown: Vec<_> = rows.map(|token| TokenBody::of(token, now)).collect();
    Ok(paging.answer(call, &order, &page, &shown))
}

async fn issue(call: &Call<Write>, sort: Sort) -> Answer {
    let line = Kind::Personal.descriptor();
    let mut reader = call.params.reader();
    let named = Named::read(&mut reader, sort);
    let new = NewToken::read(&mut reader, line.scopes.and(line.admin_scopes));
    reader.finish()?;
    let (standing, owner) = (named.standing(call).await?, named.user);
    let new = NewPlaceToken {
        name: new.name,
        description: new.description,
        scopes: new.scopes,
        expires: Expires::On(new.expires_at),
        if_exists: IfExists::Add,
    };
    let issued = call.change(|authority, caller| async move {
        let tokens = authority.tokens_in(&caller, standing, Kind::ServiceAccount);
        tokens.issue_for(owner, new).await
    });
    let issued = issued.await.map_err(as_sentence)?;
    let now = call.authority().now();
    Ok(answer::created(&TokenBody::of_issued(&issued, now)))
}

/// Refuses a token that isn't this service account's.
async fn check_owner(tokens: &PlaceTokens<'_>, owner: UserId, id: TokenId) -> Result<(), Error> {
    let token = tokens.show(id).await?;
    if token.owner == owner {
        Ok(())
    } else {
        Err(Error::NotFound(Thing::Token))
    }
}

async fn rotate(call: &Call<Rotate>, sort: Sort) -> Answer {
    let mut reader = call.params.reader();
    let named = Named::read(&mut reader, sort);
    let id = token_id(&mut reader, "token_id");
    let expires = Rotation::read(&mut reader).expires_at;
    reader.finish()?;
    let (standing, owner) = (named.standing(call).await?, named.user);
    let rotated = call.change(|authority, caller| async move {
        let tokens = authority.tokens_in(&caller, standing, Kind::ServiceAccount);
        check_owner(&tokens, owner, id).await?;
        tokens.rotate(id, expires).await
    });
    let issued = rotated.await.map_err(|error| match error {
        Error::Invalid(invalid) => Failure::bad_request(&invalid.sentence()),
        Error::NotFound(_) if matches!(named.place, PlaceRef::Group(_)) => {
            Failure::message(StatusCode::NOT_FOUND, "404 Not Found")
        }
        other => missing(other),
    })?;
    let now = call.authority().now();
    Ok(answer::ok(&TokenBody::of_issued(&issued, now)))
}

async fn revoke(call: &Call<Write>, sort: Sort) -> Answer {
    let mut reader = call.params.reader();
    let named = Named::read(&mut reader, sort);
    let id = token_id(&mut reader, "token_id");
    let means = delete_means(call, &mut reader);
    reader.finish()?;
    let (standing, owner) = (named.standing(call).await?, named.user);
    let ended = call.change(|authority, caller| async move {
        let tokens = authority.tokens_in(&caller, standing, Kind::ServiceAccount);
        check_owner(&tokens, owner, id).await?;
        tokens.end(id, means).await
    });
    ended.await.map_err(missing)?;
    Ok(answer::no_content())
}

fn missing(error: Error) -> Failure {
    match error {
        Error::NotFound(Thing::Token) => Failure::not_found("Personal Access Token"),
        other => other.into(),
    }
}

macro_rules! token_routes {
    ($module:ident: $sort:ident, $all:literal, $one:literal, $rotate:literal) => {
        pub(super) mod $module {
            use super::*;

            /// List a service account's tokens
            ///
            /// All filters must hold.
            #[utoipa::path(
                get, path = $all, tag = "Service accounts",
                params(
                    PlaceId,
                    ("user_id" = i64, Path),
                    Filtered,
                    Paged,
                ),
                responses((status = 200, body = Vec<TokenBody<'_>>), Refusals)
            )]
            pub(in crate::v4) async fn list(call: Call<Read>) -> Answer {
                super::list(&call, PlaceRef::$sort).await
            }

            /// Issue a token for a service account
            ///
            /// The answer holds the token's text, this once.
            #[utoipa::path(
                post, path = $all, tag = "Service accounts",
                params(
                    PlaceId,
                    ("user_id" = i64, Path),
                ),
                request_body = NewToken,
                responses((status = 201, body = TokenBody<'_>), (status = 422, description = "The rules don't allow such a token."), Refusals)
            )]
            pub(in crate::v4) async fn issue(call: Call<Write>) -> Answer {
                super::issue(&call, PlaceRef::$sort).await
            }

            /// Replace a service account's token
            ///
            /// The old token is revoked in the same step. The answer holds the
            /// new token's text, this once.
            #[utoipa::path(
                post, path = $rotate, tag = "Service accounts",
                params(
                    PlaceId,
                    ("user_id" = i64, Path),
                    ("token_id" = i64, Path),
                ),
                request_body = Option<Rotation>,
                responses((status = 200, body = TokenBody<'_>), Refusals)
            )]
            pub(in crate::v4) async fn rotate(call: Call<Rotate>) -> Answer {
                super::rotate(&call, PlaceRef::$sort).await
            }

            /// Revoke a service account's token
            ///
            /// The row stays and is listed as revoked, unless it is to be deleted.
            #[utoipa::path(
                delete, path = $one, tag = "Service accounts",
                params(
                    PlaceId,
                    ("user_id" = i64, Path),
                    ("token_id" = i64, Path),
                    ("hard_delete" = Option<bool>, Query, description = "Whether the row goes too, whatever the setting `delete_means` says."),
                ),
                responses((status = 204), Refusals)
            )]
            pub(in crate::v4) async fn revoke(call: Call<Write>) -> Answer {
                super::revoke(&call, PlaceRef::$sort).await
            }
        }
    };
}

token_routes!(
    of_group: Group,
    "/api/v4/groups/{id}/service_accounts/{user_id}/personal_access_tokens",
    "/api/v4/groups/{id}/service_accounts/{user_id}/personal_access_tokens/{token_id}",
    "/api/v4/groups/{id}/service_accounts/{user_id}/personal_access_tokens/{token_id}/rotate"
);
token_routes!(
    of_project: Project,
    "/api/v4/projects/{id}/service_accounts/{user_id}/personal_access_tokens",
    "/api/v4/projects/{id}/service_accounts/{user_id}/personal_access_tokens/{token_id}",
    "/api/v4/projects/{id}/service_accounts/{user_id}/personal_access_tokens/{token_id}/rotate"
);
