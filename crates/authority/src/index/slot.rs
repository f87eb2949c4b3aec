//! One token in memory, packed: see the size in the test.

use std::{net::IpAddr, sync::atomic::AtomicBool};

use jiff::Timestamp;
use memchr::memchr;
use tokenry_domain::{
    GroupId, HolderId, Kind, Place, ProjectId, Scopes, Subject, TokenId, UserId,
    token::{Card, LastUse},
};
use tokenry_token::Digest;

use super::sketch::{Sketch, lower};

/// The year 2000, in seconds since 1970: expiry dates up to 2136 fit 32 bits.
const EPOCH: i64 = 946_684_800;
/// Stands for "no time".
const NONE: i64 = i64::MIN;
/// Stands behind a name and behind a description. Neither has it: they can't
/// contain control characters of this kind.
const BETWEEN: u8 = 0;

/// A token, or the mark that only the database knows of one.
pub(super) struct Slot {
    pub(super) digest: Digest,
    id: u32,
    /// See [`pack_subject`]; 0 for none.
    subject: u32,
    created_at: i64,
    /// Seconds since [`EPOCH`]; 0 for never.
    expires_at: u32,
    last_used_at: i64,
    /// Name, description and addresses of last use: see [`join`].
    rest: Box<[u8]>,
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
    /// Packs a token; `None` for what doesn't fit: an id past four thousand
    /// million, a subject's past one, or an expiry that isn't a whole second
    /// before 2136.
    pub(super) fn pack(digest: Digest, card: Card) -> Option<Self> {
        let expires_at = match card.expires_at {
            Some(end) => pack_second(end)?,
            None => 0,
        };
        let subject = match card.subject {
            Some(subject) => pack_subject(subject)?,
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
            id: u32::try_from(card.id.get()).ok()?,
            subject,
            created_at: card.created_at.as_microsecond(),
            expires_at,
            last_used_at: last_use.at.map_or(NONE, Timestamp::as_microsecond),
            rest: join(
                name.as_bytes(),
                description.unwrap_or_default().as_bytes(),
                &last_use,
            ),
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
            subject: 0,
            created_at: 0,
            expires_at: 0,
            last_used_at: NONE,
            rest: Box::default(),
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
        let [name, description, _] = self.parts();
        Card {
            id: self.id(),
            kind: self.kind,
            owner: self.owner(),
            subject: unpack_subject(self.subject),
            name: text(name),
            description: (!description.is_empty()).then(|| text(description)),
            scopes: Scopes::from_bits(self.scopes),
            created_at: time(self.created_at).unwrap_or_default(),
            expires_at: unpack_second(self.expires_at),
            revoked: self.revoked,
            last_use: self.last_use(),
        }
    }

    pub(super) fn id(&self) -> TokenId {
        TokenId::from_row(self.id.into())
    }

    pub(super) fn owner(&self) -> UserId {
        UserId::from_row(self.owner.into())
    }

    pub(super) fn name(&self) -> &[u8] {
        let end = memchr(BETWEEN, &self.rest).unwrap_or(self.rest.len());
        self.rest.get(..end).unwrap_or_default()
    }

    /// Of owner and name, which stay as long as the slot does.
    pub(super) fn sketch(&self) -> Sketch {
        if self.ask {
            return Sketch::ANY;
        }
        Sketch::of(self.owner(), lower(self.name(), &mut Vec::new()))
    }

    /// When and from where it was used last.
    pub(super) fn last_use(&self) -> LastUse {
        let [.., addresses] = self.parts();
        LastUse {
            at: time(self.last_used_at),
            addresses: unpack_addresses(addresses),
        }
    }

    pub(super) const fn revoke(&mut self) {
        self.revoked = true;
    }

    /// Takes over a recorded use.
    pub(super) fn record(&mut self, last: &LastUse) {
        let [name, description, _] = self.parts();
        self.rest = join(name, description, last);
        self.last_used_at = last.at.map_or(NONE, Timestamp::as_microsecond);
    }

    /// Bytes of memory outside the slot itself.
    pub(super) const fn rest_bytes(&self) -> usize {
        self.rest.len()
    }

    /// Name, description, addresses.
    fn parts(&self) -> [&[u8]; 3] {
        let mut parts = self.rest.splitn(3, |byte| *byte == BETWEEN);
        std::array::from_fn(|_| parts.next().unwrap_or_default())
    }
}

/// Name, description, addresses; each address is its bytes behind their
/// number. What nothing follows is left out.
fn join(name: &[u8], description: &[u8], last: &LastUse) -> Box<[u8]> {
    let mut bytes = name.to_vec();
    if !description.is_empty() || !last.addresses.is_empty() {
        bytes.push(BETWEEN);
        bytes.extend_from_slice(description);
    }
    if !last.addresses.is_empty() {
        bytes.push(BETWEEN);
    }
    for address in &last.addresses {
        match address {
            IpAddr::V4(address) => {
                bytes.push(4);
                bytes.extend(address.octets());
            }
            IpAddr::V6(address) => {
                bytes.push(16);
                bytes.extend(address.octets());
            }
        }
    }
    bytes.into_boxed_slice()
}

fn unpack_addresses(mut packed: &[u8]) -> Vec<IpAddr> {
    let mut addresses = Vec::new();
    while let Some((length, behind)) = packed.split_first()
        && let Some((octets, behind)) = behind.split_at_checked((*length).into())
    {
        let four = <[u8; 4]>::try_from(octets).map(IpAddr::from);
        addresses.extend(four.or_else(|_| <[u8; 16]>::try_from(octets).map(IpAddr::from)));
        packed = behind;
    }
    addresses
}

/// The number, and in its lowest two bits the sort.
fn pack_subject(subject: Subject) -> Option<u32> {
    let sort = match subject {
        Subject::Place(Place::Group(_)) => 1,
        Subject::Place(Place::Project(_)) => 2,
        Subject::Holder(_) => 3,
    };
    let (_, number) = subject.parts();
    let number = u32::try_from(number).ok().filter(|n| *n < 1 << 30)?;
    Some(number << 2 | sort)
}

fn unpack_subject(packed: u32) -> Option<Subject> {
    let number = i64::from(packed >> 2);
    match packed & 3 {
        1 => Some(GroupId::from_row(number).into()),
        2 => Some(ProjectId::from_row(number).into()),
        3 => Some(HolderId::from_row(number).into()),
        _ => None,
    }
}

/// What was text when it was packed.
fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
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
            subject: None,
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
        let of = |subject| Card {
            subject: Some(subject),
            ..card()
        };
        let subjects = [
            of(GroupId::from_row(1).into()),
            of(ProjectId::from_row((1 << 30) - 1).into()),
            of(HolderId::from_row(5).into()),
        ];
        for card in [card(), bare].into_iter().chain(subjects) {
            let slot = Slot::pack(Digest::from_bytes([1; 32]), card.clone()).unwrap();
            assert_eq!(slot.card(), card);
        }
    }

    #[test]
    fn a_recorded_use_leaves_the_texts() {
        for card in [
            card(),
            Card {
                description: None,
                last_use: LastUse::default(),
                ..card()
            },
        ] {
            let mut slot = Slot::pack(Digest::from_bytes([1; 32]), card.clone()).unwrap();
            let last_use = LastUse {
                at: Timestamp::from_second(1_600).ok(),
                addresses: vec!["0.0.0.4".parse().unwrap(), "::".parse().unwrap()],
            };
            slot.record(&last_use);
            assert_eq!(slot.card(), Card { last_use, ..card });
        }
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
        let distant = Card {
            subject: Some(HolderId::from_row(1 << 30).into()),
            ..card()
        };
        assert!(Slot::pack(Digest::from_bytes([1; 32]), distant).is_none());
    }
}
