//! A request that was let in: who asks, for what, of whom.

use std::{marker::PhantomData, sync::Arc};

use axum::{
    extract::{FromRequest, Request},
    http::{StatusCode, request::Parts},
    response::{IntoResponse as _, Response},
};
use tokenry_authority::{Authority, Caller, Error, Refusal, Thing};
use tokenry_domain::token::Card;

use crate::{
    access::Access,
    app::App,
    credential::{self, Presented},
    failure::Failure,
    origin,
    params::{Found, Params},
    site,
};

/// The header that names a user to act as.
const SUDO: &str = "sudo";

/// A request whose caller meets what `A` asks for.
///
/// The caller is let in before anything else is said about the request: a
/// stranger with broken parameters hears 401, not what is broken.
#[derive(Debug)]
pub(crate) struct Call<A> {
    /// Who asks.
    pub(crate) caller: Caller,
    /// For what.
    pub(crate) params: Params,
    /// The request's head.
    pub(crate) parts: Parts,
    app: App,
    access: PhantomData<A>,
}

impl<A: Access> FromRequest<App> for Call<A> {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let limit = app.options().body_limit;
        let mut params = Params::of(&mut parts, body, limit).await;
        let admitted = admit::<A>(app, &parts, &params).await;
        let caller = admitted.map_err(|failure| refuse(app, &parts, failure))?;
        if let Some(trouble) = params.trouble() {
            return Err(Failure::from(trouble).into_response());
        }
        Ok(Self {
            caller,
            params,
            parts,
            app: app.clone(),
            access: PhantomData,
        })
    }
}

impl<A> Call<A> {
    /// Whom everything is asked of.
    pub(crate) fn authority(&self) -> &Arc<Authority> {
        self.app.authority()
    }

    /// The token presented.
    pub(crate) fn presented_card(&self) -> Result<&Card, Failure> {
        let card = self.caller.token();
        card.ok_or_else(Failure::unauthorized)
    }

    /// What URLs in the answer begin with.
    pub(crate) fn base(&self) -> String {
        base(&self.app, &self.parts)
    }

    /// The server's name, if one is configured.
    pub(crate) fn host(&self) -> Option<String> {
        site::host(self.app.options().external_url.as_deref())
    }

    /// Does something that changes data, to its end: a client that goes away
    /// half-way must not leave it half-done.
    pub(crate) async fn change<T, F>(
        &self,
        work: impl FnOnce(Arc<Authority>, Caller) -> F,
    ) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Error>> + Send + 'static,
        T: Send + 'static,
    {
        to_the_end(work(self.authority().clone(), self.caller.clone())).await
    }
}

/// Runs work that nobody can cut short.
async fn to_the_end<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    match tokio::spawn(work).await {
        Ok(done) => done,
        Err(stopped) => match stopped.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // Only a runtime that is being torn down cancels tasks.
            Err(_) => std::future::pending().await,
        },
    }
}

/// Lets the caller in. What few requests need is in boxes: the others would
/// carry the room for it about.
async fn admit<A: Access>(app: &App, parts: &Parts, params: &Params) -> Result<Caller, Failure> {
    let options = app.options();
    let text = match credential::presented(&parts.headers, params, options.private_token_parameter)
    {
        Presented::Text(text) if !text.is_empty() => text,
        Presented::Garbage => return Err(Error::from(Refusal::Unknown).into()),
        Presented::Text(_) | Presented::Nothing => {
            return Err(Error::from(Refusal::Missing).into());
        }
    };
    let origin = origin::of(parts, &options.trusted_proxies);
    let authority = app.authority();
    let caller = if A::ROTATES {
        let (authority, text) = (authority.clone(), text.to_owned());
        let work = async move {
            authority
                .authenticate_to_rotate(&text, A::NEED, origin)
                .await
        };
        Box::pin(to_the_end(work)).await?
    } else {
        authority.authenticate(text, A::NEED, origin).await?
    };
    let caller = match wanted_user(parts, params)? {
        Some(who) => Box::pin(sudo(app, caller, &who)).await?,
        None => caller,
    };
    if A::ADMIN {
        caller.require_admin()?;
    }
    Ok(caller)
}

/// The user that the caller asks to act as, by parameter or header.
fn wanted_user(parts: &Parts, params: &Params) -> Result<Option<String>, Failure> {
    let header = || {
        let value = parts.headers.get(SUDO)?;
        Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    // An empty one is a user nobody knows: a script whose variable is empty must
    // not act as the administrator.
    match params.find(SUDO) {
        Found::Absent | Found::Null => Ok(header()),
        Found::Text(text) => Ok(Some(text.to_owned())),
        Found::List(_) | Found::Odd => Err(Failure::parameters("sudo is invalid")),
    }
}

/// Acts as another user (spec/rest.md section 1.9).
async fn sudo(app: &App, caller: Caller, who: &str) -> Result<Caller, Failure> {
    let nobody = || Failure::not_found(&format!("User with ID or username '{who}'"));
    // Nobody is called so, and not every database would look.
    let unheard_of = caller.is_admin() && who.chars().any(char::is_control);
    if unheard_of {
        return Err(nobody());
    }
    let acting = app.authority().sudo(caller, who).await;
    acting.map_err(|error| match error {
        Error::AdminOnly => Failure::forbidden("Must be admin to use sudo"),
        Error::NotFound(Thing::User) => nobody(),
        other => other.into(),
    })
}

fn base(app: &App, parts: &Parts) -> String {
    site::base(app.options().external_url.as_deref(), &parts.headers)
}

/// A refusal, where it needs to name the address of this site.
fn refuse(app: &App, parts: &Parts, failure: Failure) -> Response {
    match failure {
        Failure::Error(Error::Refused(Refusal::Account(state))) => {
            Failure::account(state, &base(app, parts)).into_response()
        }
        other => other.into_response(),
    }
}

/// What handlers answer.
pub(crate) type Answer = Result<Response, Failure>;

/// 404 for paths that nothing is served at.
pub(crate) async fn unknown_route() -> Response {
    Failure::error(StatusCode::NOT_FOUND, "404 Not Found").into_response()
}

/// 405 for paths where the method does nothing.
pub(crate) async fn wrong_method() -> Response {
    Failure::method_not_allowed().into_response()
}
