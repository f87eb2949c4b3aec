//! SCIM tokens on the wire (spec/token-information-api.md section 2.14).

use jiff::Timestamp;
use serde::Serialize;
use tokenry_domain::{Place, State, Subject};
use utoipa::ToSchema;

use super::{facts::Facts, time::Moment};
use crate::secret::Secret;

/// A SCIM token.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ScimToken)]
pub(crate) struct ScimTokenBody<'t> {
    /// The ledger row's id.
    id: i64,
    /// What it is called.
    name: &'t str,
    /// The group whose users it provisions; null for the whole instance.
    group_id: Option<i64>,
    /// The organisation, which is always 1, where there is no group.
    #[serde(skip_serializing_if = "Option::is_none")]
    organization_id: Option<u8>,
    /// When it was issued.
    #[schema(value_type = String, format = DateTime)]
    created_at: Moment,
    /// When it was used last.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_used_at: Option<Moment>,
    /// Whether somebody ended it.
    revoked: bool,
    /// Whether it works.
    active: bool,
    /// The secret; present in the one answer that hands it over.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    token: Option<Secret<'t>>,
}

impl<'t> ScimTokenBody<'t> {
    pub(crate) fn of(token: impl Into<Facts<'t>>, now: Timestamp) -> Self {
        let token = token.into();
        let group_id = match token.subject {
            Some(Subject::Place(Place::Group(id))) => Some(id.get()),
            _ => None,
        };
        Self {
            id: token.id.get(),
            name: token.name,
            group_id,
            organization_id: group_id.is_none().then_some(1),
            created_at: Moment(token.created_at),
            last_used_at: token.last_use.at.map(Moment),
            revoked: token.revoked,
            active: token.state(now) == State::Active,
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
