//! What only few kinds of token have: a username, and when they were edited.

use tokenry_domain::{Particulars, Token, TokenId, UserId};
use tokenry_store::particulars;

use super::{Issued, NewPlaceToken, PlaceTokens, TokenChange, in_place::answering, rights};
use crate::{Authority, Error};

impl Authority {
    /// The particulars of these tokens, in their order.
    ///
    /// # Errors
    /// A fault of ours.
    pub async fn particulars_of(&self, tokens: &[Token]) -> Result<Vec<Particulars>, Error> {
        let ids = || tokens.iter().map(|token| token.id);
        let mut known = particulars::of(&mut self.store.read().await?, ids()).await?;
        Ok(ids()
            .map(|id| known.remove(&id).unwrap_or_default())
            .collect())
    }
}

impl PlaceTokens<'_> {
    /// Issues one that acts as nobody and is presented with a username.
    ///
    /// # Errors
    /// As [`PlaceTokens::issue`].
    pub async fn issue_with_username(
        &self,
        new: NewPlaceToken,
        username: Option<String>,
    ) -> Result<Issued, Error> {
        rights::require_manager(self.kind, &self.standing)?;
        let particulars = match username {
            Some(username) => Particulars::with_username(username)?,
            None => Particulars::default(),
        };
        let wanted = self.wanted(new)?;
        self.authority
            .issue_with(self.caller, wanted, particulars)
            .await
    }

    /// Gives one another name.
    ///
    /// # Errors
    /// [`Error::RoleTooLow`], [`Error::NotFound`], [`Error::Invalid`], or a
    /// fault of ours.
    pub async fn rename(&self, id: TokenId, name: String) -> Result<Token, Error> {
        let change = TokenChange {
            name: Some(name),
            ..TokenChange::default()
        };
        self.edit(id, change, None).await
    }

    /// Makes the caller the owner of one.
    ///
    /// # Errors
    /// [`Error::RoleTooLow`], [`Error::NotFound`], [`Error::NotPermitted`] for
    /// the console, which is no user, or a fault of ours.
    pub async fn take(&self, id: TokenId) -> Result<Token, Error> {
        let owner = answering(self.caller)?;
        self.edit(id, TokenChange::default(), Some(owner)).await
    }

    async fn edit(
        &self,
        id: TokenId,
        change: TokenChange,
        owner: Option<UserId>,
    ) -> Result<Token, Error> {
        self.manageable(id).await?;
        self.authority
            .edit_and_hand_over(self.caller, id, change, owner)
            .await
    }
}
