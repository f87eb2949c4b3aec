//! The orders that lists can be asked for in.

use tokenry_domain::{
    Token, User,
    page::{Direction, Position},
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

fn direction(name: &str) -> Option<Direction> {
    match name {
        "asc" => Some(Direction::Ascending),
        "desc" => Some(Direction::Descending),
        _ => None,
    }
}
