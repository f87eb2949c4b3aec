//! What only few kinds of token have: a username, and when they were edited.

use tokenry_domain::{
    Particulars, Token, TokenId, UserId,
    audit::{Action, Target, token_facts},
    token::check_name,
};
use tokenry_store::{Work, audit, particulars, tokens};

use super::{Issued, NewPlaceToken, PlaceTokens, in_place::answering, rights};
use crate::{Authority, Error, Thing};

/// What becomes of a token that is edited.
enum Edit {
    Name(String),
    Owner(UserId),
}

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
        check_name(&name)?;
        self.edit(id, Edit::Name(name)).await
    }

    /// Makes the caller the owner of one.
    ///
    /// # Errors
    /// [`Error::RoleTooLow`], [`Error::NotFound`], [`Error::NotPermitted`] for
    /// the console, which is no user, or a fault of ours.
    pub async fn take(&self, id: TokenId) -> Result<Token, Error> {
        self.edit(id, Edit::Owner(answering(self.caller)?)).await
    }

    async fn edit(&self, id: TokenId, edit: Edit) -> Result<Token, Error> {
        self.manageable(id).await?;
        let authority = self.authority;
        let mut entry = authority.entry(self.caller, Action::TokenUpdated, Target::Token(id));
        let (caller, index) = (self.caller.clone(), authority.index.clone());
        let beside = authority.beside.clone();
        authority
            .store
            .write(
                move |conn| -> Work<'_, Token, Error> {
                    Box::pin(async move {
                        let before =
                            rights::manageable(conn, &caller, id, "edit", entry.at).await?;
                        match edit {
                            Edit::Name(name) => tokens::rename(conn, id, &name).await?,
                            Edit::Owner(owner) => tokens::hand_over(conn, id, owner).await?,
                        };
                        let after = tokens::by_id(conn, id).await?;
                        let after = after.ok_or(Error::NotFound(Thing::Token))?;
                        let mut known = particulars::of(conn, [id]).await?;
                        let particulars = Particulars {
                            updated_at: Some(entry.at),
                            ..known.remove(&id).unwrap_or_default()
                        };
                        particulars::put(conn, id, &particulars).await?;
                        entry.before = token_facts(&before);
                        entry.after = token_facts(&after);
                        audit::insert(conn, &entry).await?;
                        Ok(after)
                    })
                },
                move |token| {
                    index.doubt(token.digest);
                    beside.particulars.forget(token.id);
                },
            )
            .await
    }
}
