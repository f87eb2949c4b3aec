//! One token, by its id.

use tokenry_domain::{Token, TokenId};
use tokenry_store::tokens;

use crate::{Authority, Caller, Error, Thing};

impl Authority {
    /// The token with this id, if the caller may see it.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::NotPermitted`], or a fault of ours.
    pub async fn show_token(&self, caller: &Caller, id: TokenId) -> Result<Token, Error> {
        let token = tokens::by_id(&mut self.store.read().await?, id).await?;
        let mut token = token.ok_or(Error::NotFound(Thing::Token))?;
        self.last_used.complete(&mut token);
        if caller.may_see(&token) {
            Ok(token)
        } else {
            Err(Error::NotPermitted("see this token"))
        }
    }
}
