//! Pipeline trigger tokens on the wire (spec/rest.md section 3.9).

use serde::Serialize;
use tokenry_domain::{Particulars, Token, User};
use utoipa::ToSchema;

use super::{time::Moment, user::BasicUser};
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
    pub(crate) fn of(
        token: &'t Token,
        particulars: &Particulars,
        text: Option<&'t str>,
        owner: Option<&'t User>,
        base: &str,
    ) -> Self {
        let life = &token.life;
        let ends = [life.expires_at, life.revoked_at].into_iter().flatten();
        Self {
            id: token.id.get(),
            token: text.map(Secret::new),
            description: &token.name,
            created_at: Moment(life.created_at),
            updated_at: Moment(particulars.updated_at.unwrap_or(life.created_at)),
            last_used: token.last_use.at.map(Moment),
            expires_at: ends.min().map(Moment),
            owner: owner.map(|user| BasicUser::of(user, base)),
        }
    }
}
