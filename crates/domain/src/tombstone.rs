//! What stays of a token whose row is gone.
//!
//! A tombstone lets a text that turns up later be told: it was issued here, and
//! it is no more. It opens nothing, and has neither name nor scopes, last use
//! nor addresses.

use jiff::Timestamp;
use tokenry_token::{Digest, Hint};

use crate::{
    ids::{TokenId, UserId},
    kind::Kind,
    reason::Reason,
};

/// What stays of a token whose row is gone, for as long as its own retention
/// says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tombstone {
    /// The row's id, which is never used again.
    pub id: TokenId,
    /// What sort of token it was.
    pub kind: Kind,
    /// What its text is found by.
    pub digest: Digest,
    /// What told it from others by eye.
    pub hint: Hint,
    /// Whom it belonged to; they may be gone too.
    pub owner: UserId,
    /// When it was issued.
    pub created_at: Timestamp,
    /// When it was revoked, if that was done before.
    pub revoked_at: Option<Timestamp>,
    /// When, by whom and why its row went.
    pub burial: Burial,
}

/// When, by whom and why the rows of tokens go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Burial {
    /// When.
    pub at: Timestamp,
    /// The user who did it; none for the server itself.
    pub by: Option<UserId>,
    /// Why, if anybody said.
    pub reason: Option<Reason>,
}
