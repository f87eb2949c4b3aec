//! A group's owners end a token that was found somewhere
//! (spec/token-information-api.md section 5).

use tokenry_domain::PlaceName;

use super::Grounds;
use crate::{Authority, Caller, Error, Thing, places::OWNS};

impl Authority {
    /// Ends the token with this text, for the owners of a group at the top, as
    /// [`Authority::revoke_token`] does, if it belongs to what lies in the group, or to one of its members. What
    /// else there may be isn't told. What is revoked already stays so.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::RoleTooLow`], [`Error::NotPermitted`] for
    /// a group in another, [`Error::NoKnownPrefix`], or a fault of ours.
    pub async fn revoke_in_group(
        &self,
        caller: &Caller,
        name: &PlaceName,
        text: &str,
    ) -> Result<(), Error> {
        let (group, standing) = self.group(caller, name).await?;
        standing.require(OWNS)?;
        if group.parent.is_some() {
            return Err(Error::NotPermitted(
                "revoke tokens in a group that lies in another",
            ));
        }
        self.recognise(text)?;
        let found = self.find_by_text(text, None).await?;
        let (_, card) = found.ok_or(Error::NotFound(Thing::Token))?;
        self.end_on(caller, card.id, Grounds::Reach(group.id)).await
    }
}
