//! Removing a holder, with its tokens.

use serde_json::{Value, json};
use tokenry_domain::{
    HolderId, TokenId,
    audit::{Action, Target, holder_facts},
    holder::{Holder, HolderKind},
};
use tokenry_store::{Work, audit, bury, holders, tokens::Removed};

use super::rights::manageable;
use crate::{Authority, Caller, Error, places::CHUNK};

impl Authority {
    /// Removes a holder and all its tokens, for those who may manage it. If
    /// the server is killed half-way, some of the tokens are gone; asking
    /// again finishes it.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::RoleTooLow`], [`Error::AdminOnly`],
    /// [`Error::NotPermitted`], or a fault of ours.
    pub async fn remove_holder(
        &self,
        caller: &Caller,
        kind: HolderKind,
        id: HolderId,
    ) -> Result<(), Error> {
        let mut begun = false;
        while !self.remove_some_of_holder(caller, kind, id, begun).await? {
            begun = true;
        }
        Ok(())
    }

    /// Removes some of its tokens; answers whether that was all, and the
    /// holder with them.
    async fn remove_some_of_holder(
        &self,
        caller: &Caller,
        kind: HolderKind,
        id: HolderId,
        begun: bool,
    ) -> Result<bool, Error> {
        let target = Target::Holder(kind, id);
        let mut entry = self.entry(caller, Action::HolderPartlyDeleted, target);
        let caller = if begun {
            caller.to_go_on()
        } else {
            caller.clone()
        };
        let (index, last_used) = (self.index.clone(), self.last_used.clone());
        let beside = self.beside.clone();
        self.store
            .write(
                move |conn| -> Work<'_, (Vec<Removed>, bool), Error> {
                    Box::pin(async move {
                        let holder = manageable(conn, &caller, kind, id, entry.at).await?;
                        let burial = entry.burial_because("what held it was removed");
                        let gone = bury::some_in(conn, id.into(), CHUNK, &burial).await?;
                        let whole = gone.len() < CHUNK as usize;
                        if whole {
                            holders::delete(conn, id).await?;
                            entry.action = Action::HolderDeleted;
                        }
                        entry.tokens = gone.iter().map(|token| token.id).collect();
                        entry.before = with_tokens(&holder, &entry.tokens);
                        audit::insert(conn, &entry).await?;
                        Ok((gone, whole))
                    })
                },
                move |(gone, _)| {
                    beside.holders.forget(id);
                    for token in gone {
                        index.remove(token.digest);
                        last_used.forget(token.id);
                    }
                },
            )
            .await
            .map(|(_, whole)| whole)
    }
}

/// The facts of a holder, and of the tokens that went with it.
fn with_tokens(holder: &Holder, gone: &[TokenId]) -> Value {
    let mut facts = holder_facts(holder);
    if let Some(facts) = facts.as_object_mut() {
        facts.insert("token_ids".to_owned(), json!(gone));
    }
    facts
}
