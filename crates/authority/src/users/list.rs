//! Lists of users, and one user.

use std::sync::Arc;

use tokenry_domain::{
    User, UserId,
    page::{Page, Window},
    user_filter::{UserFilter, UserOrder, UserSortKey},
};
use tokenry_store::{user_list, users};

use crate::{
    Authority, Caller, Error, Thing,
    tokens::{check_search, check_window},
};

impl Authority {
    /// One window of the users. Anybody who is let in may see who is here;
    /// only administrators may ask whose an e-mail address is.
    ///
    /// # Errors
    /// [`Error::Invalid`] for too long a search, [`Error::TooDeep`],
    /// [`Error::Cursor`], or a fault of ours.
    pub async fn list_users(
        &self,
        caller: &Caller,
        filter: UserFilter,
        order: UserOrder,
        window: &Window,
    ) -> Result<Page<User>, Error> {
        let filter = UserFilter {
            admins: filter.admins && caller.is_admin(),
            emails: caller.is_admin(),
            ..filter
        };
        let texts = [&filter.search, &filter.username];
        check_search(texts.into_iter().flatten().map(String::as_str))?;
        let by_text = matches!(order.key, UserSortKey::Name | UserSortKey::Username);
        check_window(window, by_text)?;
        Ok(user_list::page(&mut self.store.read().await?, &filter, order, window).await?)
    }

    /// The user with this id.
    ///
    /// # Errors
    /// [`Error::NotFound`], or a fault of ours.
    pub async fn show_user(&self, id: UserId) -> Result<User, Error> {
        let user = users::by_id(&mut self.store.read().await?, id).await?;
        user.ok_or(Error::NotFound(Thing::User))
    }

    /// The user with this username, whatever the case.
    ///
    /// # Errors
    /// [`Error::NotFound`], or a fault of ours.
    pub async fn find_user(&self, username: &str) -> Result<User, Error> {
        let user = users::by_username(&mut self.store.read().await?, username).await?;
        user.ok_or(Error::NotFound(Thing::User))
    }

    /// The user with this id, from memory: what a row's owner is called.
    #[must_use]
    pub fn recall_user(&self, id: UserId) -> Option<Arc<User>> {
        self.directory.get(id)
    }
}
