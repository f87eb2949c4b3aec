//! The tokens of one kind throughout the instance, and those that belong to
//! the instance alone, for administrators.

use tokenry_domain::{
    Kind, Place, Token, TokenId,
    page::{Page, Window},
    token_filter::{TokenFilter, TokenOrder},
};

use super::{Issued, NewPlaceToken, PlaceTokens, Wanted};
use crate::{Authority, Caller, Error, Thing};

impl Authority {
    /// One window of all tokens of a kind, wherever they belong.
    ///
    /// # Errors
    /// [`Error::AdminOnly`], [`Error::Invalid`] for too long a search,
    /// [`Error::TooDeep`], [`Error::Cursor`], or a fault of ours.
    pub async fn list_instance_tokens(
        &self,
        caller: &Caller,
        kind: Kind,
        filter: TokenFilter,
        order: TokenOrder,
        window: &Window,
    ) -> Result<Page<Token>, Error> {
        caller.require_admin()?;
        let filter = TokenFilter {
            kinds: vec![kind],
            ..filter
        };
        self.page_of_tokens(&filter, order, window).await
    }

    /// A token of a kind that belongs to the instance alone.
    ///
    /// # Errors
    /// [`Error::AdminOnly`], [`Error::NotFound`], or a fault of ours.
    pub async fn show_instance_token(
        &self,
        caller: &Caller,
        kind: Kind,
        id: TokenId,
    ) -> Result<Token, Error> {
        caller.require_admin()?;
        let token = self.recall_token(id).await?;
        if token.kind == kind && token.subject.is_none() {
            Ok(token)
        } else {
            Err(Error::NotFound(Thing::Token))
        }
    }

    /// Issues a token that belongs to the instance alone and acts as nobody:
    /// the caller answers for it.
    ///
    /// # Errors
    /// [`Error::AdminOnly`], [`Error::NotPermitted`] for the console, which is
    /// no user, [`Error::Invalid`], or a fault of ours.
    pub async fn issue_instance_token(
        &self,
        caller: &Caller,
        kind: Kind,
        new: NewPlaceToken,
    ) -> Result<Issued, Error> {
        let wanted = Wanted {
            kind,
            owner: super::in_place::answering(caller)?,
            subject: None,
            name: new.name,
            description: new.description,
            scopes: new.scopes,
            expires: new.expires,
            if_exists: new.if_exists,
        };
        self.issue_token(caller, wanted).await
    }
}

impl PlaceTokens<'_> {
    /// As [`PlaceTokens::issue`], of a kind that belongs to groups at the top.
    ///
    /// # Errors
    /// [`Error::NotPermitted`] elsewhere, and those of [`PlaceTokens::issue`].
    pub async fn issue_at_top(&self, new: NewPlaceToken) -> Result<Issued, Error> {
        let refused = Error::NotPermitted("issue these tokens beneath a group");
        match self.standing.place {
            Place::Project(_) => return Err(refused),
            Place::Group(id) => {
                let (group, _) = self.authority.group(self.caller, &id.into()).await?;
                if group.parent.is_some() {
                    return Err(refused);
                }
            }
        }
        self.issue(new).await
    }
}
