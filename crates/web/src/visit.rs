//! A request that nobody has to be let in for.

use std::sync::Arc;

use axum::{
    extract::{FromRequest, Request},
    http::request::Parts,
    response::{IntoResponse as _, Response},
};
use tokenry_authority::{Authority, Error, Refusal};
use tokenry_domain::audit::Origin;

use crate::{
    app::App,
    call::{base, to_the_end},
    failure::Failure,
    origin,
    params::Params,
};

/// A request that nobody has to be let in for.
pub(crate) struct Visit {
    /// For what.
    pub(crate) params: Params,
    /// The request's head.
    pub(crate) parts: Parts,
    app: App,
}

impl std::fmt::Debug for Visit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The head may hold secrets, in its headers and its address.
        f.debug_struct("Visit").finish_non_exhaustive()
    }
}

impl FromRequest<App> for Visit {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let mut params = Params::of(&mut parts, body, app.options().body_limit).await;
        if let Some(trouble) = params.trouble() {
            return Err(Failure::from(trouble).into_response());
        }
        Ok(Self {
            params,
            parts,
            app: app.clone(),
        })
    }
}

impl Visit {
    /// Whom everything is asked of.
    pub(crate) fn authority(&self) -> &Arc<Authority> {
        self.app.authority()
    }

    /// What URLs in the answer begin with.
    pub(crate) fn base(&self) -> String {
        base(&self.app, &self.parts)
    }

    /// Where the request came from.
    pub(crate) fn origin(&self) -> Origin {
        origin::of(&self.parts, &self.app.options().trusted_proxies)
    }

    /// The same, and what its body alone asks for.
    pub(crate) fn taking_body(mut self) -> (Self, Params) {
        let params = std::mem::take(&mut self.params).without_query();
        (self, params)
    }

    /// Does something that changes data, to its end.
    pub(crate) async fn to_the_end<T, F>(
        &self,
        work: impl FnOnce(Arc<Authority>, Origin) -> F,
    ) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Error>> + Send + 'static,
        T: Send + 'static,
    {
        to_the_end(work(self.authority().clone(), self.origin())).await
    }

    /// As [`Visit::to_the_end`], refused in GitLab's words.
    pub(crate) async fn change<T, F>(
        &self,
        work: impl FnOnce(Arc<Authority>, Origin) -> F,
    ) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, Error>> + Send + 'static,
        T: Send + 'static,
    {
        self.to_the_end(work).await.map_err(|error| match error {
            Error::Refused(Refusal::Account(state)) => Failure::account(state, &self.base()),
            other => other.into(),
        })
    }
}
