//! The tokens of one kind that belong to one project or group, for its members.

use std::sync::Arc;

use jiff::civil::Date;
use tokenry_domain::{
    DeleteMeans, IfExists, Kind, Scopes, Subject, Token, TokenId, UserId,
    expiry::Expires,
    page::{Page, Window},
    token_filter::{TokenFilter, TokenOrder},
};

use super::{Issued, Wanted, rights};
use crate::{Authority, Caller, Error, Thing, places::Standing};

/// The tokens of one kind that belong to one project or group, as the caller
/// stands to it. Every use case first asks for the role that the kind needs,
/// and answers [`Error::RoleTooLow`] without it; a token of another kind or
/// place isn't there, which is [`Error::NotFound`].
#[derive(Debug, Clone, Copy)]
pub struct PlaceTokens<'a> {
    pub(super) authority: &'a Arc<Authority>,
    pub(super) caller: &'a Caller,
    pub(super) standing: Standing,
    pub(super) kind: Kind,
}

/// What is asked for of a new token that belongs to a place.
#[derive(Debug, Clone)]
pub struct NewPlaceToken {
    /// What it is called.
    pub name: String,
    /// What is said of it.
    pub description: Option<String>,
    /// What it may be used for.
    pub scopes: Scopes,
    /// When it is to stop working.
    pub expires: Expires,
    /// What becomes of others of its name.
    pub if_exists: IfExists,
}

impl Authority {
    /// The tokens of a kind that belong to a place.
    pub fn tokens_in<'a>(
        self: &'a Arc<Self>,
        caller: &'a Caller,
        standing: Standing,
        kind: Kind,
    ) -> PlaceTokens<'a> {
        PlaceTokens {
            authority: self,
            caller,
            standing,
            kind,
        }
    }
}

impl PlaceTokens<'_> {
    /// One window of them. Kind and place are settled here, whatever the
    /// filter says.
    ///
    /// # Errors
    /// [`Error::RoleTooLow`], [`Error::Invalid`] for too long a search,
    /// [`Error::TooDeep`], [`Error::Cursor`], or a fault of ours.
    pub async fn list(
        &self,
        filter: TokenFilter,
        order: TokenOrder,
        window: &Window,
    ) -> Result<Page<Token>, Error> {
        rights::require_viewer(self.kind, &self.standing)?;
        let filter = TokenFilter {
            kinds: vec![self.kind],
            subject: Some(self.standing.place.into()),
            ..filter
        };
        self.authority.page_of_tokens(&filter, order, window).await
    }

    /// Refuses callers whose role lets them manage none of these.
    ///
    /// # Errors
    /// [`Error::RoleTooLow`].
    pub fn require_manager(&self) -> Result<(), Error> {
        rights::require_manager(self.kind, &self.standing)
    }

    /// One of them.
    ///
    /// # Errors
    /// [`Error::RoleTooLow`], [`Error::NotFound`], or a fault of ours.
    pub async fn show(&self, id: TokenId) -> Result<Token, Error> {
        rights::require_viewer(self.kind, &self.standing)?;
        self.find(id).await
    }

    /// Issues one that acts as nobody: the caller answers for it.
    ///
    /// # Errors
    /// [`Error::RoleTooLow`], [`Error::NotPermitted`] for the console, which
    /// is no user, [`Error::Invalid`], or a fault of ours.
    pub async fn issue(&self, new: NewPlaceToken) -> Result<Issued, Error> {
        rights::require_manager(self.kind, &self.standing)?;
        self.authority.issue(self.caller, self.wanted(new)?).await
    }

    /// Issues one that acts as a user who is at home here.
    ///
    /// # Errors
    /// [`Error::RoleTooLow`], [`Error::NotPermitted`] for bots,
    /// [`Error::AboveOwnRole`], [`Error::NotFound`], [`Error::Invalid`], or a
    /// fault of ours.
    pub async fn issue_for(&self, owner: UserId, new: NewPlaceToken) -> Result<Issued, Error> {
        rights::require_manager(self.kind, &self.standing)?;
        self.authority
            .issue(self.caller, self.wanted_for(owner, new))
            .await
    }

    /// Ends one, or deletes it.
    ///
    /// # Errors
    /// [`Error::RoleTooLow`], [`Error::NotFound`], or a fault of ours.
    pub async fn end(&self, id: TokenId, means: DeleteMeans) -> Result<(), Error> {
        self.manageable(id).await?;
        self.authority.end_token(self.caller, id, means).await
    }

    /// Puts another in the place of one.
    ///
    /// # Errors
    /// [`Error::RoleTooLow`], [`Error::NotFound`], [`Error::AboveOwnRole`],
    /// [`Error::AlreadyRevoked`], [`Error::Invalid`] for a bad date, or a
    /// fault of ours.
    pub async fn rotate(&self, id: TokenId, expires: Option<Date>) -> Result<Issued, Error> {
        self.manageable(id).await?;
        self.authority.rotate_token(self.caller, id, expires).await
    }

    /// What is asked for, answered for by the caller.
    pub(super) fn wanted(&self, new: NewPlaceToken) -> Result<Wanted, Error> {
        Ok(self.wanted_for(answering(self.caller)?, new))
    }

    fn wanted_for(&self, owner: UserId, new: NewPlaceToken) -> Wanted {
        Wanted {
            kind: self.kind,
            owner,
            subject: Some(self.standing.place.into()),
            name: new.name,
            description: new.description,
            scopes: new.scopes,
            expires: new.expires,
            if_exists: new.if_exists,
        }
    }

    pub(super) async fn manageable(&self, id: TokenId) -> Result<Token, Error> {
        rights::require_manager(self.kind, &self.standing)?;
        self.find(id).await
    }

    /// A token's kind and place never change, so what is found stays true.
    pub(super) async fn find(&self, id: TokenId) -> Result<Token, Error> {
        let token = self.authority.recall_token(id).await?;
        if token.kind == self.kind && token.subject == Some(Subject::Place(self.standing.place)) {
            Ok(token)
        } else {
            Err(Error::NotFound(Thing::Token))
        }
    }
}

/// The user who answers for a token that the caller is to have: the server's
/// console is nobody.
pub(crate) fn answering(caller: &Caller) -> Result<UserId, Error> {
    let user = caller.user().map(|user| user.id);
    user.ok_or(Error::NotPermitted("answer for a token without a user"))
}
