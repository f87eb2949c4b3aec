//! Which entries of the audit trail a list shows.

use jiff::Timestamp;

use crate::{
    Kind,
    audit::Action,
    ids::{TokenId, UserId},
};

/// A list's conditions; all must hold. The default shows every entry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// At this moment or later.
    pub after: Option<Timestamp>,
    /// At this moment or earlier.
    pub before: Option<Timestamp>,
    /// Done by this user, or in their name by an administrator.
    pub actor: Option<UserId>,
    /// Done to this token, alone or with others, or with it.
    pub token: Option<TokenId>,
    /// Done to a token of this kind.
    pub kind: Option<Kind>,
    /// Only this was done.
    pub action: Option<Action>,
}
