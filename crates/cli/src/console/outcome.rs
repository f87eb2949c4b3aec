//! What the console answers, as plain values: also what `--format json` prints.

use std::{collections::HashMap, net::IpAddr};

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use tokenry_domain::{Purge, Reason, Subject, Token, TokenId, User, expiry, settings::Settings};

use super::{DeletedRow, DueRow, KeptRow, RanRow, Secret};

/// What came of a command.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// A new token, with its text.
    Issued(Box<TokenRow>, Secret),
    /// A token, as it is now.
    Token(Box<TokenRow>),
    /// A part of a list.
    Tokens(Listed<TokenRow>),
    /// A user, as they are now.
    User(UserRow),
    /// A part of a list.
    Users(Listed<UserRow>),
    /// It is gone.
    Deleted { id: i64 },
    /// What stays of a token that was deleted.
    Tombstone(Box<DeletedRow>),
    /// The keys there are.
    Keys(Vec<KeyRow>),
    /// The instance's settings.
    Settings(Settings),
    /// A purge, as far as it has come.
    Purge(PurgeRow),
    /// How long things are kept.
    Retention(KeptRow),
    /// How many things are due.
    Due(Vec<DueRow>),
    /// What a run of retention deleted.
    Ran(RanRow),
    /// What a token that was found belongs to, as another server tells it.
    Found(serde_json::Value),
}

/// A part of a list.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Listed<T> {
    pub(crate) rows: Vec<T>,
    /// Where the next part begins; none at the end.
    pub(crate) next: Option<String>,
}

/// A token as the console shows it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct TokenRow {
    pub(crate) id: i64,
    pub(crate) kind: String,
    pub(crate) user_id: i64,
    /// None for an owner who is being removed.
    pub(crate) username: Option<String>,
    /// What it belongs to, where that isn't just its owner.
    pub(crate) subject: Option<SubjectRow>,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) scopes: Vec<String>,
    pub(crate) state: String,
    pub(crate) revoked: bool,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Option<Date>,
    pub(crate) revoked_at: Option<Timestamp>,
    pub(crate) last_used_at: Option<Timestamp>,
    pub(crate) last_used_ips: Vec<IpAddr>,
    pub(crate) hint: String,
    pub(crate) rotated_from: Option<i64>,
}

/// What a token belongs to, as the console shows it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SubjectRow {
    /// `group`, `project`, or what holds the token.
    pub(crate) r#type: String,
    pub(crate) id: i64,
    /// Of a group or project its full path. None for what is gone.
    pub(crate) name: Option<String>,
}

impl SubjectRow {
    fn of(token: &Token, names: &HashMap<Subject, String>) -> Option<Self> {
        let subject = token.subject?;
        Some(Self {
            r#type: subject.sort(token.kind).to_owned(),
            id: subject.parts().1,
            name: names.get(&subject).cloned(),
        })
    }
}

impl TokenRow {
    pub(super) fn of(
        token: Token,
        username: Option<String>,
        names: &HashMap<Subject, String>,
        now: Timestamp,
    ) -> Self {
        Self {
            subject: SubjectRow::of(&token, names),
            id: token.id.get(),
            kind: token.kind.name().to_owned(),
            user_id: token.owner.get(),
            username,
            state: token.state(now).name().to_owned(),
            name: token.name,
            description: token.description,
            scopes: token.scopes.names().map(str::to_owned).collect(),
            revoked: token.life.revoked_at.is_some(),
            created_at: token.life.created_at,
            expires_at: token.life.expires_at.map(expiry::date),
            revoked_at: token.life.revoked_at,
            last_used_at: token.last_use.at,
            last_used_ips: token.last_use.addresses,
            hint: token.hint.as_str().to_owned(),
            rotated_from: token.rotated_from.map(TokenId::get),
        }
    }
}

/// A user as the console shows them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct UserRow {
    pub(crate) id: i64,
    pub(crate) username: String,
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) admin: bool,
    pub(crate) external: bool,
    pub(crate) state: String,
    pub(crate) created_at: Timestamp,
}

impl From<User> for UserRow {
    fn from(user: User) -> Self {
        Self {
            id: user.id.get(),
            username: user.username,
            name: user.name,
            email: user.email,
            admin: user.admin,
            external: user.external,
            state: user.state.name().to_owned(),
            created_at: user.created_at,
        }
    }
}

/// A purge as the console shows it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct PurgeRow {
    pub(crate) id: i64,
    pub(crate) state: String,
    /// Fields of the filter and their texts.
    pub(crate) filter: serde_json::Value,
    pub(crate) dry_run: bool,
    pub(crate) reason: Option<String>,
    pub(crate) filed_at: Timestamp,
    pub(crate) ended_at: Option<Timestamp>,
    pub(crate) examined: u64,
    pub(crate) deleted: u64,
    pub(crate) kept: u64,
    pub(crate) progress: Option<f64>,
}

impl From<Purge> for PurgeRow {
    fn from(purge: Purge) -> Self {
        let wanted = &purge.wanted;
        Self {
            id: purge.id.get(),
            state: purge.state().to_owned(),
            filter: serde_json::to_value(&wanted.filter).unwrap_or_default(),
            dry_run: wanted.dry_run,
            reason: wanted.reason.as_ref().map(Reason::to_string),
            filed_at: purge.filed.at,
            ended_at: purge.ended.map(|(at, _)| at),
            examined: purge.progress.examined,
            deleted: purge.progress.deleted,
            kept: purge.kept(),
            progress: purge.share(),
        }
    }
}

/// A digest key as the console shows it: by its number only.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct KeyRow {
    pub(crate) id: u32,
    /// Whether new tokens are made with it.
    pub(crate) current: bool,
}
