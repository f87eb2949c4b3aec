//! A token as `/api/v4` or `/api/v1` shows it, as the console shows it.

use std::net::IpAddr;

use jiff::{Timestamp, civil::Date};
use serde::Deserialize;
use serde_json::Value;
use tokenry_domain::expiry;

use crate::console::{SubjectRow, TokenRow};

/// The fields of a token's object that both GitLab and tokenry have
/// (spec/rest.md section 2.1), and those that tokenry adds.
#[derive(Debug, Deserialize)]
struct Shown {
    id: i64,
    name: String,
    revoked: bool,
    created_at: Timestamp,
    description: Option<String>,
    scopes: Vec<String>,
    user_id: i64,
    last_used_at: Option<Timestamp>,
    active: bool,
    expires_at: Option<Date>,
    #[serde(default)]
    last_used_ips: Vec<IpAddr>,
    impersonation: Option<bool>,
    token_type: Option<String>,
    #[serde(default)]
    subject: Option<SubjectRow>,
}

/// The row of a token's object; none for an object of another sort.
pub(super) fn row(body: &Value) -> Option<TokenRow> {
    let shown = Shown::deserialize(body).ok()?;
    let state = match (shown.revoked, shown.active) {
        (true, _) => "revoked",
        (false, true) => "active",
        (false, false) => "expired",
    };
    let kind = match (shown.token_type, shown.impersonation) {
        (Some(kind), _) => kind,
        (None, Some(true)) => "impersonation".to_owned(),
        (None, _) => "personal".to_owned(),
    };
    Some(TokenRow {
        id: shown.id,
        kind,
        user_id: shown.user_id,
        username: None,
        subject: shown.subject,
        name: shown.name,
        description: shown.description,
        scopes: shown.scopes,
        state: state.to_owned(),
        revoked: shown.revoked,
        created_at: shown.created_at,
        expires_at: shown.expires_at,
        revoked_at: None,
        last_used_at: shown.last_used_at,
        last_used_ips: shown.last_used_ips,
        hint: String::new(),
        rotated_from: None,
    })
}

/// A token as tokenry's own API shows it.
#[derive(Debug, Deserialize)]
pub(super) struct LedgerRow {
    id: i64,
    kind: String,
    state: String,
    name: String,
    description: Option<String>,
    scopes: Vec<String>,
    hint: String,
    owner: OwnerShown,
    subject: Option<SubjectRow>,
    created_at: Timestamp,
    expires_at: Option<Timestamp>,
    revoked_at: Option<Timestamp>,
    last_used_at: Option<Timestamp>,
    last_used_ips: Vec<IpAddr>,
    rotated_from: Option<i64>,
}

#[derive(Debug, Deserialize)]
struct OwnerShown {
    id: i64,
    username: Option<String>,
}

impl From<LedgerRow> for TokenRow {
    fn from(shown: LedgerRow) -> Self {
        Self {
            id: shown.id,
            kind: shown.kind,
            user_id: shown.owner.id,
            username: shown.owner.username,
            subject: shown.subject,
            name: shown.name,
            description: shown.description,
            scopes: shown.scopes,
            state: shown.state,
            revoked: shown.revoked_at.is_some(),
            created_at: shown.created_at,
            expires_at: shown.expires_at.map(expiry::date),
            revoked_at: shown.revoked_at,
            last_used_at: shown.last_used_at,
            last_used_ips: shown.last_used_ips,
            hint: shown.hint,
            rotated_from: shown.rotated_from,
        }
    }
}

/// The row of a token that was just ended.
pub(super) fn revoked(row: TokenRow) -> TokenRow {
    TokenRow {
        state: "revoked".to_owned(),
        revoked: true,
        ..row
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn gitlabs_object_becomes_a_row() {
        let body = json!({
            "id": 42, "name": "Test Token", "revoked": false,
            "created_at": "2020-07-23T14:31:47.729Z", "description": null, "scopes": ["api"],
            "user_id": 24, "last_used_at": "2021-10-06T17:58:37.550Z", "active": true,
            "expires_at": null,
        });
        let row = row(&body).unwrap();
        assert_eq!(
            (row.id, row.state.as_str(), row.kind.as_str()),
            (42, "active", "personal")
        );
        assert_eq!(revoked(row).state, "revoked");
    }

    #[test]
    fn another_object_is_no_token() {
        for body in [
            json!({ "id": 1, "username": "root" }),
            json!([]),
            Value::Null,
        ] {
            assert!(row(&body).is_none(), "{body}");
        }
    }
}
