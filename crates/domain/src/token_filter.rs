//! Which tokens a list shows, and in what order (spec/rest.md section 2.2).
//!
//! All conditions must hold. A row without an expiry or a last use never
//! matches a condition on it.

use jiff::Timestamp;

use crate::{
    ids::UserId,
    kind::Kind,
    page::{Direction, Position, SortValue},
    subject::Subject,
    token::{State, Token},
};

/// A list's conditions. The default shows every token.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TokenFilter {
    /// Only these kinds; empty means all.
    pub kinds: Vec<Kind>,
    /// Only this user's.
    pub owner: Option<UserId>,
    /// Only those that belong to this.
    pub subject: Option<Subject>,
    /// Only those that belong to nothing.
    pub without_subject: bool,
    /// Only revoked ones, or only those that aren't.
    pub revoked: Option<bool>,
    /// Only those that work, or only those that don't.
    pub active: Option<bool>,
    /// Only names that contain each of these words, whatever the case.
    pub words: Vec<String>,
    /// When they were issued, both ends included.
    pub created: Between,
    /// When they expire, the end excluded.
    pub expires: Between,
    /// When they were used last, both ends included.
    pub last_used: Between,
}

/// A span of time, open where no end is given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Between {
    /// Not before this.
    pub after: Option<Timestamp>,
    /// Not after this.
    pub before: Option<Timestamp>,
}

/// What a token list is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortKey {
    /// The id.
    Id,
    /// When it was issued.
    Created,
    /// When it expires; "never" is after every date.
    Expires,
    /// When it was used last; "never" is before every date.
    LastUsed,
    /// The name, by its UTF-8 bytes.
    Name,
}

/// A sort key and a direction. Ties are broken by id in the same direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenOrder {
    /// What is compared.
    pub key: SortKey,
    /// Which way.
    pub direction: Direction,
}

/// Every order and its name on the wire.
const ORDERS: [(&str, SortKey, Direction); 10] = [
    ("id_asc", SortKey::Id, Direction::Ascending),
    ("id_desc", SortKey::Id, Direction::Descending),
    ("created_asc", SortKey::Created, Direction::Ascending),
    ("created_desc", SortKey::Created, Direction::Descending),
    ("expires_asc", SortKey::Expires, Direction::Ascending),
    ("expires_desc", SortKey::Expires, Direction::Descending),
    ("last_used_asc", SortKey::LastUsed, Direction::Ascending),
    ("last_used_desc", SortKey::LastUsed, Direction::Descending),
    ("name_asc", SortKey::Name, Direction::Ascending),
    ("name_desc", SortKey::Name, Direction::Descending),
];

impl Default for TokenOrder {
    fn default() -> Self {
        Self {
            key: SortKey::Id,
            direction: Direction::Ascending,
        }
    }
}

impl TokenOrder {
    /// The order with this name, such as `created_desc`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let (_, key, direction) = ORDERS.into_iter().find(|(own, ..)| *own == name)?;
        Some(Self { key, direction })
    }

    /// Its name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        ORDERS
            .into_iter()
            .find(|(_, key, direction)| (*key, *direction) == (self.key, self.direction))
            .map_or("id_asc", |(name, ..)| name)
    }

    /// Every order.
    pub fn all() -> impl Iterator<Item = Self> {
        ORDERS
            .into_iter()
            .map(|(_, key, direction)| Self { key, direction })
    }

    /// Where a token stands in a list of this order.
    #[must_use]
    pub fn position(self, token: &Token) -> Position {
        let value = match self.key {
            SortKey::Id => SortValue::Number(token.id.get()),
            SortKey::Created => SortValue::Number(token.life.created_at.as_microsecond()),
            SortKey::Expires => SortValue::Number(micros_or(token.life.expires_at, NEVER_EXPIRES)),
            SortKey::LastUsed => SortValue::Number(micros_or(token.last_use.at, NEVER_USED)),
            SortKey::Name => SortValue::Text(token.name.clone()),
        };
        Position {
            value,
            id: token.id.get(),
        }
    }
}

/// Where tokens without an expiry stand when sorted by it.
pub const NEVER_EXPIRES: i64 = i64::MAX;
/// Where tokens that were never used stand when sorted by last use.
pub const NEVER_USED: i64 = 0;

fn micros_or(time: Option<Timestamp>, otherwise: i64) -> i64 {
    time.map_or(otherwise, Timestamp::as_microsecond)
}

impl TokenFilter {
    /// Whether a token is shown. The database decides with SQL of the same
    /// meaning; this is the plain reference that tests hold it against.
    #[must_use]
    pub fn matches(&self, token: &Token, now: Timestamp) -> bool {
        let name = token.name.to_lowercase();
        let works = token.state(now) == State::Active;
        (self.kinds.is_empty() || self.kinds.contains(&token.kind))
            && self.owner.is_none_or(|owner| owner == token.owner)
            && self
                .subject
                .is_none_or(|subject| Some(subject) == token.subject)
            && (!self.without_subject || token.subject.is_none())
            && self
                .revoked
                .is_none_or(|wanted| wanted == token.life.revoked_at.is_some())
            && self.active.is_none_or(|wanted| wanted == works)
            && self
                .words
                .iter()
                .all(|word| name.contains(&word.to_lowercase()))
            && self.created.holds(Some(token.life.created_at), true)
            && self.expires.holds(token.life.expires_at, false)
            && self.last_used.holds(token.last_use.at, true)
    }
}

impl Between {
    fn holds(&self, time: Option<Timestamp>, end_included: bool) -> bool {
        if self.after.is_none() && self.before.is_none() {
            return true;
        }
        let Some(time) = time else { return false };
        let before_end = |end: Timestamp| {
            if end_included {
                time <= end
            } else {
                time < end
            }
        };
        self.after.is_none_or(|start| time >= start) && self.before.is_none_or(before_end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_read_back_from_their_names() {
        for order in TokenOrder::all() {
            assert_eq!(TokenOrder::from_name(order.name()), Some(order));
        }
        assert_eq!(TokenOrder::from_name("updated_asc"), None);
    }

    #[test]
    fn no_time_is_never_between() {
        let at = |s| Timestamp::from_second(s).ok();
        let span = Between {
            after: at(10),
            before: at(20),
        };
        assert!(!span.holds(None, true));
        assert!(
            span.holds(at(10), false) && span.holds(at(20), true) && !span.holds(at(20), false)
        );
        assert!(Between::default().holds(None, false));
    }
}
