//! `/projects/:id/triggers` (spec/rest.md section 3.9).
//!
//! What GitLab calls a trigger's description is its name here.

use tokenry_authority::{
    Error, Thing,
    places::Standing,
    tokens::{NewPlaceToken, TokenText},
};
use tokenry_domain::{
    DeleteMeans, IfExists, Invalid, Kind, PlaceRef, Scopes, Token, TokenId, expiry::Expires,
    token_filter::TokenFilter,
};
use utoipa::ToSchema;

use super::{place_params::place_name, token_id, token_rows::Rows};
use crate::{
    access::{Read, Write},
    answer,
    call::{Answer, Call},
    failure::Failure,
    openapi::{Paged, PlaceId, Refusals},
    params::Reader,
    represent::trigger::TriggerBody,
};

const ROWS: Rows = Rows {
    kind: Kind::PipelineTrigger,
    title: "Ci::Trigger",
};
const NAME: &str = "trigger_id";
const DESCRIPTION: &str = "description";

/// List pipeline triggers
///
/// For maintainers.
#[utoipa::path(
    get, path = "/api/v4/projects/{id}/triggers", tag = "Pipeline triggers",
    params(
        PlaceId,
        Paged,
    ),
    responses((status = 200, body = Vec<TriggerBody<'_>>), Refusals)
)]
pub(super) async fn list(call: Call<Read>) -> Answer {
    let all = |_: &mut Reader<'_>| TokenFilter::default();
    let listed = ROWS.of_place(&call, PlaceRef::Project, all).await?;
    let shown = shown(&call, &listed.page.rows).await?;
    Ok(listed.answer(&call, &shown))
}

/// Show a pipeline trigger
///
/// For maintainers.
#[utoipa::path(
    get, path = "/api/v4/projects/{id}/triggers/{trigger_id}", tag = "Pipeline triggers",
    params(
        PlaceId,
        ("trigger_id" = i64, Path),
    ),
    responses((status = 200, body = TriggerBody<'_>), Refusals)
)]
pub(super) async fn show(call: Call<Read>) -> Answer {
    let (standing, id) = named(&call, call.params.reader()).await?;
    let token = find(&call, standing, id).await?;
    Ok(answer::ok(&body(&call, token).await?))
}

/// What is asked for of a new pipeline trigger.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "it is what the document says")]
struct NewTrigger {
    /// What it is for; at most 255 characters.
    description: String,
    /// When it stops working; never by default.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<String>,
}

/// Issue a pipeline trigger
///
/// For maintainers; it is the caller's then.
#[utoipa::path(
    post, path = "/api/v4/projects/{id}/triggers", tag = "Pipeline triggers",
    params(PlaceId),
    request_body = NewTrigger,
    responses((status = 201, body = TriggerBody<'_>), Refusals)
)]
pub(super) async fn issue(call: Call<Write>) -> Answer {
    let mut reader = call.params.reader();
    let place = PlaceRef::Project(place_name(&mut reader, "id"));
    let new = NewPlaceToken {
        name: reader.required(DESCRIPTION).to_owned(),
        description: None,
        scopes: Scopes::NONE,
        expires: Expires::At(reader.moment("expires_at")),
        if_exists: IfExists::Add,
    };
    reader.finish()?;
    let standing = call.authority().place(&call.caller, &place).await?;
    let issued = call
        .change(|authority, caller| async move {
            let tokens = authority.tokens_in(&caller, standing, Kind::PipelineTrigger);
            tokens.issue(new).await
        })
        .await
        .map_err(worded)?;
    Ok(answer::created(&body(&call, issued.token).await?))
}

/// What is changed of a pipeline trigger.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "it is what the document says")]
struct TriggerChange {
    /// What it is for; at most 255 characters.
    description: Option<String>,
}

/// Change a pipeline trigger
///
/// For maintainers.
#[utoipa::path(
    put, path = "/api/v4/projects/{id}/triggers/{trigger_id}", tag = "Pipeline triggers",
    params(
        PlaceId,
        ("trigger_id" = i64, Path),
    ),
    request_body = TriggerChange,
    responses((status = 200, body = TriggerBody<'_>), Refusals)
)]
pub(super) async fn change(call: Call<Write>) -> Answer {
    let mut reader = call.params.reader();
    let description = reader.text(DESCRIPTION).map(str::to_owned);
    let (standing, id) = named(&call, reader).await?;
    let token = match description {
        None => find(&call, standing, id).await?,
        Some(description) => call
            .change(|authority, caller| async move {
                let tokens = authority.tokens_in(&caller, standing, Kind::PipelineTrigger);
                tokens.rename(id, description).await
            })
            .await
            .map_err(worded)?,
    };
    Ok(answer::ok(&body(&call, token).await?))
}

/// Take a pipeline trigger over
///
/// For maintainers: it is the caller's then, and no longer whose it was.
#[utoipa::path(
    post, path = "/api/v4/projects/{id}/triggers/{trigger_id}/take_ownership",
    tag = "Pipeline triggers",
    params(
        PlaceId,
        ("trigger_id" = i64, Path),
    ),
    responses((status = 200, body = TriggerBody<'_>), Refusals)
)]
pub(super) async fn take(call: Call<Write>) -> Answer {
    let (standing, id) = named(&call, call.params.reader()).await?;
    let token = call
        .change(|authority, caller| async move {
            let tokens = authority.tokens_in(&caller, standing, Kind::PipelineTrigger);
            tokens.take(id).await
        })
        .await
        .map_err(worded)?;
    Ok(answer::ok(&body(&call, token).await?))
}

/// Delete a pipeline trigger
///
/// For maintainers. Its row goes.
#[utoipa::path(
    delete, path = "/api/v4/projects/{id}/triggers/{trigger_id}", tag = "Pipeline triggers",
    params(
        PlaceId,
        ("trigger_id" = i64, Path),
    ),
    responses((status = 204), Refusals)
)]
pub(super) async fn remove(call: Call<Write>) -> Answer {
    let (standing, id) = named(&call, call.params.reader()).await?;
    call.change(|authority, caller| async move {
        let tokens = authority.tokens_in(&caller, standing, Kind::PipelineTrigger);
        tokens.end(id, DeleteMeans::Delete).await
    })
    .await
    .map_err(worded)?;
    Ok(answer::no_content())
}

/// How the caller stands to the project of the path, and the trigger there.
async fn named<A>(call: &Call<A>, mut reader: Reader<'_>) -> Result<(Standing, TokenId), Failure> {
    let place = PlaceRef::Project(place_name(&mut reader, "id"));
    let id = token_id(&mut reader, NAME);
    reader.finish()?;
    let standing = call.authority().place(&call.caller, &place).await?;
    Ok((standing, id))
}

async fn find<A>(call: &Call<A>, standing: Standing, id: TokenId) -> Result<Token, Failure> {
    let authority = call.authority();
    let tokens = authority.tokens_in(&call.caller, standing, Kind::PipelineTrigger);
    tokens.show(id).await.map_err(worded)
}

async fn body<A>(call: &Call<A>, token: Token) -> Result<serde_json::Value, Failure> {
    let mut bodies = shown(call, &[token]).await?;
    Ok(bodies.pop().unwrap_or_default())
}

/// Triggers as JSON: texts and owners are only borrowed for as long as that takes.
async fn shown<A>(call: &Call<A>, tokens: &[Token]) -> Result<Vec<serde_json::Value>, Failure> {
    let (authority, base) = (call.authority(), call.base());
    let particulars = authority.particulars_of(tokens).await?;
    let texts = authority.reveal_tokens(&call.caller, tokens).await?;
    let rows = tokens.iter().zip(&particulars).zip(&texts);
    let shown = rows.map(|((token, particulars), text)| {
        let owner = authority.recall_user(token.owner);
        let text = text.as_ref().map(TokenText::reveal);
        let (revoked_at, owner) = (token.life.revoked_at, owner.as_deref());
        let body = TriggerBody::of(token, revoked_at, particulars, text, owner, &base);
        serde_json::to_value(body).unwrap_or_default()
    });
    Ok(shown.collect())
}

fn worded(error: Error) -> Failure {
    match error {
        Error::NotFound(Thing::Token) => Failure::not_found("Trigger"),
        Error::Invalid(mut invalid) => {
            rename(&mut invalid);
            Error::Invalid(invalid).into()
        }
        other => other.into(),
    }
}

/// What is wrong with the name is told of the description.
fn rename(invalid: &mut Invalid) {
    for problem in &mut invalid.problems {
        if problem.field == "name" {
            problem.field = DESCRIPTION;
        }
    }
}
