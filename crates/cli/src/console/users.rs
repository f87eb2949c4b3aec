//! What the console does with users.

use tokenry_authority::{self as authority, Caller, Error, Thing};
use tokenry_domain::{
    User, UserId, UserState,
    page::Direction,
    user::{Profile, StateChange},
    user_filter::{UserFilter, UserOrder, UserSortKey},
};

use super::{
    Desk, Listed, NewUser, Outcome, UserChange, UserQuery,
    tokens::{invalid, window},
};
use crate::exit::Failure;

/// Users are listed as they came.
const ORDER: UserOrder = UserOrder {
    key: UserSortKey::Id,
    direction: Direction::Ascending,
};

impl Desk {
    /// The user with this id or username. Digits are always an id, so that
    /// nobody is taken for another who chose a number for a name.
    pub(super) async fn find_user(&self, who: &str) -> Result<User, Error> {
        if !who.is_empty() && who.bytes().all(|letter| letter.is_ascii_digit()) {
            let id = who.parse().ok().and_then(UserId::new);
            let id = id.ok_or(Error::NotFound(Thing::User))?;
            return self.authority.show_user(id).await;
        }
        self.authority.find_user(who).await
    }

    pub(super) async fn create_user(
        &self,
        caller: &Caller,
        new: NewUser,
    ) -> Result<Outcome, Failure> {
        let profile = Profile {
            username: new.username,
            name: new.name,
            email: new.email,
            admin: new.admin,
            external: new.external,
        };
        let new = authority::users::NewUser {
            profile,
            password: None,
        };
        let user = self.authority.create_user(caller, new).await?;
        Ok(Outcome::User(user.into()))
    }

    pub(super) async fn list_users(
        &self,
        caller: &Caller,
        query: UserQuery,
    ) -> Result<Outcome, Failure> {
        let state = match query.state.as_deref() {
            Some(name) => Some(
                UserState::from_name(name)
                    .ok_or_else(|| invalid("state", &"names no state of a user"))?,
            ),
            None => None,
        };
        let filter = UserFilter {
            search: query.search,
            state,
            ..UserFilter::default()
        };
        let window = window(&query.part, ORDER.name())?;
        let page = self
            .authority
            .list_users(caller, filter, ORDER, &window)
            .await?;
        let last = page.rows.last().filter(|_| page.more);
        let next = last.map(|user| ORDER.position(user).to_cursor(ORDER.name()));
        let rows = page.rows.into_iter().map(Into::into).collect();
        Ok(Outcome::Users(Listed { rows, next }))
    }

    pub(super) async fn change_user(
        &self,
        caller: &Caller,
        who: &str,
        change: UserChange,
    ) -> Result<Outcome, Failure> {
        let change = match change {
            UserChange::Block => StateChange::Block,
            UserChange::Unblock => StateChange::Unblock,
        };
        let user = self.find_user(who).await?;
        let user = self
            .authority
            .change_user_state(caller, user.id, change)
            .await?;
        Ok(Outcome::User(user.into()))
    }

    pub(super) async fn delete_user(&self, caller: &Caller, who: &str) -> Result<Outcome, Failure> {
        let user = self.find_user(who).await?;
        self.authority.remove_user(caller, user.id).await?;
        Ok(Outcome::Deleted { id: user.id.get() })
    }
}
