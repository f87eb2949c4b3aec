//! `/users/:user_id/impersonation_tokens` (spec/rest.md section 3.1).

use jiff::civil::Date;
use tokenry_authority::{Error, tokens::Wanted};
use tokenry_domain::{
    IfExists, Invalid, Kind, Scopes, States, Token, TokenId, UserId, expiry::Expires,
    token_filter::TokenFilter,
};
use utoipa::ToSchema;

use super::{
    token_id,
    token_revoke::{delete_means, end},
    user_id,
};
use crate::{
    access::{AdminRead, AdminWrite},
    answer,
    call::{Answer, Call},
    failure::Failure,
    openapi::{Paged, Refusals},
    paging::{self, Paging, token_order},
    params::Reader,
    represent::token::TokenBody,
};

const NAME: &str = "impersonation_token_id";

/// List a user's impersonation tokens
#[utoipa::path(
    get, path = "/api/v4/users/{user_id}/impersonation_tokens", tag = "Impersonation tokens",
    params(
        ("user_id" = i64, Path),
        ("state" = Option<String>, Query, description = "`all`, `active` or `inactive`."),
        Paged,
    ),
    responses((status = 200, body = Vec<TokenBody<'_>>), Refusals)
)]
pub(super) async fn list(call: Call<AdminRead>) -> Answer {
    let mut reader = call.params.reader();
    let paging = Paging::read(&mut reader);
    let order = token_order(&mut reader);
    let filter = filter(&mut reader);
    reader.finish()?;
    let order = paging::known(order, &paging)?;
    let window = paging.window(&order)?;
    let listed = call
        .authority()
        .list_tokens(&call.caller, filter, order, &window);
    let page = listed
        .await
        .map_err(|error| paging::failed(error, "PersonalAccessToken"))?;
    let now = call.authority().now();
    let show = |token| TokenBody::of(token, now).impersonating();
    let shown: Vec<_> = page.rows.iter().map(show).collect();
    Ok(paging.answer(&call, &order, &page, &shown))
}

fn filter(reader: &mut Reader<'_>) -> TokenFilter {
    let state = reader.choice("state", &["all", "active", "inactive"]);
    TokenFilter {
        kinds: vec![Kind::Impersonation],
        owner: Some(user_id(reader, "user_id")),
        states: States::working(
            state
                .filter(|state| *state != "all")
                .map(|state| state == "active"),
        ),
        ..TokenFilter::default()
    }
}

/// Show an impersonation token
#[utoipa::path(
    get, path = "/api/v4/users/{user_id}/impersonation_tokens/{impersonation_token_id}", tag = "Impersonation tokens",
    params(("user_id" = i64, Path), ("impersonation_token_id" = i64, Path)),
    responses((status = 200, body = TokenBody<'_>), Refusals)
)]
pub(super) async fn show(call: Call<AdminRead>) -> Answer {
    let token = named(&call).await?;
    let body = TokenBody::of(&token, call.authority().now());
    Ok(answer::ok(&body.impersonating()))
}

/// Revoke an impersonation token
#[utoipa::path(
    delete, path = "/api/v4/users/{user_id}/impersonation_tokens/{impersonation_token_id}", tag = "Impersonation tokens",
    params(
        ("user_id" = i64, Path),
        ("impersonation_token_id" = i64, Path),
        ("hard_delete" = Option<bool>, Query, description = "Whether the row goes too, whatever the setting `delete_means` says."),
    ),
    responses((status = 204), Refusals)
)]
pub(super) async fn revoke(call: Call<AdminWrite>) -> Answer {
    let mut reader = call.params.reader();
    let means = delete_means(&call, &mut reader);
    reader.finish()?;
    let id = named(&call).await?.id;
    end(&call, id, means).await.map_err(missing)?;
    Ok(answer::no_content())
}

/// The token that the path names, if it is that user's impersonation token.
async fn named<A>(call: &Call<A>) -> Result<Token, Failure> {
    let mut reader = call.params.reader();
    let user = user_id(&mut reader, "user_id");
    let id: TokenId = token_id(&mut reader, NAME);
    reader.finish()?;
    call.authority().show_user(user).await?;
    let token = call
        .authority()
        .show_token(&call.caller, id)
        .await
        .map_err(missing)?;
    if token.owner == user && token.kind == Kind::Impersonation {
        Ok(token)
    } else {
        Err(Failure::not_found("Impersonation Token"))
    }
}

fn missing(error: Error) -> Failure {
    match error {
        Error::NotFound(_) => Failure::not_found("Impersonation Token"),
        other => other.into(),
    }
}

/// What is asked for of a new impersonation token. What is wrong with the
/// scopes is told by field here, and not as a bad parameter.
#[derive(Debug, ToSchema)]
struct NewImpersonationToken {
    /// What it is called.
    name: String,
    /// What is said of it; at most 255 characters.
    description: Option<String>,
    /// What it may be used for; an array, or names separated by commas.
    #[schema(value_type = Vec<String>)]
    scopes: Option<Scopes>,
    /// The date it stops working at, at 00:00 UTC. If expiry is required, the
    /// default is the longest life allowed, else none.
    #[schema(value_type = Option<String>, format = Date)]
    expires_at: Option<Date>,
}

impl NewImpersonationToken {
    fn read(reader: &mut Reader<'_>) -> Self {
        let words = reader.words("scopes").unwrap_or_default();
        Self {
            name: reader.required("name").to_owned(),
            description: reader.text("description").map(str::to_owned),
            scopes: Scopes::from_names(words).ok(),
            expires_at: reader.date("expires_at"),
        }
    }

    fn wanted(self, owner: UserId) -> Result<Wanted, Error> {
        let unknown = || Invalid::field("scopes", "can only contain available scopes");
        Ok(Wanted {
            kind: Kind::Impersonation,
            owner,
            subject: None,
            name: self.name,
            description: self.description,
            scopes: self.scopes.ok_or_else(unknown)?,
            expires: Expires::On(self.expires_at),
            if_exists: IfExists::Add,
        })
    }
}

/// Issue an impersonation token
///
/// It acts as the user, who doesn't see it. The answer holds its text, this
/// once.
#[utoipa::path(
    post, path = "/api/v4/users/{user_id}/impersonation_tokens", tag = "Impersonation tokens",
    params(("user_id" = i64, Path)), request_body = NewImpersonationToken,
    responses((status = 201, body = TokenBody<'_>), Refusals)
)]
pub(super) async fn issue(call: Call<AdminWrite>) -> Answer {
    let mut reader = call.params.reader();
    let owner = user_id(&mut reader, "user_id");
    let new = NewImpersonationToken::read(&mut reader);
    reader.finish()?;
    call.authority().show_user(owner).await?;
    let wanted = new.wanted(owner)?;
    let issued = call
        .change(|authority, caller| async move { authority.issue_token(&caller, wanted).await })
        .await?;
    let body = TokenBody::of_issued(&issued, call.authority().now());
    Ok(answer::created(&body.impersonating()))
}
