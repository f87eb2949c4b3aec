//! A token on tokenry's own API: one shape for every kind.

use std::{borrow::Cow, net::IpAddr};

use serde::Serialize;
use tokenry_authority::{Authority, tokens::Issued};
use tokenry_domain::{Token, TokenId, User, UserId};
use utoipa::ToSchema;

use super::{identified::SubjectBody, time::Moment, token::Names};

/// A row of the ledger.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Token)]
pub(crate) struct LedgerToken<'t> {
    /// The row's id.
    id: i64,
    /// What sort of token it is, such as `personal`.
    kind: &'static str,
    /// `active`, `expired` or `revoked`.
    state: &'static str,
    /// What its owner calls it.
    name: &'t str,
    /// What its owner says of it.
    description: Option<&'t str>,
    /// What it may be used for.
    #[schema(value_type = Vec<String>)]
    scopes: Names,
    /// What tells it from others by eye: its prefix and its last characters.
    hint: &'t str,
    /// Whom it acts as; of what acts as nobody, who issued it.
    owner: OwnerBody,
    /// What it belongs to, where that isn't just its owner.
    subject: Option<SubjectBody>,
    /// When it was issued.
    #[schema(value_type = String, format = DateTime)]
    created_at: Moment,
    /// When it stops working by itself.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Moment>,
    /// When somebody ended it.
    #[schema(value_type = Option<String>, format = DateTime)]
    revoked_at: Option<Moment>,
    /// When it was used last.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_used_at: Option<Moment>,
    /// The latest addresses it was used from, at most five, oldest first.
    #[schema(value_type = Vec<String>)]
    last_used_ips: &'t [IpAddr],
    /// The token it replaced.
    rotated_from: Option<i64>,
    /// The first token of its family: those that came of each other by rotation.
    family: i64,
    /// The secret; present in the one answer that hands it over.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<&'t str>,
}

/// Whose a token is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Owner)]
pub(crate) struct OwnerBody {
    /// The user's id.
    id: i64,
    /// Null for a user who is gone.
    username: Option<String>,
}

impl OwnerBody {
    /// A user, who may be gone.
    pub(crate) fn of(id: UserId, authority: &Authority) -> Self {
        let user = authority.recall_user(id);
        Self {
            id: id.get(),
            username: user.map(|user| user.username.clone()),
        }
    }
}

impl<'t> LedgerToken<'t> {
    /// The names of the cells of a line.
    pub(crate) const CELLS: [&'static str; 18] = [
        "id",
        "kind",
        "state",
        "name",
        "description",
        "scopes",
        "hint",
        "owner_id",
        "owner_username",
        "subject_type",
        "subject_id",
        "created_at",
        "expires_at",
        "revoked_at",
        "last_used_at",
        "last_used_ips",
        "rotated_from",
        "family",
    ];

    /// A line of cells: what there are several of is separated by spaces.
    pub(crate) fn cells(&self) -> [Cow<'_, str>; 18] {
        let number =
            |number: Option<i64>| number.map_or_else(String::new, |n| n.to_string()).into();
        let time = |at: Option<Moment>| at.map_or_else(String::new, |at| at.to_string()).into();
        let subject = self.subject.as_ref();
        let scopes: Vec<_> = self.scopes.0.names().collect();
        let addresses: Vec<_> = self.last_used_ips.iter().map(IpAddr::to_string).collect();
        [
            number(Some(self.id)),
            self.kind.into(),
            self.state.into(),
            self.name.into(),
            self.description.unwrap_or_default().into(),
            scopes.join(" ").into(),
            self.hint.into(),
            number(Some(self.owner.id)),
            self.owner.username.as_deref().unwrap_or_default().into(),
            subject.map_or("", |subject| subject.r#type).into(),
            number(subject.map(|subject| subject.id)),
            time(Some(self.created_at)),
            time(self.expires_at),
            time(self.revoked_at),
            time(self.last_used_at),
            addresses.join(" ").into(),
            number(self.rotated_from),
            number(Some(self.family)),
        ]
    }

    /// A row, as it is now.
    pub(crate) fn of(token: &'t Token, authority: &Authority) -> Self {
        Self {
            id: token.id.get(),
            kind: token.kind.name(),
            state: token.state(authority.now()).name(),
            name: &token.name,
            description: token.description.as_deref(),
            scopes: Names(token.scopes),
            hint: token.hint.as_str(),
            owner: OwnerBody::of(token.owner, authority),
            subject: token
                .subject
                .map(|subject| SubjectBody::of_kind(token.kind, subject)),
            created_at: Moment(token.life.created_at),
            expires_at: token.life.expires_at.map(Moment),
            revoked_at: token.life.revoked_at.map(Moment),
            last_used_at: token.last_use.at.map(Moment),
            last_used_ips: &token.last_use.addresses,
            rotated_from: token.rotated_from.map(TokenId::get),
            family: token.family_head().get(),
            token: None,
        }
    }

    /// The same, of an owner whom memory needn't know yet.
    pub(crate) fn owned_by(self, owner: &User) -> Self {
        let owner = OwnerBody {
            id: owner.id.get(),
            username: Some(owner.username.clone()),
        };
        Self { owner, ..self }
    }

    /// A new token, with its secret.
    pub(crate) fn of_issued(issued: &'t Issued, authority: &Authority) -> Self {
        Self {
            token: Some(issued.text.reveal()),
            ..Self::of(&issued.token, authority)
        }
    }
}
