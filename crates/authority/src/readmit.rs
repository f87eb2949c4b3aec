//! Whether a caller would be let in still, for answers that take long to give.

use tokenry_domain::token::Card;
use tokenry_store::tokens;

use crate::{
    Authority, Caller, Error, Refusal,
    authenticate::{require_active, require_works},
};

impl Authority {
    /// Refuses a caller whose token or account was ended since they were let
    /// in, or whose administrator's rights were taken away.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::AdminOnly`], or a fault of ours.
    pub async fn readmit(&self, caller: &Caller) -> Result<(), Error> {
        let Some(presented) = caller.token() else {
            return Ok(());
        };
        // The row, not the index: a revocation is there from its commit on.
        let row = tokens::by_id(&mut self.store.read().await?, presented.id).await?;
        let card = Card::from(row.ok_or(Refusal::Unknown)?);
        require_works(&card, self.now())?;
        let bearer = self.directory.get(card.owner).ok_or(Refusal::Unknown)?;
        require_active(&bearer)?;
        let mut admin = self.has_admin_rights(&bearer, &card);
        if let Some(other) = caller.actor().user.filter(|id| *id != card.owner) {
            if !admin {
                return Err(Error::AdminOnly);
            }
            let acting = self.directory.get(other).ok_or(Refusal::Unknown)?;
            require_active(&acting)?;
            admin = acting.admin;
        }
        if caller.is_admin() && !admin {
            return Err(Error::AdminOnly);
        }
        Ok(())
    }
}
