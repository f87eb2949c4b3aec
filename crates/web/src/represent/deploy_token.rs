//! Deploy tokens on the wire (spec/rest.md section 3.5).

use jiff::Timestamp;
use serde::Serialize;
use tokenry_domain::Particulars;
use utoipa::ToSchema;

use super::{facts::Facts, time::Moment, token::Names};
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
    pub(crate) fn of(
        token: impl Into<Facts<'t>>,
        particulars: &Particulars,
        now: Timestamp,
    ) -> Self {
        let token = token.into();
        Self {
            id: token.id.get(),
            name: token.name,
            username: particulars.deploy_username(token.id),
            expires_at: token.expires_at.map(Moment),
            scopes: Names(token.scopes),
            revoked: token.revoked,
            expired: token.has_expired(now),
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
