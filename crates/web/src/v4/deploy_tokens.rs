//! `/deploy_tokens`, and those of a project or group (spec/rest.md section 3.5).

use jiff::Timestamp;
use tokenry_authority::{Error, Thing, tokens::NewPlaceToken};
use tokenry_domain::{
    DeleteMeans, IfExists, Kind, PlaceRef, Scopes, States, Token, expiry::Expires,
    token_filter::TokenFilter,
};
use utoipa::ToSchema;

use super::{
    place_params::{Sort, place_name},
    token_id,
    token_rows::{Listed, Rows},
};
use crate::{
    access::{AdminRead, Read, Write},
    answer,
    call::{Answer, Call},
    failure::Failure,
    openapi::{Paged, PlaceId, Refusals},
    params::Reader,
    represent::deploy_token::DeployTokenBody,
};

const ROWS: Rows = Rows {
    kind: Kind::Deploy,
    title: "DeployToken",
};
const NAME: &str = "token_id";

/// List all deploy tokens
///
/// Of every project and group, for administrators.
#[utoipa::path(
    get, path = "/api/v4/deploy_tokens", tag = "Deploy tokens",
    params(
        ("active" = Option<bool>, Query, description = "Only those that work."),
        Paged,
    ),
    responses((status = 200, body = Vec<DeployTokenBody<'_>>), Refusals)
)]
pub(super) async fn list_all(call: Call<AdminRead>) -> Answer {
    answer_list(&call, ROWS.of_instance(&call, filter).await?).await
}

async fn list(call: &Call<Read>, sort: Sort) -> Answer {
    answer_list(call, ROWS.of_place(call, sort, filter).await?).await
}

/// Whoever asks for those that don't work gets all, as in GitLab.
fn filter(reader: &mut Reader<'_>) -> TokenFilter {
    TokenFilter {
        states: States::working(reader.flag("active").filter(|active| *active)),
        ..TokenFilter::default()
    }
}

async fn answer_list<A>(call: &Call<A>, listed: Listed<'_>) -> Answer {
    let (authority, now) = (call.authority(), call.authority().now());
    let particulars = authority.particulars_of(&listed.page.rows).await?;
    let rows = listed.page.rows.iter().zip(&particulars);
    let shown: Vec<_> = rows
        .map(|(token, particulars)| DeployTokenBody::of(token, particulars, now))
        .collect();
    Ok(listed.answer(call, &shown))
}

async fn show(call: &Call<Read>, sort: Sort) -> Answer {
    let mut reader = call.params.reader();
    let place = sort(place_name(&mut reader, "id"));
    let id = token_id(&mut reader, NAME);
    reader.finish()?;
    let standing = call.authority().place(&call.caller, &place).await?;
    let tokens = call
        .authority()
        .tokens_in(&call.caller, standing, Kind::Deploy);
    let token = tokens.show(id).await.map_err(missing)?;
    answer_one(call, &token, None).await
}

/// What is asked for of a new deploy token.
#[derive(Debug, ToSchema)]
struct NewDeployToken {
    /// What it is called.
    name: String,
    /// What it may be used for; an array, or names separated by commas.
    #[schema(value_type = Vec<String>)]
    scopes: Scopes,
    /// When it stops working; never by default.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    /// With which username it is presented; `gitlab+deploy-token-` and its id
    /// by default.
    username: Option<String>,
}

impl NewDeployToken {
    fn read(reader: &mut Reader<'_>) -> Self {
        let username = reader.text("username").filter(|text| !text.is_empty());
        Self {
            name: reader.required("name").to_owned(),
            scopes: reader.scopes("scopes", Kind::Deploy.descriptor().scopes),
            expires_at: reader.moment("expires_at"),
            username: username.map(str::to_owned),
        }
    }
}

async fn issue(call: &Call<Write>, sort: Sort) -> Answer {
    let mut reader = call.params.reader();
    let place = sort(place_name(&mut reader, "id"));
    let wanted = NewDeployToken::read(&mut reader);
    reader.finish()?;
    let standing = call.authority().place(&call.caller, &place).await?;
    let new = NewPlaceToken {
        name: wanted.name,
        description: None,
        scopes: wanted.scopes,
        expires: Expires::At(wanted.expires_at),
        if_exists: IfExists::Add,
    };
    let issued = call
        .change(|authority, caller| async move {
            let tokens = authority.tokens_in(&caller, standing, Kind::Deploy);
            tokens.issue_with_username(new, wanted.username).await
        })
        .await?;
    answer_one(call, &issued.token, Some(issued.text.reveal())).await
}

async fn remove(call: &Call<Write>, sort: Sort) -> Answer {
    let mut reader = call.params.reader();
    let place = sort(place_name(&mut reader, "id"));
    let id = token_id(&mut reader, NAME);
    reader.finish()?;
    let standing = call.authority().place(&call.caller, &place).await?;
    call.change(|authority, caller| async move {
        let tokens = authority.tokens_in(&caller, standing, Kind::Deploy);
        tokens.end(id, DeleteMeans::Delete).await
    })
    .await
    .map_err(missing)?;
    Ok(answer::no_content())
}

/// One token; with its text it is new.
async fn answer_one<A>(call: &Call<A>, token: &Token, text: Option<&str>) -> Answer {
    let particulars = call.authority().particulars_of(std::slice::from_ref(token));
    let particulars = particulars.await?.pop().unwrap_or_default();
    let body = DeployTokenBody::of(token, &particulars, call.authority().now());
    Ok(match text {
        Some(text) => answer::created(&body.with(text)),
        None => answer::ok(&body),
    })
}

fn missing(error: Error) -> Failure {
    match error {
        Error::NotFound(Thing::Token) => Failure::not_found("Deploy Token"),
        other => other.into(),
    }
}

/// The routes of a sort of place; they differ in nothing but the path.
macro_rules! deploy_token_routes {
    ($module:ident: $sort:ident, $list:literal, $one:literal) => {
        pub(super) mod $module {
            use super::*;

            /// List deploy tokens
            ///
            /// For maintainers of a project and owners of a group.
            #[utoipa::path(
                        get, path = $list, tag = "Deploy tokens",
                        params(
                            PlaceId,
                            ("active" = Option<bool>, Query, description = "Only those that work."),
                            Paged,
                        ),
                        responses((status = 200, body = Vec<DeployTokenBody<'_>>), Refusals)
                    )]
            pub(in crate::v4) async fn list(call: Call<Read>) -> Answer {
                super::list(&call, PlaceRef::$sort).await
            }

            /// Show a deploy token
            ///
            /// For maintainers of a project and owners of a group.
            #[utoipa::path(
                        get, path = $one, tag = "Deploy tokens",
                        params(
                            PlaceId,
                            ("token_id" = i64, Path),
                        ),
                        responses((status = 200, body = DeployTokenBody<'_>), Refusals)
                    )]
            pub(in crate::v4) async fn show(call: Call<Read>) -> Answer {
                super::show(&call, PlaceRef::$sort).await
            }

            /// Issue a deploy token
            ///
            /// For maintainers of a project and owners of a group. The answer
            /// holds its text, this once.
            #[utoipa::path(
                        post, path = $list, tag = "Deploy tokens",
                        params(PlaceId),
                        request_body = NewDeployToken,
                        responses((status = 201, body = DeployTokenBody<'_>), Refusals)
                    )]
            pub(in crate::v4) async fn issue(call: Call<Write>) -> Answer {
                super::issue(&call, PlaceRef::$sort).await
            }

            /// Delete a deploy token
            ///
            /// Its row goes, unlike that of an access token.
            #[utoipa::path(
                        delete, path = $one, tag = "Deploy tokens",
                        params(
                            PlaceId,
                            ("token_id" = i64, Path),
                        ),
                        responses((status = 204), Refusals)
                    )]
            pub(in crate::v4) async fn remove(call: Call<Write>) -> Answer {
                super::remove(&call, PlaceRef::$sort).await
            }
        }
    };
}

deploy_token_routes!(
    of_group: Group,
    "/api/v4/groups/{id}/deploy_tokens",
    "/api/v4/groups/{id}/deploy_tokens/{token_id}"
);
deploy_token_routes!(
    of_project: Project,
    "/api/v4/projects/{id}/deploy_tokens",
    "/api/v4/projects/{id}/deploy_tokens/{token_id}"
);
