//! Signing in and out with a browser, and the sessions one has; tokenry's own.

use axum::{
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};
use tokenry_authority::{
    Error, Thing,
    sessions::{COOKIE, LIFETIME, SignIn},
};
use tokenry_domain::Kind;
use utoipa::ToSchema;

use super::{only, token_id};
use crate::{
    access::{Read, Write},
    answer,
    call::{Answer, Call},
    openapi::{Paged, Refusals},
    paging::{self, Paging, token_order},
    params::Reader,
    represent::session::{SessionBody, SignedInBody},
    secret::Secret,
    visit::Visit,
};

/// Who signs in.
#[derive(Debug, ToSchema)]
struct SignInForm<'p> {
    /// The username or the e-mail address.
    login: &'p str,
    /// The password.
    #[schema(value_type = String)]
    password: Secret<'p>,
}

impl<'p> SignInForm<'p> {
    fn read(reader: &mut Reader<'p>) -> Self {
        Self {
            login: reader.required("login"),
            password: Secret::new(reader.required("password")),
        }
    }

    fn wanted(&self, headers: &HeaderMap) -> SignIn {
        let agent = headers.get(header::USER_AGENT);
        let agent = agent.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        SignIn {
            login: self.login.to_owned(),
            password: self.password.reveal().into(),
            agent,
        }
    }
}

/// Sign in
///
/// The answer sets the cookie `_tokenry_session`, which lets the browser in for
/// a week. An unknown user and a wrong password are the same 401.
#[utoipa::path(
    post, path = "/api/v4/session", tag = "Sessions", security(()),
    request_body = SignInForm<'_>,
    responses((status = 201, body = SignedInBody<'_>), Refusals)
)]
pub(super) async fn sign_in(visit: Visit) -> Answer {
    // Never from the address: addresses are written to logs.
    let (visit, params) = visit.taking_body();
    let mut reader = params.reader();
    let form = SignInForm::read(&mut reader);
    reader.finish()?;
    let wanted = form.wanted(&visit.parts.headers);
    let signed_in = visit
        .change(|authority, origin| async move { authority.sign_in(wanted, origin).await })
        .await?;
    let base = visit.base();
    let mut response = answer::created(&SignedInBody::of(&signed_in, &base));
    set_cookie(&mut response, signed_in.cookie(), LIFETIME, &base);
    Ok(response)
}

/// Sign out
///
/// Ends the session whose cookie is presented.
#[utoipa::path(
    delete, path = "/api/v4/session", tag = "Sessions",
    responses((status = 204), Refusals)
)]
pub(super) async fn sign_out(call: Call<Write>) -> Answer {
    let card = call.presented_card()?;
    if card.kind != Kind::Session {
        return Err(Error::NotFound(Thing::Session).into());
    }
    let id = card.id;
    call.change(|authority, caller| async move { authority.end_session(&caller, id).await })
        .await?;
    let mut response = answer::no_content();
    set_cookie(&mut response, "", 0, &call.base());
    Ok(response)
}

/// List one's sessions
///
/// Those that haven't ended.
#[utoipa::path(
    get, path = "/api/v4/user/sessions", tag = "Sessions",
    params(
        ("sort" = Option<String>, Query, description = "As in the list of tokens."),
        ("order_by" = Option<String>, Query, description = "As in the list of tokens."),
        Paged,
    ),
    responses((status = 200, body = Vec<SessionBody<'_>>), Refusals)
)]
pub(super) async fn list(call: Call<Read>) -> Answer {
    let mut reader = call.params.reader();
    let paging = Paging::read(&mut reader);
    let order = token_order(&mut reader);
    reader.finish()?;
    let order = paging::known(order, &paging)?;
    let window = paging.window(&order)?;
    let listed = call.authority().list_sessions(&call.caller, order, &window);
    let page = listed
        .await
        .map_err(|error| paging::failed(error, "Session"))?;
    let show = |token| SessionBody::of(token, call.caller.presents(token.id));
    let shown: Vec<_> = page.rows.iter().map(show).collect();
    Ok(paging.answer(&call, &order, &page, &shown))
}

/// End one of one's sessions
#[utoipa::path(
    delete, path = "/api/v4/user/sessions/{id}", tag = "Sessions",
    params(("id" = i64, Path)),
    responses((status = 204), Refusals)
)]
pub(super) async fn end(call: Call<Write>) -> Answer {
    let id = only(call.params.reader(), token_id)?;
    call.change(|authority, caller| async move { authority.end_session(&caller, id).await })
        .await?;
    Ok(answer::no_content())
}

/// Has the browser keep a session for so many seconds. Scripts can't read it,
/// and other sites' forms don't carry it along.
fn set_cookie(response: &mut Response, value: &str, seconds: i64, base: &str) {
    let secure = if base.starts_with("https://") {
        "; Secure"
    } else {
        ""
    };
    let cookie =
        format!("{COOKIE}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
    if let Ok(mut cookie) = HeaderValue::from_str(&cookie) {
        cookie.set_sensitive(true);
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
}
