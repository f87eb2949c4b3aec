//! One token, by its id.

use tokenry_domain::{Token, TokenId, kind::Opens};
use tokenry_store::tokens;

use super::rights;
use crate::{Authority, Caller, Error, Thing};

impl Authority {
    /// The token with this id, if the caller may see it.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::NotPermitted`], or a fault of ours.
    pub async fn show_token(&self, caller: &Caller, id: TokenId) -> Result<Token, Error> {
        let mut conn = self.store.read().await?;
        let mut token = rights::visible(&mut conn, caller, id, self.now()).await?;
        self.last_used.complete(&mut token);
        Ok(token)
    }

    /// Refuses the ids of what GitLab doesn't count among personal access
    /// tokens: on their routes it isn't there (spec/rest.md section 2).
    ///
    /// # Errors
    /// [`Error::NotFound`], or a fault of ours.
    pub async fn require_access_token(&self, id: TokenId) -> Result<(), Error> {
        match self.recall_token(id).await?.kind.descriptor().opens {
            Opens::Api => Ok(()),
            _ => Err(Error::NotFound(Thing::Token)),
        }
    }

    /// The token with this id, whoever asks.
    pub(super) async fn recall_token(&self, id: TokenId) -> Result<Token, Error> {
        let token = tokens::by_id(&mut self.store.read().await?, id).await?;
        let mut token = token.ok_or(Error::NotFound(Thing::Token))?;
        self.last_used.complete(&mut token);
        Ok(token)
    }
}
