//! From a found text to what it is. Never counts as a use.

use tokenry_domain::{DeleteMeans, TokenId, token::Card};
use tokenry_token::as_issued;

use crate::{Authority, Caller, Error, Thing};

impl Authority {
    /// What the token with this text is, for administrators. Any kind, any
    /// prefix that was ever in use, dead or alive.
    ///
    /// # Errors
    /// [`Error::AdminOnly`], [`Error::NoKnownPrefix`] for what can't be a
    /// token of this instance, [`Error::NotFound`], or a fault of ours.
    pub async fn identify_token(&self, caller: &Caller, text: &str) -> Result<Card, Error> {
        caller.require_admin()?;
        let text = as_issued(text);
        self.recognise(&text)?;
        let found = self.find_by_text(&text, None).await?;
        found
            .map(|(_, card)| card)
            .ok_or(Error::NotFound(Thing::Token))
    }

    /// Ends the token with this text, or deletes it, for administrators.
    ///
    /// # Errors
    /// As [`Authority::identify_token`].
    pub async fn end_by_text(
        &self,
        caller: &Caller,
        text: &str,
        means: DeleteMeans,
    ) -> Result<TokenId, Error> {
        let card = self.identify_token(caller, text).await?;
        self.end_token(caller, card.id, means).await?;
        Ok(card.id)
    }
}
