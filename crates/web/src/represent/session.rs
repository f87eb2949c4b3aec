//! Sessions on the wire; tokenry's own.

use std::net::IpAddr;

use serde::Serialize;
use tokenry_authority::sessions::SignedIn;
use tokenry_domain::Token;
use utoipa::ToSchema;

use super::{time::Moment, user::FullUser};

/// One of the caller's sessions.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Session)]
pub(crate) struct SessionBody<'t> {
    /// The ledger row's id.
    id: i64,
    /// What the browser said it is.
    user_agent: Option<&'t str>,
    /// When the user signed in.
    #[schema(value_type = String, format = DateTime)]
    created_at: Moment,
    /// When it ends by itself.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Moment>,
    /// When it was used last.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_used_at: Option<Moment>,
    /// The latest addresses it was used from, at most five, oldest first.
    #[schema(value_type = Vec<String>)]
    last_used_ips: &'t [IpAddr],
    /// Whether it is the one that this request presents.
    current: bool,
}

impl<'t> SessionBody<'t> {
    pub(crate) fn of(token: &'t Token, current: bool) -> Self {
        Self {
            id: token.id.get(),
            user_agent: token.description.as_deref(),
            created_at: Moment(token.life.created_at),
            expires_at: token.life.expires_at.map(Moment),
            last_used_at: token.last_use.at.map(Moment),
            last_used_ips: &token.last_use.addresses,
            current,
        }
    }
}

/// Who signed in, and what pages send along with changes.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SignedIn)]
pub(crate) struct SignedInBody<'u> {
    #[serde(flatten)]
    user: FullUser<'u>,
    /// What a request other than `GET` and `HEAD` must have in its header
    /// `X-CSRF-Token` where the session's cookie is all that it presents.
    csrf_token: String,
    /// The session's id.
    session_id: i64,
    /// When the session ends by itself.
    #[schema(value_type = Option<String>, format = DateTime)]
    session_expires_at: Option<Moment>,
}

impl<'u> SignedInBody<'u> {
    pub(crate) fn of(signed_in: &'u SignedIn, base: &str) -> Self {
        let token = signed_in.token();
        Self {
            user: FullUser::of(&signed_in.user, base),
            csrf_token: signed_in.proof(),
            session_id: token.id.get(),
            session_expires_at: token.life.expires_at.map(Moment),
        }
    }
}
