//! One token in memory, packed: see the size in the test.

use std::{net::IpAddr, sync::atomic::AtomicBool};

use jiff::Timestamp;
use tokenry_domain::{
    Kind, Scopes, TokenId, UserId,
    token::{Card, LastUse},
};
use tokenry_token::Digest;

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
    expires_at: i64,
    last_used_at: i64,
    /// Name, description and addresses of last use.
    texts: Box<str>,
    owner: u32,
    scopes: u32,
    /// Tells the address of the last use from another; see [`Slot::is_news`].
    last_address: u32,
    kind: Kind,
    revoked: bool,
    /// Whether the database is to be asked.
    pub(super) ask: bool,
    /// Whether it was looked at since the clock hand passed.
    pub(super) touched: AtomicBool,
}

impl Slot {
    /// Packs a token; `None` for an owner id past four thousand million,
    /// whose tokens are read from the database.
    pub(super) fn pack(digest: Digest, card: Card) -> Option<Self> {
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
            expires_at: card.expires_at.map_or(NONE, Timestamp::as_microsecond),
            last_used_at: last_use.at.map_or(NONE, Timestamp::as_microsecond),
            texts: join(&name, description.as_deref(), &last_use),
            owner: u32::try_from(card.owner.get()).ok()?,
            scopes: card.scopes.bits(),
            last_address: 0,
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
            expires_at: NONE,
            last_used_at: NONE,
            texts: Box::default(),
            owner: 0,
            scopes: 0,
            last_address: 0,
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
            expires_at: time(self.expires_at),
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
    /// an address that isn't known. `number` stands for the address, so that
    /// the same one again costs a comparison.
    pub(super) fn is_news(
        &self,
        at: Timestamp,
        address: Option<IpAddr>,
        number: u32,
        interval: i64,
    ) -> bool {
        let passed = at.as_microsecond().saturating_sub(self.last_used_at);
        if self.last_used_at == NONE || passed >= interval {
            return true;
        }
        self.last_address != number
            && address.is_some_and(|address| self.addresses().all(|known| known != address))
    }

    fn addresses(&self) -> impl Iterator<Item = IpAddr> {
        self.texts
            .split(BETWEEN)
            .skip(2)
            .filter_map(|text| text.parse().ok())
    }

    /// Takes over a recorded use.
    pub(super) fn record(&mut self, last: &LastUse, address: u32) {
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
        self.last_address = address;
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
            expires_at: Timestamp::from_second(2_000).ok(),
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
    fn a_slot_is_96_bytes_so_that_a_token_with_its_texts_stays_under_128() {
        assert!(size_of::<Slot>() <= 96, "{}", size_of::<Slot>());
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
        slot.record(&last, 2);
        let minute = 60_000_000;
        assert!(!slot.is_news(at(1_601), Some(office), 2, minute));
        assert!(
            !slot.is_news(at(1_601), Some(home), 1, minute),
            "known, if not the last"
        );
        assert!(slot.is_news(at(1_601), Some(thief), 3, minute));
        assert!(slot.is_news(at(1_660), Some(office), 2, minute));
        assert_eq!(slot.card().description.as_deref(), Some("for\ncron"));
    }
}
