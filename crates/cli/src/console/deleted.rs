//! What the console tells of a token that was deleted.

use serde_json::{Value, json};
use tokenry_authority::{
    Caller, Error, Thing,
    tokens::{Clue, Identified, TokenText},
};
use tokenry_domain::{Reason, Tombstone};

use super::{Desk, Outcome, Secret};
use crate::exit::Failure;

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
            Some(Identified::Deleted(tombstone)) => Ok(Outcome::Found(self.told(&tombstone))),
            _ => Err(Error::NotFound(Thing::Token).into()),
        }
    }

    fn told(&self, tombstone: &Tombstone) -> Value {
        let name = |id| {
            let user = self.authority.recall_user(id);
            user.map(|user| user.username.clone())
        };
        let burial = &tombstone.burial;
        json!({
            "id": tombstone.id,
            "kind": tombstone.kind.name(),
            "state": "deleted",
            "hint": tombstone.hint.as_str(),
            "user_id": tombstone.owner,
            "username": name(tombstone.owner),
            "created_at": tombstone.created_at,
            "revoked_at": tombstone.revoked_at,
            "deleted_at": burial.at,
            "deleted_by": burial.by.and_then(name),
            "reason": burial.reason.as_ref().map(Reason::as_str),
        })
    }
}
