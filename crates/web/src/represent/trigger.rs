//! Pipeline trigger tokens on the wire (spec/rest.md section 3.9).

use jiff::Timestamp;
use serde::Serialize;
use tokenry_domain::{Particulars, User};
use utoipa::ToSchema;

use super::{facts::Facts, time::Moment, user::BasicUser};
use crate::secret::Secret;

/// A pipeline trigger.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Trigger)]
pub(crate) struct TriggerBody<'t> {
    /// The ledger row's id.
    id: i64,
    /// The secret for its owner, and for others how it begins after its
    /// prefix; null if it was revoked.
    #[schema(value_type = Option<String>)]
    token: Option<Secret<'t>>,
    /// What it is for.
    description: &'t str,
    /// When it was issued.
    #[schema(value_type = String, format = DateTime)]
    created_at: Moment,
    /// When it was edited last.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Moment,
    /// When it was used last.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_used: Option<Moment>,
    /// When it stops working, or did because it was revoked.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Moment>,
    /// Who answers for it.
    owner: Option<BasicUser<'t>>,
}

impl<'t> TriggerBody<'t> {
    /// A trigger, and when it was revoked, if it was.
    pub(crate) fn of(
        token: impl Into<Facts<'t>>,
        revoked_at: Option<Timestamp>,
        particulars: &Particulars,
        text: Option<&'t str>,
        owner: Option<&'t User>,
        base: &str,
    ) -> Self {
        let token = token.into();
        let ends = [token.expires_at, revoked_at].into_iter().flatten();
        Self {
            id: token.id.get(),
            token: text.map(Secret::new),
            description: token.name,
            created_at: Moment(token.created_at),
            updated_at: Moment(particulars.updated_at.unwrap_or(token.created_at)),
            last_used: token.last_use.at.map(Moment),
            expires_at: ends.min().map(Moment),
            owner: owner.map(|user| BasicUser::of(user, base)),
        }
    }
}
