//! The orders that lists can be asked for in.

use std::marker::PhantomData;

use tokenry_domain::{
    Member, Token, User,
    holder::Holder,
    page::{Direction, Position},
    place_order::{PlaceOrder, PlaceSortKey, Sorted},
    token_filter::{SortKey, TokenOrder},
    user_filter::{UserOrder, UserSortKey},
};

use crate::params::Reader;

/// An order that a list can be read in from any of its rows on.
pub(crate) trait KeysetOrder {
    /// What is listed.
    type Row;

    /// Its name in cursors.
    fn name(&self) -> &'static str;
    /// Whether rows are sorted by their id alone.
    fn is_by_id(&self) -> bool;
    /// Where a row stands.
    fn position(&self, row: &Self::Row) -> Position;
}

impl KeysetOrder for TokenOrder {
    type Row = Token;

    fn name(&self) -> &'static str {
        (*self).name()
    }

    fn is_by_id(&self) -> bool {
        self.key == SortKey::Id
    }

    fn position(&self, row: &Token) -> Position {
        (*self).position(row)
    }
}

impl KeysetOrder for UserOrder {
    type Row = User;

    fn name(&self) -> &'static str {
        (*self).name()
    }

    fn is_by_id(&self) -> bool {
        self.key == UserSortKey::Id
    }

    fn position(&self, row: &User) -> Position {
        (*self).position(row)
    }
}

/// The order of a list of groups or projects, whose rows are `T`.
#[derive(Debug)]
pub(crate) struct PlacesBy<T>(PlaceOrder, PhantomData<T>);

impl<T> PlacesBy<T> {
    pub(crate) const fn new(order: PlaceOrder) -> Self {
        Self(order, PhantomData)
    }

    pub(crate) const fn order(&self) -> PlaceOrder {
        self.0
    }
}

impl<T: Sorted> KeysetOrder for PlacesBy<T> {
    type Row = T;

    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn is_by_id(&self) -> bool {
        self.0.key == PlaceSortKey::Id
    }

    fn position(&self, row: &T) -> Position {
        self.0.position(row)
    }
}

/// The order of members: by the users' ids.
#[derive(Debug)]
pub(crate) struct MemberOrder;

impl KeysetOrder for MemberOrder {
    type Row = (Member, User);

    fn name(&self) -> &'static str {
        "member_id_asc"
    }

    fn is_by_id(&self) -> bool {
        true
    }

    fn position(&self, (_, user): &(Member, User)) -> Position {
        Position::of_id(user.id.get())
    }
}

/// The order of a token list: GitLab's `sort=created_desc`, or `order_by` and
/// `sort=asc|desc`. A `sort` that means nothing is ignored, as in GitLab; for
/// an `order_by` that does, there is none.
pub(crate) fn token_order(reader: &mut Reader<'_>) -> Option<TokenOrder> {
    let sort = reader.text("sort").unwrap_or_default();
    let usual = TokenOrder::default();
    let key = match reader.text("order_by") {
        None | Some("") => {
            let named = TokenOrder::from_name(sort);
            let by_id = TokenOrder {
                direction: direction(sort).unwrap_or(usual.direction),
                ..usual
            };
            return Some(named.unwrap_or(by_id));
        }
        Some("id") => SortKey::Id,
        Some("created_at") => SortKey::Created,
        Some("expires_at") => SortKey::Expires,
        Some("last_used_at") => SortKey::LastUsed,
        Some("name") => SortKey::Name,
        Some(_) => return None,
    };
    let direction = direction(sort).unwrap_or(usual.direction);
    Some(TokenOrder { key, direction })
}

/// The order of a user list: `order_by` and `sort=asc|desc`.
pub(crate) fn user_order(reader: &mut Reader<'_>) -> Option<UserOrder> {
    let usual = UserOrder::default();
    let sort = reader.choice("sort", &["asc", "desc"]).unwrap_or_default();
    let direction = direction(sort).unwrap_or(usual.direction);
    let key = match reader.text("order_by") {
        None | Some("") => Some(usual.key),
        Some(name) => UserSortKey::from_name(name),
    };
    key.map(|key| UserOrder { key, direction })
}

/// The order of a list of groups or projects: `order_by` and `sort=asc|desc`.
/// Without `order_by` it is the usual one; `sort` alone turns that around.
pub(crate) fn place_order<T>(reader: &mut Reader<'_>, usual: PlaceOrder) -> PlacesBy<T> {
    let sort = reader.choice("sort", &["asc", "desc"]).unwrap_or_default();
    let key = match reader.text("order_by") {
        None | Some("") => Some(usual.key),
        Some(name) => PlaceSortKey::from_name(name).or_else(|| reader.no_valid_value("order_by")),
    };
    PlacesBy::new(PlaceOrder {
        key: key.unwrap_or(usual.key),
        direction: direction(sort).unwrap_or(usual.direction),
    })
}

fn direction(name: &str) -> Option<Direction> {
    match name {
        "asc" => Some(Direction::Ascending),
        "desc" => Some(Direction::Descending),
        _ => None,
    }
}

/// Holders by their ids, either way.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HolderOrder {
    /// Which way.
    pub(crate) direction: Direction,
}

impl KeysetOrder for HolderOrder {
    type Row = Holder;

    fn name(&self) -> &'static str {
        match self.direction {
            Direction::Ascending => "id_asc",
            Direction::Descending => "id_desc",
        }
    }

    fn is_by_id(&self) -> bool {
        true
    }

    fn position(&self, row: &Holder) -> Position {
        Position::of_id(row.id.get())
    }
}

/// The order of a list of holders: the newest last, unless `sort=desc`.
pub(crate) fn holder_order(reader: &mut Reader<'_>) -> HolderOrder {
    let sort = reader.choice("sort", &["asc", "desc"]).unwrap_or_default();
    HolderOrder {
        direction: direction(sort).unwrap_or(Direction::Ascending),
    }
}
