//! Lists of service accounts, and one of them.

use tokenry_domain::{
    User, UserId,
    page::{Page, Window},
    user_filter::{UserFilter, UserOrder},
};

use super::{find, require};
use crate::{Authority, Caller, Error, places::Standing};

impl Authority {
    /// One window of the service accounts of a place, or of the instance.
    ///
    /// # Errors
    /// [`Error::AdminOnly`], [`Error::RoleTooLow`], [`Error::TooDeep`],
    /// [`Error::Cursor`], or a fault of ours.
    pub async fn list_service_accounts(
        &self,
        caller: &Caller,
        home: Option<Standing>,
        order: UserOrder,
        window: &Window,
    ) -> Result<Page<User>, Error> {
        require(caller, home.as_ref())?;
        let filter = UserFilter {
            service_accounts_of: Some(home.map(|standing| standing.place)),
            ..UserFilter::default()
        };
        self.list_users(caller, filter, order, window).await
    }

    /// The service account of this id, if it is of this place, or of the
    /// instance where there is none.
    ///
    /// # Errors
    /// [`Error::AdminOnly`], [`Error::RoleTooLow`], [`Error::NotFound`], or a
    /// fault of ours.
    pub async fn service_account(
        &self,
        caller: &Caller,
        home: Option<Standing>,
        id: UserId,
    ) -> Result<User, Error> {
        require(caller, home.as_ref())?;
        find(&mut self.store.read().await?, home, id).await
    }
}
