//! Issuing a token of whichever kind is asked for.
//!
//! The line of the kind says how one comes about, and with that, which use case
//! does it: the one behind GitLab's route for that kind, with its rules and
//! rights. Nothing is allowed here that isn't there.

mod asked;
mod with_holder;

use std::sync::Arc;

use jiff::Timestamp;
use tokenry_domain::{
    AccessLevel, IfExists, Invalid, Kind, PlaceName, Scopes, Token, UserId, UserType,
    expiry::{self, Expires},
    kind::{Issuing, Keepers},
};

use crate::{
    Authority, Caller, Error,
    places::UserName,
    tokens::{Issued, NewAccessToken, NewPlaceToken, PlaceTokens, Wanted, answering, sole_token},
};

/// What is asked for of a new token of any kind. Which of it there may be, and
/// which there must be, the kind says.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// What sort of token.
    pub kind: Kind,
    /// What it is to be called, or what is made with it.
    pub name: Option<String>,
    /// What is said of it.
    pub description: Option<String>,
    /// What it may be used for.
    pub scopes: Option<Scopes>,
    /// When it is to stop working; `Some(None)` asks for never.
    pub expires: Option<Option<Timestamp>>,
    /// The user it is to act as; whoever asks, if nobody is named.
    pub owner: Option<UserName>,
    /// What it is to belong to.
    pub subject: Option<SubjectName>,
    /// The role of its bot.
    pub level: Option<AccessLevel>,
    /// The username it is presented with.
    pub username: Option<String>,
    /// The branch or tag of its job.
    pub r#ref: Option<String>,
    /// How long its job may run, in seconds.
    pub timeout: Option<i64>,
    /// What becomes of others of its name.
    pub if_exists: IfExists,
    /// How the server is known.
    pub site: Site,
}

/// What came of asking for a token.
#[derive(Debug)]
pub enum Given {
    /// A new one.
    New(Issued),
    /// One of this name that was there, and stays as it was. Its text isn't told.
    Kept(Token),
}

/// How a request names what a token is to belong to: in the words of the lists.
#[derive(Debug, Clone)]
pub struct SubjectName {
    /// What sort of thing it is: `project`, `group`, or what holds a token.
    pub sort: String,
    /// Which.
    pub name: PlaceName,
}

/// How the server is known to whoever asks.
#[derive(Debug, Clone, Default)]
pub struct Site {
    /// Its address, which the tokens of jobs name.
    pub issuer: String,
    /// Its name, in the addresses of bots.
    pub host: Option<String>,
}

impl Authority {
    /// Issues a token of the kind that is asked for, unless there is one that
    /// is to be kept.
    ///
    /// # Errors
    /// [`Error::TokenExists`] where there is one and that is a mistake,
    /// [`Error::IssuedOtherwise`] for kinds that nobody can ask for so,
    /// [`Error::Invalid`] naming each field that is missing, wrong, or not for
    /// this kind, and what the kind's own use case answers.
    pub async fn issue_any(
        self: &Arc<Self>,
        caller: &Caller,
        new: NewToken,
    ) -> Result<Given, Error> {
        let keeps = new.if_exists == IfExists::Keep;
        match self.issue_beside(caller, new).await {
            Ok(issued) => Ok(Given::New(issued)),
            Err(Error::TokenExists(token)) if keeps => {
                let mut token = *token;
                self.last_used.complete(&mut token);
                Ok(Given::Kept(token))
            }
            Err(error) => Err(error),
        }
    }

    async fn issue_beside(
        self: &Arc<Self>,
        caller: &Caller,
        new: NewToken,
    ) -> Result<Issued, Error> {
        let issuing = new.kind.descriptor().issuing;
        if let Issuing::Otherwise(way) = issuing {
            return Err(Error::IssuedOtherwise(way));
        }
        new.check()?;
        match issuing {
            Issuing::User => self.issue_to_user(caller, new).await,
            Issuing::ServiceAccount => self.issue_to_account(caller, new).await,
            Issuing::Bot => {
                let tokens = self.tokens_where(caller, &new).await?;
                tokens.issue_with_bot(new.with_bot()).await
            }
            Issuing::Place => {
                let tokens = self.tokens_where(caller, &new).await?;
                let username = new.username.clone();
                tokens.issue_with_username(new.plain(), username).await
            }
            Issuing::Top if new.subject.is_none() => {
                let kind = new.kind;
                self.issue_instance_token(caller, kind, new.plain()).await
            }
            Issuing::Top => {
                let tokens = self.tokens_where(caller, &new).await?;
                tokens.issue_at_top(new.plain()).await
            }
            Issuing::Sole if new.if_exists == IfExists::Add => {
                self.renew_sole_token(caller, new.kind).await
            }
            Issuing::Sole => {
                let wanted = sole_token(new.kind, answering(caller)?);
                let if_exists = new.if_exists;
                self.issue(
                    caller,
                    Wanted {
                        if_exists,
                        ..wanted
                    },
                )
                .await
            }
            Issuing::Holder => self.issue_to_holder(caller, new).await,
            Issuing::WithHolder(again) => self.issue_with_holder(caller, new, again).await,
            Issuing::WithJob => self.issue_with_job(caller, new).await,
            Issuing::Otherwise(way) => Err(Error::IssuedOtherwise(way)),
        }
    }

    /// What users give themselves, they give themselves; administrators may
    /// give it to anybody.
    async fn issue_to_user(&self, caller: &Caller, new: NewToken) -> Result<Issued, Error> {
        let owner = match &new.owner {
            Some(name) => self.user_named(name).await?.id,
            None => answering(caller)?,
        };
        let own = new.kind.descriptor().keepers == Keepers::Owner && !caller.is_admin();
        let wanted = new.wanted(owner);
        if own {
            self.issue_own_token(caller, wanted).await
        } else {
            self.issue_token(caller, wanted).await
        }
    }

    /// Those of a project or group are given tokens there, those of the
    /// instance by administrators.
    async fn issue_to_account(
        self: &Arc<Self>,
        caller: &Caller,
        new: NewToken,
    ) -> Result<Issued, Error> {
        let name = new.owner.as_ref().ok_or_else(asked::no_owner)?;
        let owner = self.user_named(name).await?;
        if owner.user_type != UserType::ServiceAccount {
            return Err(Invalid::field("owner", "is no service account").into());
        }
        let standing = match owner.home {
            Some(home) => Some(self.place(caller, &home.into()).await?),
            None => None,
        };
        if let Some(subject) = &new.subject {
            let named = self.place(caller, &new.place(subject)?).await?;
            if Some(named.place) != owner.home {
                let problem = "isn't where this service account belongs; it may be left out";
                return Err(Invalid::field("subject", problem).into());
            }
        }
        match standing {
            Some(standing) => {
                let tokens = self.tokens_in(caller, standing, new.kind);
                tokens.issue_for(owner.id, new.plain()).await
            }
            None => self.issue_token(caller, new.wanted(owner.id)).await,
        }
    }

    /// The tokens of this kind where the new one is to belong.
    async fn tokens_where<'a>(
        self: &'a Arc<Self>,
        caller: &'a Caller,
        new: &NewToken,
    ) -> Result<PlaceTokens<'a>, Error> {
        let subject = new.subject.as_ref().ok_or_else(|| new.no_subject())?;
        let standing = self.place(caller, &new.place(subject)?).await?;
        Ok(self.tokens_in(caller, standing, new.kind))
    }
}

impl NewToken {
    /// What all rows of the ledger have.
    fn plain(self) -> NewPlaceToken {
        NewPlaceToken {
            expires: self.expires_at(),
            if_exists: self.if_exists,
            name: self.name.unwrap_or_default(),
            description: self.description,
            scopes: self.scopes.unwrap_or_default(),
        }
    }

    fn wanted(self, owner: UserId) -> Wanted {
        let kind = self.kind;
        let plain = self.plain();
        Wanted {
            kind,
            owner,
            subject: None,
            name: plain.name,
            description: plain.description,
            scopes: plain.scopes,
            expires: plain.expires,
            if_exists: plain.if_exists,
        }
    }

    fn with_bot(self) -> NewAccessToken {
        NewAccessToken {
            name: self.name.unwrap_or_default(),
            description: self.description,
            scopes: self.scopes.unwrap_or_default(),
            expires: self.expires.map(|at| at.map(expiry::date)),
            level: self.level.unwrap_or(AccessLevel::Maintainer),
            host: self.site.host,
            if_exists: self.if_exists,
        }
    }

    /// Kinds that end on a date take the date of this moment.
    fn expires_at(&self) -> Expires {
        Expires::At(self.expires.flatten())
    }
}
