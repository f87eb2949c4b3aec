//! What else is told of tokens: what they belong to.

use std::collections::HashMap;

use tokenry_domain::{Subject, Token, holder::Holder, token::Card};
use tokenry_store::{holders, subjects};

use crate::{Authority, Caller, Error};

impl Authority {
    /// What holds a token that was identified, for administrators; none if
    /// nothing does.
    ///
    /// # Errors
    /// [`Error::AdminOnly`], or a fault of ours.
    pub async fn identified_holder(
        &self,
        caller: &Caller,
        card: &Card,
    ) -> Result<Option<Holder>, Error> {
        caller.require_admin()?;
        let Some(Subject::Holder(id)) = card.subject else {
            return Ok(None);
        };
        Ok(holders::by_id(&mut self.store.read().await?, id).await?)
    }

    /// What people call that which these tokens belong to, for administrators:
    /// a project or group goes by its full path.
    ///
    /// # Errors
    /// [`Error::AdminOnly`], or a fault of ours.
    pub async fn subject_names(
        &self,
        caller: &Caller,
        tokens: &[Token],
    ) -> Result<HashMap<Subject, String>, Error> {
        caller.require_admin()?;
        let subjects: Vec<_> = tokens.iter().filter_map(|token| token.subject).collect();
        Ok(subjects::names(&mut self.store.read().await?, subjects).await?)
    }
}
