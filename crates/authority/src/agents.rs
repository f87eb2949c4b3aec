//! The tokens of a project's cluster agents (spec/rest.md section 3.11).
//!
//! Whoever develops there sees them, whoever maintains the project issues and
//! revokes them: the line of their kind says so.

use tokenry_domain::{
    DeleteMeans, HolderId, IfExists, Kind, PlaceName, Project, Scopes, State, States, Token,
    TokenId,
    expiry::Expires,
    holder::{Holder, HolderKind},
    page::{Page, Window},
    token_filter::{TokenFilter, TokenOrder},
};

use crate::{
    Authority, Caller, Error, Thing,
    holders::Right,
    tokens::{Issued, Wanted},
};

/// An agent of a project, as a request names it.
#[derive(Debug, Clone)]
pub struct AgentName {
    /// The project.
    pub project: PlaceName,
    /// The agent.
    pub agent: HolderId,
}

impl Authority {
    /// The agent of this project, if the caller may see it, and the project.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::RoleTooLow`], or a fault of ours.
    pub async fn agent(
        &self,
        caller: &Caller,
        name: &AgentName,
    ) -> Result<(Project, Holder), Error> {
        self.agent_for(caller, Right::See, name).await
    }

    /// The agent of this project, if the caller may manage it, and the project.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::RoleTooLow`], or a fault of ours.
    pub async fn managed_agent(
        &self,
        caller: &Caller,
        name: &AgentName,
    ) -> Result<(Project, Holder), Error> {
        self.agent_for(caller, Right::Manage, name).await
    }

    async fn agent_for(
        &self,
        caller: &Caller,
        right: Right,
        name: &AgentName,
    ) -> Result<(Project, Holder), Error> {
        let kind = HolderKind::ClusterAgent;
        let (project, standing) = self.project(caller, &name.project).await?;
        crate::holders::require(caller, right, kind, None, Some(&standing))?;
        let agent = self.holder_for(caller, right, kind, name.agent).await;
        match agent {
            Ok(agent) if agent.place == Some(project.place()) => Ok((project, agent)),
            // Whoever may see it where it is learns nothing of it here.
            Ok(_) | Err(Error::RoleTooLow(_) | Error::NotFound(_)) => {
                Err(Error::NotFound(Thing::Holder(kind)))
            }
            Err(other) => Err(other),
        }
    }

    /// One window of the tokens of an agent that work.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::RoleTooLow`], [`Error::TooDeep`],
    /// [`Error::Cursor`], or a fault of ours.
    pub async fn list_agent_tokens(
        &self,
        caller: &Caller,
        name: &AgentName,
        order: TokenOrder,
        window: &Window,
    ) -> Result<Page<Token>, Error> {
        let (_, agent) = self.agent(caller, name).await?;
        let filter = TokenFilter {
            kinds: vec![Kind::ClusterAgent],
            subject: Some(agent.id.into()),
            states: States::ACTIVE,
            ..TokenFilter::default()
        };
        self.page_of_tokens(&filter, order, window).await
    }

    /// One token of an agent, if it works.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::RoleTooLow`], or a fault of ours.
    pub async fn show_agent_token(
        &self,
        caller: &Caller,
        name: &AgentName,
        id: TokenId,
    ) -> Result<Token, Error> {
        let (_, agent) = self.agent(caller, name).await?;
        let token = of_agent(self.show_token(caller, id).await, &agent)?;
        match token.state(self.now()) {
            State::Active => Ok(token),
            State::Expired | State::Revoked => Err(Error::NotFound(Thing::Token)),
        }
    }

    /// Issues a token to an agent. It has two at most that work, so that one
    /// can take the other's place.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::RoleTooLow`], [`Error::TooManyTokens`],
    /// [`Error::TokenExists`], [`Error::Invalid`], or a fault of ours.
    pub async fn issue_agent_token(
        &self,
        caller: &Caller,
        name: &AgentName,
        title: String,
        description: Option<String>,
        if_exists: IfExists,
    ) -> Result<Issued, Error> {
        let (_, agent) = self.managed_agent(caller, name).await?;
        let owner = caller.user().map(|user| user.id);
        let wanted = Wanted {
            kind: Kind::ClusterAgent,
            owner: owner.ok_or(Error::NotPermitted("issue this without being a user"))?,
            subject: Some(agent.id.into()),
            name: title,
            description,
            scopes: Scopes::NONE,
            expires: Expires::At(None),
            if_exists,
        };
        self.issue(caller, wanted).await
    }

    /// Ends a token of an agent, or deletes it. Ending it twice is no mistake.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::RoleTooLow`], or a fault of ours.
    pub async fn end_agent_token(
        &self,
        caller: &Caller,
        name: &AgentName,
        id: TokenId,
        means: DeleteMeans,
    ) -> Result<(), Error> {
        let (_, agent) = self.managed_agent(caller, name).await?;
        let token = of_agent(self.show_token(caller, id).await, &agent)?;
        self.end_token(caller, token.id, means).await
    }
}

/// A token that was found, if it is this agent's.
fn of_agent(found: Result<Token, Error>, agent: &Holder) -> Result<Token, Error> {
    match found {
        Ok(token) if token.subject == Some(agent.id.into()) => Ok(token),
        Ok(_) | Err(Error::NotPermitted(_)) => Err(Error::NotFound(Thing::Token)),
        Err(other) => Err(other),
    }
}
