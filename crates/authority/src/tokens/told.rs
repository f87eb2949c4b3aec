//! What else is told of a token that was identified by its value.

use tokenry_domain::{Subject, holder::Holder, token::Card};
use tokenry_store::holders;

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
}
