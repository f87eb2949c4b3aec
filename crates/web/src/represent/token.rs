//! Tokens on the wire (spec/rest.md section 2.1).

use std::net::IpAddr;

use jiff::Timestamp;
use serde::{Serialize, Serializer};
use tokenry_authority::tokens::Issued;
use tokenry_domain::{Scopes, Token, token::Card};
use utoipa::ToSchema;

use super::{
    facts::Facts,
    identified::SubjectBody,
    time::{Day, Moment},
};
use crate::secret::Secret;

/// A token, as every route shows it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Token)]
#[expect(clippy::struct_excessive_bools, reason = "GitLab's object has so many")]
pub(crate) struct TokenBody<'t> {
    /// The ledger row's id.
    id: i64,
    /// What its owner calls it.
    name: &'t str,
    /// Whether somebody ended it.
    revoked: bool,
    /// When it was issued.
    #[schema(value_type = String, format = DateTime)]
    created_at: Moment,
    /// What its owner says of it.
    description: Option<&'t str>,
    /// What it may be used for.
    #[schema(value_type = Vec<String>)]
    scopes: Names,
    /// The user it acts as.
    user_id: i64,
    /// When it was used last.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_used_at: Option<Moment>,
    /// Whether it works.
    active: bool,
    /// The date it stops working at, at 00:00 UTC.
    #[schema(value_type = Option<String>, format = Date)]
    expires_at: Option<Day>,
    /// Whether its date has come, be it revoked or not.
    expired: bool,
    /// Always false: tokenry has no fine-grained tokens.
    granular: bool,
    /// The latest addresses it was used from, at most five, oldest first.
    #[schema(value_type = Vec<String>)]
    last_used_ips: &'t [IpAddr],
    /// Present, and true, where impersonation tokens are asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    impersonation: Option<bool>,
    /// The kind of token; present where a token was identified by its text.
    #[serde(skip_serializing_if = "Option::is_none")]
    token_type: Option<&'static str>,
    /// What it belongs to, where that isn't just its owner; present where it
    /// was identified by its text.
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<SubjectBody>,
    /// `active`, `expired` or `revoked`; present where `token_type` is.
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'static str>,
    /// The secret; present in the one answer that hands it over.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    token: Option<Secret<'t>>,
}

/// Scopes as an array of their names.
#[derive(Debug)]
pub(super) struct Names(pub(super) Scopes);

impl Serialize for Names {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.names())
    }
}

impl<'t> TokenBody<'t> {
    /// A row of the ledger.
    pub(crate) fn of(token: &'t Token, now: Timestamp) -> Self {
        Self::from_facts(token.into(), now)
    }

    /// A card of the index.
    pub(crate) fn of_card(card: &'t Card, now: Timestamp) -> Self {
        Self::from_facts(card.into(), now)
    }

    /// A new token, with its secret.
    pub(crate) fn of_issued(issued: &'t Issued, now: Timestamp) -> Self {
        Self {
            token: Some(Secret::new(issued.text.reveal())),
            ..Self::of(&issued.token, now)
        }
    }

    /// What its text identified, with its kind and state.
    pub(crate) fn of_identified(card: &'t Card, now: Timestamp) -> Self {
        Self {
            token_type: Some(card.kind.name()),
            subject: SubjectBody::of(card),
            state: Some(card.state(now).name()),
            ..Self::of_card(card, now)
        }
    }

    /// The same, where impersonation tokens are asked for.
    pub(crate) fn impersonating(self) -> Self {
        Self {
            impersonation: Some(true),
            ..self
        }
    }

    fn from_facts(facts: Facts<'t>, now: Timestamp) -> Self {
        let expired = facts.has_expired(now);
        Self {
            id: facts.id.get(),
            name: facts.name,
            revoked: facts.revoked,
            created_at: Moment(facts.created_at),
            description: facts.description,
            scopes: Names(facts.scopes),
            user_id: facts.owner.get(),
            last_used_at: facts.last_use.at.map(Moment),
            active: !facts.revoked && !expired,
            expires_at: facts.expires_at.map(Day::of),
            expired,
            granular: false,
            last_used_ips: &facts.last_use.addresses,
            impersonation: None,
            token_type: None,
            subject: None,
            state: None,
            token: None,
        }
    }
}
