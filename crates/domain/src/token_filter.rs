//! Which tokens a list shows, and in what order (spec/rest.md section 2.2).
//!
//! All conditions must hold. A row without an expiry or a last use never
//! matches a condition on it.

use std::net::IpAddr;

use jiff::Timestamp;
use tokenry_token::{Hint, Prefix};

use crate::{
    ids::{TokenId, UserId},
    kind::Kind,
    owner_state::OwnerState,
    page::{Direction, Position, SortValue},
    scope::Scopes,
    states::States,
    subject::Subject,
    token::Token,
};

/// A list's conditions. The default shows every token. Written as the fields
/// of [`crate::token_query`], it reads back the same.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TokenFilter {
    /// Only these kinds; empty means all.
    pub kinds: Vec<Kind>,
    /// Only these states.
    pub states: States,
    /// Only this user's.
    pub owner: Option<UserId>,
    /// Only those whose owner is in one of these states; empty means all.
    pub owner_states: Vec<OwnerState>,
    /// Only those that belong to this.
    pub subject: Option<Subject>,
    /// Only those that belong to nothing.
    pub without_subject: bool,
    /// Only those that have one of these; empty means all.
    pub scopes: Scopes,
    /// Only names that contain each of these texts, whatever the case.
    pub words: Vec<String>,
    /// Only those whose hint says so.
    pub hint: Option<HintPart>,
    /// Only those whose text begins with exactly this prefix.
    pub prefix: Option<Prefix>,
    /// When they were issued, both ends included.
    pub created: Between,
    /// When they expire, the end excluded.
    pub expires: Between,
    /// When they were revoked, both ends included.
    pub revoked: Between,
    /// Those that had stopped working by this moment, be it that they expired
    /// or were revoked.
    pub ended_before: Option<Timestamp>,
    /// When they were used last, both ends included.
    pub last_used: Between,
    /// Only those that were used at least once, or only those that never were.
    pub used: Option<bool>,
    /// Only the token with this id and those that go back to it by rotation.
    pub family: Option<TokenId>,
    /// Only those whose latest addresses include this.
    pub address: Option<IpAddr>,
}

/// A span of time, open where no end is given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Between {
    /// Not before this.
    pub after: Option<Timestamp>,
    /// Not after this.
    pub before: Option<Timestamp>,
}

/// What somebody knows of a hint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HintPart {
    /// All of it.
    Whole(Hint),
    /// The last characters of the token, all that hints show of them.
    Ending(String),
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

    /// The same from its end.
    #[must_use]
    pub const fn reversed(self) -> Self {
        let direction = match self.direction {
            Direction::Ascending => Direction::Descending,
            Direction::Descending => Direction::Ascending,
        };
        Self { direction, ..self }
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
    /// Whether a token whose owner is in this state is shown. The database
    /// decides with SQL of the same meaning; this is the plain reference that
    /// tests hold it against.
    #[must_use]
    pub fn matches(&self, token: &Token, owner: OwnerState, now: Timestamp) -> bool {
        self.names(token) && self.suits(token, owner) && self.is_at_its_time(token, now)
    }

    /// Whether what tells tokens apart is as wanted.
    fn names(&self, token: &Token) -> bool {
        let name = token.name.to_lowercase();
        let hint = &token.hint;
        self.words
            .iter()
            .all(|word| name.contains(&word.to_lowercase()))
            && self.hint.as_ref().is_none_or(|part| match part {
                HintPart::Whole(whole) => hint == whole,
                HintPart::Ending(ending) => hint.ending() == ending,
            })
            && self
                .prefix
                .as_ref()
                .is_none_or(|prefix| hint.prefix() == prefix.as_str())
            && self.family.is_none_or(|head| head == token.family_head())
    }

    /// Whether what it is and whose it is are as wanted.
    fn suits(&self, token: &Token, owner: OwnerState) -> bool {
        (self.kinds.is_empty() || self.kinds.contains(&token.kind))
            && self.owner.is_none_or(|owner| owner == token.owner)
            && (self.owner_states.is_empty() || self.owner_states.contains(&owner))
            && self
                .subject
                .is_none_or(|subject| Some(subject) == token.subject)
            && (!self.without_subject || token.subject.is_none())
            && (self.scopes.is_empty() || self.scopes.meets(token.scopes))
    }

    /// Whether its times, and what follows from them, are as wanted.
    fn is_at_its_time(&self, token: &Token, now: Timestamp) -> bool {
        let (life, last) = (&token.life, &token.last_use);
        let ended_by = |end| {
            let ends = [life.revoked_at, life.expires_at];
            ends.into_iter().flatten().any(|at| at <= end)
        };
        self.states.has(token.state(now))
            && self.created.holds(Some(life.created_at), true)
            && self.expires.holds(life.expires_at, false)
            && self.revoked.holds(life.revoked_at, true)
            && self.ended_before.is_none_or(ended_by)
            && self.last_used.holds(last.at, true)
            && self.used.is_none_or(|used| used == last.at.is_some())
            && self.address.is_none_or(|one| last.addresses.contains(&one))
    }

    /// Whether it asks about last uses, of which memory may know more than the
    /// database.
    #[must_use]
    pub fn asks_for_uses(&self) -> bool {
        self.last_used != Between::default() || self.used.is_some() || self.address.is_some()
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
