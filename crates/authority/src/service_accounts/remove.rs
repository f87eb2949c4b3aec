//! Removing a service account, with all that goes with it.

use tokenry_domain::UserId;
use tokenry_store::standings;

use super::{find, require};
use crate::{Authority, Caller, Error, places::Standing};

impl Authority {
    /// Removes a service account as a user is removed. The last owner of a
    /// group goes only if that is insisted on.
    ///
    /// # Errors
    /// [`Error::AdminOnly`], [`Error::RoleTooLow`], [`Error::NotFound`],
    /// [`Error::SoleOwner`], or a fault of ours.
    pub async fn remove_service_account(
        &self,
        caller: &Caller,
        home: Option<Standing>,
        id: UserId,
        insist: bool,
    ) -> Result<(), Error> {
        require(caller, home.as_ref())?;
        let mut conn = self.store.read().await?;
        find(&mut conn, home, id).await?;
        if !insist && standings::is_sole_owner(&mut conn, id, self.now()).await? {
            return Err(Error::SoleOwner);
        }
        drop(conn);
        self.remove_whole_user(caller, id).await
    }
}
