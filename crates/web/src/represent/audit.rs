//! Entries of the audit trail, on tokenry's own API.

use serde::Serialize;
use serde_json::Value;
use tokenry_authority::{Authority, trail::Written};
use tokenry_domain::UserId;
use utoipa::ToSchema;

use super::{ledger_token::OwnerBody, time::Moment};

/// One change, and who made it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditEvent)]
pub(crate) struct AuditBody<'a> {
    /// Later entries have larger ones.
    id: i64,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Moment,
    /// What was done, such as `token_revoked`.
    action: &'a str,
    /// By whom.
    actor: ActorBody,
    /// The client's address.
    address: Option<&'a str>,
    /// The request, as its answer and the log name it.
    request_id: &'a str,
    /// To what.
    target: TargetBody<'a>,
    /// Why, if anybody said.
    reason: Option<&'a str>,
    /// What it was before; null if it wasn't. Never a secret.
    #[schema(value_type = Option<Object>)]
    before: &'a Value,
    /// What it was after; null if it is no more. Never a secret.
    #[schema(value_type = Option<Object>)]
    after: &'a Value,
}

/// Who made a change.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditActor)]
struct ActorBody {
    /// The user acted as; null for the server's own console, and for what acts
    /// as nobody.
    user: Option<OwnerBody>,
    /// The token presented.
    token_id: Option<i64>,
    /// The administrator behind a `sudo`.
    on_behalf: Option<OwnerBody>,
}

/// What was changed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditTarget)]
struct TargetBody<'a> {
    /// Such as `token`, `user` or `instance`.
    r#type: &'a str,
    /// Its id, where it has one.
    id: Option<i64>,
}

impl<'a> AuditBody<'a> {
    pub(crate) fn of(entry: &'a Written, authority: &Authority) -> Self {
        let user = |id: Option<i64>| {
            let id = id.map(UserId::from_row);
            id.map(|id| OwnerBody::of(id, authority))
        };
        let (sort, id) = &entry.target;
        Self {
            id: entry.id,
            at: Moment(entry.at),
            action: &entry.action,
            actor: ActorBody {
                user: user(entry.actor_user),
                token_id: entry.actor_token,
                on_behalf: user(entry.on_behalf),
            },
            address: entry.address.as_deref(),
            request_id: &entry.request_id,
            target: TargetBody {
                r#type: sort,
                id: *id,
            },
            reason: entry.reason.as_deref(),
            before: &entry.before,
            after: &entry.after,
        }
    }
}
