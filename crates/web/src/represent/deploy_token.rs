//! Deploy tokens on the wire (spec/rest.md section 3.5).

use jiff::Timestamp;
use serde::Serialize;
use tokenry_domain::{Particulars, State, Token};
use utoipa::ToSchema;

use super::{time::Moment, token::Names};
use crate::secret::Secret;

/// A deploy token.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeployToken)]
pub(crate) struct DeployTokenBody<'t> {
    /// The ledger row's id.
    id: i64,
    /// What it is called.
    name: &'t str,
    /// With which username it is presented.
    username: String,
    /// When it stops working.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Moment>,
    /// What it may be used for.
    #[schema(value_type = Vec<String>)]
    scopes: Names,
    /// Whether somebody ended it.
    revoked: bool,
    /// Whether its moment has come, be it revoked or not.
    expired: bool,
    /// The secret; present in the one answer that hands it over.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    token: Option<Secret<'t>>,
}

impl<'t> DeployTokenBody<'t> {
    pub(crate) fn of(token: &'t Token, particulars: &Particulars, now: Timestamp) -> Self {
        let expires_at = token.life.expires_at;
        Self {
            id: token.id.get(),
            name: &token.name,
            username: particulars.deploy_username(token.id),
            expires_at: expires_at.map(Moment),
            scopes: Names(token.scopes),
            revoked: token.life.revoked_at.is_some(),
            expired: State::of(false, expires_at, now) == State::Expired,
            token: None,
        }
    }

    /// The same, with its secret.
    pub(crate) fn with(self, text: &'t str) -> Self {
        Self {
            token: Some(Secret::new(text)),
            ..self
        }
    }
}
