//! One token in memory, packed: see the size in the test.

use std::{net::IpAddr, sync::atomic::AtomicBool};

use jiff::Timestamp;
use tokenry_domain::{
    Kind, Scopes, TokenId, UserId,
    token::{Card, LastUse},
};
use tokenry_token::Digest;

/// The year 2000, in seconds since 1970: expiry dates up to 2136 fit 32 bits.
const EPOCH: i64 = 946_684_800;
/// Stands for "no time".
const NONE: i64 = i64::MIN;
/// Stands between the texts of a slot. Neither names nor descriptions have it:
/// they can't contain control characters of this kind.
const BETWEEN: char = '\0';

/// A token, or the mark that only the database knows of one.
pub(super) struct Slot {
    pub(super) digest: Digest,
    id: i64,
    created_at: i64,
    /// Seconds since [`EPOCH`]; 0 for never.
    expires_at: u32,
    last_used_at: i64,
    /// Name, description and addresses of last use.
    texts: Box<str>,
    owner: u32,
    scopes: u32,
    kind: Kind,
    revoked: bool,
    /// Whether the database is to be asked.
    pub(super) ask: bool,
    /// Whether it was looked at since the clock hand passed.
    pub(super) touched: AtomicBool,
}

impl Slot {
    /// Packs a token; `None` for what doesn't fit: an owner id past four
    /// thousand million, or an expiry that isn't a whole second before 2136.
    pub(super) fn pack(digest: Digest, card: Card) -> Option<Self> {
        let expires_at = match card.expires_at {
            Some(end) => pack_second(end)?,
            None => 0,
        };
        let Card {
            name,
            description,
            last_use,
            ..
        } = card;
        Some(Self {
            digest,
            id: card.id.get(),
            created_at: card.created_at.as_microsecond(),
            expires_at,
            last_used_at: last_use.at.map_or(NONE, Timestamp::as_microsecond),
            texts: join(&name, description.as_deref(), &last_use),
            owner: u32::try_from(card.owner.get()).ok()?,
            scopes: card.scopes.bits(),
            kind: card.kind,
            revoked: card.revoked,
            ask: false,
            touched: AtomicBool::new(true),
        })
    }

    /// Marks that the database is to be asked. Also stands where no token is
    /// any more.
    pub(super) fn ask(digest: Digest) -> Self {
        Self {
            digest,
            id: 0,
            created_at: 0,
            expires_at: 0,
            last_used_at: NONE,
            texts: Box::default(),
            owner: 0,
            scopes: 0,
            kind: Kind::Personal,
            revoked: true,
            ask: true,
            touched: AtomicBool::new(false),
        }
    }

    /// The token as answers show it.
    pub(super) fn card(&self) -> Card {
        let mut texts = self.texts.split(BETWEEN);
        let name = texts.next().unwrap_or_default().to_owned();
        let description = texts
            .next()
            .filter(|text| !text.is_empty())
            .map(str::to_owned);
        let addresses = self.addresses().collect();
        Card {
            id: TokenId::from_row(self.id),
            kind: self.kind,
            owner: UserId::from_row(i64::from(self.owner)),
            name,
            description,
            scopes: Scopes::from_bits(self.scopes),
            created_at: time(self.created_at).unwrap_or_default(),
            expires_at: unpack_second(self.expires_at),
            revoked: self.revoked,
            last_use: LastUse {
                at: time(self.last_used_at),
                addresses,
            },
        }
    }

    pub(super) const fn revoke(&mut self) {
        self.revoked = true;
    }

    /// Whether a use is news: the first in `interval` microseconds, or from
    /// an address that isn't known.
    pub(super) fn is_news(&self, at: Timestamp, address: Option<IpAddr>, interval: i64) -> bool {
        let passed = at.as_microsecond().saturating_sub(self.last_used_at);
        self.last_used_at == NONE
            || passed >= interval
            || address.is_some_and(|address| self.addresses().all(|known| known != address))
    }

    fn addresses(&self) -> impl Iterator<Item = IpAddr> {
        self.texts
            .split(BETWEEN)
            .skip(2)
            .filter_map(|text| text.parse().ok())
    }

    /// Takes over a recorded use.
    pub(super) fn record(&mut self, last: &LastUse) {
        let (name, description) = {
            let mut texts = self.texts.split(BETWEEN);
            (
                texts.next().unwrap_or_default(),
                texts.next().filter(|text| !text.is_empty()),
            )
        };
        let texts = join(name, description, last);
        self.texts = texts;
        self.last_used_at = last.at.map_or(NONE, Timestamp::as_microsecond);
    }

    /// Bytes of memory outside the slot itself.
    pub(super) fn texts_bytes(&self) -> usize {
        self.texts.len()
    }
}

fn join(name: &str, description: Option<&str>, last: &LastUse) -> Box<str> {
    let mut texts = name.to_owned();
    if description.is_some() || !last.addresses.is_empty() {
        texts.push(BETWEEN);
        texts.push_str(description.unwrap_or_default());
    }
    for address in &last.addresses {
        texts.push(BETWEEN);
        texts.push_str(&address.to_string());
    }
    texts.into_boxed_str()
}

fn pack_second(end: Timestamp) -> Option<u32> {
    let second = u32::try_from(end.as_second().checked_sub(EPOCH)?).ok()?;
    (second > 0 && end.subsec_nanosecond() == 0).then_some(second)
}

fn unpack_second(second: u32) -> Option<Timestamp> {
    (second > 0).then(|| Timestamp::from_second(i64::from(second) + EPOCH).ok())?
}

fn time(micros: i64) -> Option<Timestamp> {
    Timestamp::from_microsecond(micros)
        .ok()
        .filter(|_| micros != NONE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card() -> Card {
        Card {
            id: TokenId::from_row(42),
            kind: Kind::Impersonation,
            owner: UserId::from_row(7),
            name: "nightly".into(),
            description: Some("for\ncron".into()),
            scopes: Scopes::USER,
            created_at: Timestamp::from_second(1_000).unwrap(),
            expires_at: Timestamp::from_second(EPOCH + 2_000).ok(),
            revoked: false,
            last_use: LastUse {
                at: Timestamp::from_second(1_500).ok(),
                addresses: vec![
                    "203.0.113.9".parse().unwrap(),
                    "2001:db8::1".parse().unwrap(),
                ],
            },
        }
    }

    #[test]
    fn a_slot_is_88_bytes_so_that_a_token_with_its_texts_stays_under_128() {
        assert!(size_of::<Slot>() <= 88, "{}", size_of::<Slot>());
    }

    #[test]
    fn what_is_packed_is_unpacked() {
        let bare = Card {
            description: None,
            last_use: LastUse::default(),
            expires_at: None,
            ..card()
        };
        for card in [card(), bare] {
            let slot = Slot::pack(Digest::from_bytes([1; 32]), card.clone()).unwrap();
            assert_eq!(slot.card(), card);
        }
    }

    #[test]
    fn the_same_address_within_the_interval_is_no_news() {
        let mut slot = Slot::pack(Digest::from_bytes([1; 32]), card()).unwrap();
        let at = |second| Timestamp::from_second(second).unwrap();
        let [home, office, thief] = [1, 2, 3].map(|n| IpAddr::from([203, 0, 113, n]));
        let last = LastUse {
            at: Some(at(1_600)),
            addresses: vec![home, office],
        };
        slot.record(&last);
        let minute = 60_000_000;
        assert!(!slot.is_news(at(1_601), Some(office), minute));
        assert!(
            !slot.is_news(at(1_601), Some(home), minute),
            "known, if not the last"
        );
        assert!(slot.is_news(at(1_601), Some(thief), minute));
        assert!(slot.is_news(at(1_660), Some(office), minute));
        assert_eq!(slot.card().description.as_deref(), Some("for\ncron"));
    }

    #[test]
    fn what_does_not_fit_is_left_to_the_database() {
        let late = Timestamp::from_second(EPOCH + (1 << 32)).ok();
        let between = Timestamp::from_millisecond(1_900_000_000_500).ok();
        for expires_at in [late, between, Some(Timestamp::UNIX_EPOCH)] {
            let card = Card {
                expires_at,
                ..card()
            };
            assert!(Slot::pack(Digest::from_bytes([1; 32]), card).is_none());
        }
    }
}
