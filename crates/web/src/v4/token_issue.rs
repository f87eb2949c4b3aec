//! `POST /users/:user_id/personal_access_tokens` and
//! `POST /user/personal_access_tokens` (spec/rest.md sections 2.6, 2.7).

use axum::http::StatusCode;
use jiff::civil::Date;
use tokenry_authority::{Error, tokens::Wanted};
use tokenry_domain::{IfExists, Kind, Scopes, UserId, expiry::Expires};
use utoipa::ToSchema;

use super::user_id;
use crate::{
    access::{AdminWrite, Write},
    answer,
    call::{Answer, Call},
    failure::Failure,
    openapi::Refusals,
    params::Reader,
    represent::token::TokenBody,
};

/// What is asked for of a new token.
#[derive(Debug, ToSchema)]
pub(super) struct NewToken {
    /// What its owner will call it.
    pub(super) name: String,
    /// What its owner says of it; at most 255 characters.
    pub(super) description: Option<String>,
    /// What it may be used for; an array, or names separated by commas.
    #[schema(value_type = Vec<String>)]
    pub(super) scopes: Scopes,
    /// The date it stops working at, at 00:00 UTC. If expiry is required, the
    /// default is the longest life allowed, else none.
    #[schema(value_type = Option<String>, format = Date)]
    pub(super) expires_at: Option<Date>,
}

impl NewToken {
    pub(super) fn read(reader: &mut Reader<'_>, allowed: Scopes) -> Self {
        Self {
            name: reader.required("name").to_owned(),
            scopes: reader.scopes("scopes", allowed),
            description: reader.text("description").map(str::to_owned),
            expires_at: reader.date("expires_at"),
        }
    }

    fn personal(self, owner: UserId) -> Wanted {
        Wanted {
            kind: Kind::Personal,
            owner,
            subject: None,
            name: self.name,
            description: self.description,
            scopes: self.scopes,
            expires: Expires::On(self.expires_at),
            if_exists: IfExists::Add,
        }
    }
}

/// Issue a token for a user
///
/// Administrators only. The answer holds the token's text, this once.
#[utoipa::path(
    post, path = "/api/v4/users/{user_id}/personal_access_tokens", tag = "Personal access tokens",
    params(("user_id" = i64, Path)), request_body = NewToken,
    responses((status = 201, body = TokenBody<'_>), (status = 422, description = "The rules don't allow such a token."), Refusals)
)]
pub(super) async fn issue(call: Call<AdminWrite>) -> Answer {
    let line = Kind::Personal.descriptor();
    let mut reader = call.params.reader();
    let owner = user_id(&mut reader, "user_id");
    let new = NewToken::read(&mut reader, line.scopes.and(line.admin_scopes));
    reader.finish()?;
    let wanted = new.personal(owner);
    let issued = call
        .change(|authority, caller| async move { authority.issue_token(&caller, wanted).await })
        .await
        .map_err(as_sentence)?;
    Ok(answer::created(&TokenBody::of_issued(
        &issued,
        call.authority().now(),
    )))
}

/// Issue a token for oneself
///
/// With the scopes `k8s_proxy` and `self_rotate` alone. The answer holds the
/// token's text, this once.
#[utoipa::path(
    post, path = "/api/v4/user/personal_access_tokens", tag = "Personal access tokens",
    request_body = NewToken,
    responses((status = 201, body = TokenBody<'_>), (status = 422, description = "The rules don't allow such a token."), Refusals)
)]
pub(super) async fn issue_own(call: Call<Write>) -> Answer {
    let mut reader = call.params.reader();
    let new = NewToken::read(&mut reader, Scopes::SELF_SERVICE);
    reader.finish()?;
    let owner = call.caller.user().ok_or_else(Failure::unauthorized)?.id;
    let wanted = new.personal(owner);
    let issued = call
        .change(|authority, caller| async move { authority.issue_own_token(&caller, wanted).await })
        .await
        .map_err(as_sentence)?;
    Ok(answer::created(&TokenBody::of_issued(
        &issued,
        call.authority().now(),
    )))
}

/// Broken rules are told as one sentence here, and not by field.
pub(super) fn as_sentence(error: Error) -> Failure {
    match error {
        Error::Invalid(invalid) => {
            Failure::message(StatusCode::UNPROCESSABLE_ENTITY, invalid.sentence())
        }
        Error::NotPermitted(_) => {
            Failure::message(StatusCode::UNPROCESSABLE_ENTITY, "Not permitted to create")
        }
        other => other.into(),
    }
}
