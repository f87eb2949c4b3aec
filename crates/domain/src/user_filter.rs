//! Which users a list shows, and in what order (spec/rest.md section 4.2).

use jiff::Timestamp;

use crate::{
    page::{Direction, Position, SortValue},
    place::Place,
    user::{User, UserState},
};

/// A list's conditions; all must hold. The default shows every user.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserFilter {
    /// Exactly this username, whatever the case.
    pub username: Option<String>,
    /// Name or username contains this, whatever the case.
    pub search: Option<String>,
    /// Whether [`UserFilter::search`] also finds whoever has exactly this
    /// e-mail address.
    pub emails: bool,
    /// Only users in this state.
    pub state: Option<UserState>,
    /// Only administrators.
    pub admins: bool,
    /// Only users from outside, or only the others.
    pub external: Option<bool>,
    /// Only people, or only the others.
    pub humans: Option<bool>,
    /// No bots of projects and groups.
    pub without_project_bots: bool,
    /// Only service accounts of this place, or, for none, of the instance.
    pub service_accounts_of: Option<Option<Place>>,
    /// Created at this moment or later.
    pub created_after: Option<Timestamp>,
    /// Created at this moment or earlier.
    pub created_before: Option<Timestamp>,
}

/// What a user list is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserSortKey {
    /// The id.
    Id,
    /// The name people read.
    Name,
    /// The name in URLs.
    Username,
    /// When the user was created.
    Created,
}

/// A sort key and a direction. Ties are broken by id in the same direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UserOrder {
    /// What is compared.
    pub key: UserSortKey,
    /// Which way.
    pub direction: Direction,
}

impl Default for UserOrder {
    /// As GitLab: the newest id first.
    fn default() -> Self {
        Self {
            key: UserSortKey::Id,
            direction: Direction::Descending,
        }
    }
}

impl UserSortKey {
    /// The key with this name on the wire.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "id" => Some(Self::Id),
            "name" => Some(Self::Name),
            "username" => Some(Self::Username),
            "created_at" => Some(Self::Created),
            _ => None,
        }
    }
}

impl UserOrder {
    /// Its name in cursors.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match (self.key, self.direction) {
            (UserSortKey::Id, Direction::Ascending) => "user_id_asc",
            (UserSortKey::Id, Direction::Descending) => "user_id_desc",
            (UserSortKey::Name, Direction::Ascending) => "user_name_asc",
            (UserSortKey::Name, Direction::Descending) => "user_name_desc",
            (UserSortKey::Username, Direction::Ascending) => "user_username_asc",
            (UserSortKey::Username, Direction::Descending) => "user_username_desc",
            (UserSortKey::Created, Direction::Ascending) => "user_created_asc",
            (UserSortKey::Created, Direction::Descending) => "user_created_desc",
        }
    }

    /// Where a user stands in a list of this order.
    #[must_use]
    pub fn position(self, user: &User) -> Position {
        let value = match self.key {
            UserSortKey::Id => SortValue::Number(user.id.get()),
            UserSortKey::Name => SortValue::Text(user.name.clone()),
            UserSortKey::Username => SortValue::Text(user.username.clone()),
            UserSortKey::Created => SortValue::Number(user.created_at.as_microsecond()),
        };
        Position {
            value,
            id: user.id.get(),
        }
    }
}
