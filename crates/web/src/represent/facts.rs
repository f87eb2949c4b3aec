//! What the ledger's row and the index's card have in common.

use jiff::Timestamp;
use tokenry_domain::{
    Scopes, State, Subject, Token, TokenId, UserId,
    token::{Card, LastUse},
};

/// What the ledger's row and the index's card have in common: all that most
/// answers tell of a token.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts<'t> {
    pub(super) id: TokenId,
    pub(super) name: &'t str,
    pub(super) description: Option<&'t str>,
    pub(super) scopes: Scopes,
    pub(super) owner: UserId,
    pub(super) subject: Option<Subject>,
    pub(super) created_at: Timestamp,
    pub(super) expires_at: Option<Timestamp>,
    pub(super) revoked: bool,
    pub(super) last_use: &'t LastUse,
}

impl Facts<'_> {
    /// The state at a moment.
    pub(super) fn state(&self, now: Timestamp) -> State {
        State::of(self.revoked, self.expires_at, now)
    }

    /// Whether its date has come, be it revoked or not.
    pub(super) fn has_expired(&self, now: Timestamp) -> bool {
        State::of(false, self.expires_at, now) == State::Expired
    }
}

impl<'t> From<&'t Token> for Facts<'t> {
    fn from(token: &'t Token) -> Self {
        Self {
            id: token.id,
            name: &token.name,
            description: token.description.as_deref(),
            scopes: token.scopes,
            owner: token.owner,
            subject: token.subject,
            created_at: token.life.created_at,
            expires_at: token.life.expires_at,
            revoked: token.life.revoked_at.is_some(),
            last_use: &token.last_use,
        }
    }
}

impl<'t> From<&'t Card> for Facts<'t> {
    fn from(card: &'t Card) -> Self {
        Self {
            id: card.id,
            name: &card.name,
            description: card.description.as_deref(),
            scopes: card.scopes,
            owner: card.owner,
            subject: card.subject,
            created_at: card.created_at,
            expires_at: card.expires_at,
            revoked: card.revoked,
            last_use: &card.last_use,
        }
    }
}
