//! What stays of a token that was deleted, on tokenry's own API.

use serde::Serialize;
use tokenry_authority::Authority;
use tokenry_domain::{Reason, Tombstone};
use utoipa::ToSchema;

use super::{ledger_token::OwnerBody, time::Moment};

/// A token that was issued here and is deleted.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Tombstone)]
pub(crate) struct TombstoneBody<'t> {
    /// The row's id, which is never used again.
    id: i64,
    /// What sort of token it was, such as `personal`.
    kind: &'static str,
    /// What told it from others by eye: its prefix and its last characters.
    hint: &'t str,
    /// Whom it acted as; of what acted as nobody, who issued it.
    owner: OwnerBody,
    /// When it was issued.
    #[schema(value_type = String, format = DateTime)]
    created_at: Moment,
    /// When it was revoked, if that was done before it was deleted.
    #[schema(value_type = Option<String>, format = DateTime)]
    revoked_at: Option<Moment>,
    /// When it was deleted.
    #[schema(value_type = String, format = DateTime)]
    deleted_at: Moment,
    /// By whom; null for the server itself.
    deleted_by: Option<OwnerBody>,
    /// Why, if anybody said.
    reason: Option<&'t str>,
}

impl<'t> TombstoneBody<'t> {
    pub(crate) fn of(tombstone: &'t Tombstone, authority: &Authority) -> Self {
        let burial = &tombstone.burial;
        Self {
            id: tombstone.id.get(),
            kind: tombstone.kind.name(),
            hint: tombstone.hint.as_str(),
            owner: OwnerBody::of(tombstone.owner, authority),
            created_at: Moment(tombstone.created_at),
            revoked_at: tombstone.revoked_at.map(Moment),
            deleted_at: Moment(burial.at),
            deleted_by: burial.by.map(|user| OwnerBody::of(user, authority)),
            reason: burial.reason.as_ref().map(Reason::as_str),
        }
    }
}
