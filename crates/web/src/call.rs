//! A request that was let in: who asks, for what, of whom.

use std::{marker::PhantomData, sync::Arc};

use axum::{
    extract::{FromRequest, Request},
    http::{StatusCode, Uri, request::Parts},
    response::{IntoResponse as _, Response},
};
use tokenry_authority::{Authority, Caller, Error, Refusal};
use tokenry_domain::token::Card;

use crate::{
    access::Access, admit::admit, app::App, face::Face, failure::Failure, params::Params, site,
    v1::problem::Problem,
};

/// A request whose caller meets what `A` asks for.
///
/// The caller is let in before anything else is said about the request: a
/// stranger with broken parameters hears 401, not what is broken.
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

impl<A> std::fmt::Debug for Call<A> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The head may hold secrets, in its headers and its address.
        let mut call = f.debug_struct("Call");
        call.field("caller", &self.caller).finish_non_exhaustive()
    }
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
            return Err(refuse(app, &parts, trouble.into()));
        }
        if parts.uri.query().is_some() {
            let known = app.queries().check(&parts, &params);
            known.map_err(Problem::into_response)?;
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
pub(crate) async fn to_the_end<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> T {
    match tokio::spawn(work).await {
        Ok(done) => done,
        Err(stopped) => match stopped.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // Only a runtime that is being torn down cancels tasks.
            Err(_) => std::future::pending().await,
        },
    }
}

pub(crate) fn base(app: &App, parts: &Parts) -> String {
    site::base(app.options().external_url.as_deref(), &parts.headers)
}

/// A refusal, where it needs to name the address of this site.
fn refuse(app: &App, parts: &Parts, failure: Failure) -> Response {
    if Face::of(parts.uri.path()) == Face::Own {
        return Problem::from(failure).into_response();
    }
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
pub(crate) async fn unknown_route(uri: Uri) -> Response {
    let failure = Failure::error(StatusCode::NOT_FOUND, "404 Not Found");
    worded(&uri, failure)
}

/// 405 for paths where the method does nothing.
pub(crate) async fn wrong_method(uri: Uri) -> Response {
    worded(&uri, Failure::method_not_allowed())
}

/// A failure, as the face of the path words it.
fn worded(uri: &Uri, failure: Failure) -> Response {
    match Face::of(uri.path()) {
        Face::Own => Problem::from(failure).into_response(),
        Face::Gitlab => failure.into_response(),
    }
}
