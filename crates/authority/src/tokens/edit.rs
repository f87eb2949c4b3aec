//! What a token is called, and what is said of it; never what it may do.

use serde_json::Value;
use tokenry_domain::{
    Invalid, Particulars, Token, TokenId, UserId,
    audit::{Action, Target, token_facts},
    kind::Identifies,
    token::{check_description, check_name},
};
use tokenry_store::{Conn, StoreError, Work, audit, particulars, tokens};

use super::rights;
use crate::{Authority, Caller, Error};

/// New values for some of a token's words; the others stay.
#[derive(Debug, Clone, Default)]
pub struct TokenChange {
    /// What it is called.
    pub name: Option<String>,
    /// What is said of it; `Some(None)` for nothing any more.
    pub description: Option<Option<String>>,
}

impl TokenChange {
    fn checked(self) -> Result<Self, Invalid> {
        let description = self.description.as_ref().and_then(Option::as_deref);
        Invalid::unless_all([
            self.name.as_deref().map_or(Ok(()), check_name),
            description.map_or(Ok(()), check_description),
        ])?;
        Ok(self)
    }

    /// The token as it is to be.
    fn apply(self, owner: Option<UserId>, token: &Token) -> Token {
        let mut after = token.clone();
        if let Some(name) = self.name {
            after.name = name;
        }
        if let Some(description) = self.description {
            after.description = description.filter(|text| !text.is_empty());
        }
        if let Some(owner) = owner {
            after.owner = owner;
        }
        after
    }
}

impl Authority {
    /// Changes what a token is called and what is said of it, for whoever may
    /// manage it, be it active or not. Where that is so already, nothing is
    /// written.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::NotPermitted`], [`Error::Invalid`], or a
    /// fault of ours.
    pub async fn edit_token(
        &self,
        caller: &Caller,
        id: TokenId,
        change: TokenChange,
    ) -> Result<Token, Error> {
        self.edit_and_hand_over(caller, id, change, None).await
    }

    /// As [`Authority::edit_token`]; another user may come to answer for a token
    /// that acts as nobody.
    pub(super) async fn edit_and_hand_over(
        &self,
        caller: &Caller,
        id: TokenId,
        change: TokenChange,
        owner: Option<UserId>,
    ) -> Result<Token, Error> {
        let change = change.checked()?;
        let mut entry = self.entry(caller, Action::TokenUpdated, Target::Token(id));
        let (caller, index) = (caller.clone(), self.index.clone());
        let beside = self.beside.clone();
        let mut edited = self
            .store
            .write(
                move |conn| -> Work<'_, Token, Error> {
                    Box::pin(async move {
                        tokens::hold(conn, id).await?;
                        let before =
                            rights::manageable(conn, &caller, id, "edit", entry.at).await?;
                        let after = change.apply(owner, &before);
                        if after != before {
                            write(conn, &before, &after, entry.at).await?;
                            entry.before = facts(&before);
                            entry.after = facts(&after);
                            audit::insert(conn, &entry).await?;
                        }
                        Ok(after)
                    })
                },
                move |token| {
                    index.doubt(token.digest);
                    beside.particulars.forget(token.id);
                },
            )
            .await?;
        self.last_used.complete(&mut edited);
        Ok(edited)
    }
}

/// What the trail says of a token whose words were changed.
fn facts(token: &Token) -> Value {
    let mut facts = token_facts(token);
    if let Some(facts) = facts.as_object_mut() {
        facts.insert("description".to_owned(), token.description.clone().into());
    }
    facts
}

async fn write(
    conn: &mut Conn,
    before: &Token,
    after: &Token,
    now: jiff::Timestamp,
) -> Result<(), StoreError> {
    tokens::reword(conn, after.id, &after.name, after.description.as_deref()).await?;
    if after.owner != before.owner {
        tokens::hand_over(conn, after.id, after.owner).await?;
    }
    // Of these it is told when they were edited.
    if after.kind.descriptor().identifies == Identifies::Trigger {
        let mut known = particulars::of(conn, [after.id]).await?;
        let particulars = Particulars {
            updated_at: Some(now),
            ..known.remove(&after.id).unwrap_or_default()
        };
        particulars::put(conn, after.id, &particulars).await?;
    }
    Ok(())
}
