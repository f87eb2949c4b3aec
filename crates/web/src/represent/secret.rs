//! Tokens of few properties, of which the text is what matters.

use serde::Serialize;
use tokenry_authority::tokens::Issued;
use utoipa::ToSchema;

use super::time::Moment;
use crate::secret::Secret;

/// A token with its text.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Secret)]
pub(crate) struct SecretBody<'t> {
    /// The ledger row's id.
    id: i64,
    /// The secret.
    #[schema(value_type = String)]
    token: Secret<'t>,
    /// When it was issued.
    #[schema(value_type = String, format = DateTime)]
    created_at: Moment,
    /// When it was used last.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_used_at: Option<Moment>,
}

impl<'t> SecretBody<'t> {
    pub(crate) fn of(issued: &'t Issued) -> Self {
        Self {
            id: issued.token.id.get(),
            token: Secret::new(issued.text.reveal()),
            created_at: Moment(issued.token.life.created_at),
            last_used_at: issued.token.last_use.at.map(Moment),
        }
    }
}
