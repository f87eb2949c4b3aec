//! What the console tells of a token that was deleted.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokenry_authority::{
    Caller, Error, Thing,
    tokens::{Clue, Identified, TokenText},
};
use tokenry_domain::{Reason, Tombstone, UserId};

use super::{Desk, Outcome, Secret};
use crate::exit::Failure;

/// A deleted token as the console shows it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct DeletedRow {
    pub(crate) id: i64,
    pub(crate) kind: String,
    pub(crate) user_id: i64,
    /// None for an owner who is gone.
    pub(crate) username: Option<String>,
    /// `deleted`, so that scripts tell it from a token that is there.
    pub(crate) state: String,
    pub(crate) created_at: Timestamp,
    pub(crate) hint: String,
    pub(crate) revoked_at: Option<Timestamp>,
    pub(crate) deleted_at: Timestamp,
    /// A username, or the id of who is gone; none for the server itself and
    /// for its console.
    pub(crate) deleted_by: Option<String>,
    pub(crate) reason: Option<String>,
}

impl Desk {
    /// What stays of the token with this text, if it was deleted.
    pub(super) async fn identify_deleted(
        &self,
        caller: &Caller,
        text: &Secret,
    ) -> Result<Outcome, Failure> {
        let clue = Clue::Text(TokenText::new(text.reveal().to_owned()));
        let mut found = self.authority.identify_tokens(caller, &[clue]).await?;
        match found.pop() {
            Some(Identified::Deleted(tombstone)) => {
                Ok(Outcome::Tombstone(Box::new(self.told(&tombstone))))
            }
            _ => Err(Error::NotFound(Thing::Token).into()),
        }
    }

    fn told(&self, tombstone: &Tombstone) -> DeletedRow {
        let name = |id: UserId| {
            let user = self.authority.recall_user(id);
            user.map(|user| user.username.clone())
        };
        let burial = &tombstone.burial;
        let by = burial.by;
        DeletedRow {
            id: tombstone.id.get(),
            kind: tombstone.kind.name().to_owned(),
            user_id: tombstone.owner.get(),
            username: name(tombstone.owner),
            state: "deleted".to_owned(),
            created_at: tombstone.created_at,
            hint: tombstone.hint.as_str().to_owned(),
            revoked_at: tombstone.revoked_at,
            deleted_at: burial.at,
            deleted_by: by.map(|user| name(user).unwrap_or_else(|| user.to_string())),
            reason: burial.reason.as_ref().map(Reason::to_string),
        }
    }
}
