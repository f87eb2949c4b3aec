//! One row of the ledger, and how it may change.

use std::net::IpAddr;

use jiff::Timestamp;
use tokenry_token::{Digest, Hint, KeyId};

use crate::{
    ids::{TokenId, UserId},
    invalid::{Invalid, readable},
    kind::Kind,
    scope::Scopes,
    subject::Subject,
    user::User,
};

/// The longest name and description, in characters.
pub(crate) const MOST_CHARACTERS: usize = 255;
/// How many addresses of last use are kept (spec/rest.md section 2.12).
pub const MOST_ADDRESSES: usize = 5;
/// Uses of a token from one address are recorded once in this long: one
/// minute, in microseconds.
const USE_INTERVAL: i64 = 60_000_000;

/// What a token is good for now. Derived from its times, never stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It works.
    Active,
    /// Its date has come.
    Expired,
    /// Somebody ended it.
    Revoked,
}

impl State {
    /// The state that follows from the times. A revoked token stays revoked
    /// when it would have expired since.
    #[must_use]
    pub fn of(revoked: bool, expires_at: Option<Timestamp>, now: Timestamp) -> Self {
        if revoked {
            Self::Revoked
        } else if expires_at.is_some_and(|end| end <= now) {
            Self::Expired
        } else {
            Self::Active
        }
    }

    /// The word on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }
}

/// The times that decide a token's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Life {
    /// When it was issued.
    pub created_at: Timestamp,
    /// When it stops working by itself.
    pub expires_at: Option<Timestamp>,
    /// When somebody ended it.
    pub revoked_at: Option<Timestamp>,
}

impl Life {
    /// The state at a moment.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> State {
        State::of(self.revoked_at.is_some(), self.expires_at, now)
    }

    /// When it was revoked, or else expires; none for what lives until somebody
    /// ends it.
    #[must_use]
    pub fn died(&self) -> Option<Timestamp> {
        self.revoked_at.or(self.expires_at)
    }
}

/// A row of the ledger. The token's text is not in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The row's id.
    pub id: TokenId,
    /// What sort of token it is.
    pub kind: Kind,
    /// The user it acts as; of a token that acts as nobody, the one who issued it.
    pub owner: UserId,
    /// What it belongs to, where that isn't just its owner.
    pub subject: Option<Subject>,
    /// What its owner calls it.
    pub name: String,
    /// What its owner says of it.
    pub description: Option<String>,
    /// What it may be used for.
    pub scopes: Scopes,
    /// Its times.
    pub life: Life,
    /// When and from where it was used last.
    pub last_use: LastUse,
    /// What tells it from others by eye.
    pub hint: Hint,
    /// What it is found by.
    pub digest: Digest,
    /// The server key the digest was made with.
    pub key: KeyId,
    /// The token it replaced.
    pub rotated_from: Option<TokenId>,
    /// The first token of its family, if it isn't the first itself.
    pub family: Option<TokenId>,
}

/// When and from where a token was used last; kept in batches.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LastUse {
    /// The last use that was recorded.
    pub at: Option<Timestamp>,
    /// The latest distinct addresses, at most [`MOST_ADDRESSES`], oldest first.
    pub addresses: Vec<IpAddr>,
}

impl LastUse {
    /// Whether a use is news: the first in a minute, or from an address that
    /// isn't known.
    #[must_use]
    pub fn is_news(&self, at: Timestamp, address: Option<IpAddr>) -> bool {
        let Some(before) = self.at else { return true };
        let passed = at.as_microsecond() - before.as_microsecond();
        passed >= USE_INTERVAL || address.is_some_and(|one| !self.addresses.contains(&one))
    }

    /// Records a use; the oldest address makes room for a new one.
    pub fn record(&mut self, at: Timestamp, address: Option<IpAddr>) {
        self.at = Some(self.at.map_or(at, |before| before.max(at)));
        let Some(address) = address else { return };
        if self.addresses.contains(&address) {
            return;
        }
        if self.addresses.len() >= MOST_ADDRESSES {
            self.addresses.remove(0);
        }
        self.addresses.push(address);
    }

    /// Adds what is known elsewhere of the same token's uses.
    pub fn merge(&mut self, other: &Self) {
        for address in &other.addresses {
            self.record(other.at.unwrap_or_default(), Some(*address));
        }
        self.at = self.at.max(other.at);
    }
}

/// What an answer shows of a token: all that a reader may know, and nothing
/// that finds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// The row's id.
    pub id: TokenId,
    /// What sort of token it is.
    pub kind: Kind,
    /// The user it acts as.
    pub owner: UserId,
    /// What it belongs to, where that isn't just its owner.
    pub subject: Option<Subject>,
    /// What its owner calls it.
    pub name: String,
    /// What its owner says of it.
    pub description: Option<String>,
    /// What it may be used for.
    pub scopes: Scopes,
    /// When it was issued.
    pub created_at: Timestamp,
    /// When it stops working by itself.
    pub expires_at: Option<Timestamp>,
    /// Whether somebody ended it.
    pub revoked: bool,
    /// When and from where it was used last.
    pub last_use: LastUse,
}

impl Card {
    /// The state at a moment.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> State {
        State::of(self.revoked, self.expires_at, now)
    }

    /// Whether its date has come, be it revoked or not. A token that is
    /// presented is told so first (spec/rest.md section 1.4).
    #[must_use]
    pub fn has_expired(&self, now: Timestamp) -> bool {
        State::of(false, self.expires_at, now) == State::Expired
    }
}

impl From<Token> for Card {
    fn from(token: Token) -> Self {
        Self {
            id: token.id,
            kind: token.kind,
            owner: token.owner,
            subject: token.subject,
            name: token.name,
            description: token.description,
            scopes: token.scopes,
            created_at: token.life.created_at,
            expires_at: token.life.expires_at,
            revoked: token.life.revoked_at.is_some(),
            last_use: token.last_use,
        }
    }
}

/// Refusal to rotate a token that was revoked before.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Token already revoked")]
pub struct AlreadyRevoked;

impl Token {
    /// The state at a moment.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> State {
        self.life.state(now)
    }

    /// The first token of the family this one is in.
    #[must_use]
    pub fn family_head(&self) -> TokenId {
        self.family.unwrap_or(self.id)
    }

    /// The token that takes this one's place: same name, description, scopes,
    /// owner and kind, linked to it (spec/rest.md section 2.8). An expired
    /// token may be rotated, a revoked one not.
    ///
    /// # Errors
    /// [`AlreadyRevoked`].
    pub fn successor(&self, expires_at: Option<Timestamp>) -> Result<Draft, AlreadyRevoked> {
        if self.life.revoked_at.is_some() {
            return Err(AlreadyRevoked);
        }
        Ok(Draft {
            kind: self.kind,
            owner: self.owner,
            subject: self.subject,
            name: self.name.clone(),
            description: self.description.clone(),
            scopes: self.scopes,
            expires_at,
            rotated_from: Some(self.id),
            family: Some(self.family_head()),
        })
    }
}

/// A token that passed the rules and isn't issued yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// What sort of token it is.
    pub kind: Kind,
    /// The user it will act as, or who issues it.
    pub owner: UserId,
    /// What it will belong to.
    pub subject: Option<Subject>,
    /// What its owner calls it.
    pub name: String,
    /// What its owner says of it.
    pub description: Option<String>,
    /// What it may be used for.
    pub scopes: Scopes,
    /// When it stops working by itself.
    pub expires_at: Option<Timestamp>,
    /// The token it replaces.
    pub rotated_from: Option<TokenId>,
    /// The first token of its family.
    pub family: Option<TokenId>,
}

impl Draft {
    /// A token of this kind for this owner, if the rules allow it.
    ///
    /// # Errors
    /// [`Invalid`] with everything that is wrong with the name, description
    /// and scopes.
    pub fn new(
        kind: Kind,
        owner: &User,
        name: String,
        description: Option<String>,
        scopes: Scopes,
        expires_at: Option<Timestamp>,
    ) -> Result<Self, Invalid> {
        let checks = [
            check_name(&name),
            description.as_deref().map_or(Ok(()), check_description),
            check_scopes(kind, owner, scopes),
        ];
        let problems: Vec<_> = checks
            .into_iter()
            .filter_map(Result::err)
            .flat_map(|invalid| invalid.problems)
            .collect();
        if !problems.is_empty() {
            return Err(Invalid { problems });
        }
        Ok(Self {
            kind,
            owner: owner.id,
            subject: None,
            name,
            description: description.filter(|text| !text.is_empty()),
            scopes,
            expires_at,
            rotated_from: None,
            family: None,
        })
    }

    /// Whether its bearer will act as its owner, rather than as nobody.
    #[must_use]
    pub fn acts_as_owner(&self) -> bool {
        self.kind.descriptor().acts_as_owner()
    }

    /// The same token, belonging to a subject.
    #[must_use]
    pub fn of(self, subject: impl Into<Subject>) -> Self {
        let subject = Some(subject.into());
        Self { subject, ..self }
    }
}

/// What a token may be called.
///
/// # Errors
/// [`Invalid`] for a name that people can't read.
pub fn check_name(name: &str) -> Result<(), Invalid> {
    readable("name", name, MOST_CHARACTERS)
}

/// What may be said of a token: it may be blank and have several lines, but
/// isn't longer than a name.
///
/// # Errors
/// [`Invalid`] for a description that people can't read.
pub fn check_description(text: &str) -> Result<(), Invalid> {
    if text.chars().count() > MOST_CHARACTERS {
        let problem = format!("is too long (maximum is {MOST_CHARACTERS} characters)");
        return Err(Invalid::field("description", problem));
    }
    if text
        .chars()
        .any(|c| c.is_control() && c != '\n' && c != '\t' && c != '\r')
    {
        return Err(Invalid::field(
            "description",
            "can't contain control characters",
        ));
    }
    Ok(())
}

fn check_scopes(kind: Kind, owner: &User, scopes: Scopes) -> Result<(), Invalid> {
    let line = kind.descriptor();
    let available = line.scopes.and(line.admin_scopes);
    if scopes.is_empty() && !available.is_empty() {
        return Err(Invalid::field("scopes", "can't be blank"));
    }
    if !scopes.within(available) {
        return Err(Invalid::field(
            "scopes",
            "can only contain available scopes",
        ));
    }
    if !owner.admin && !scopes.within(line.scopes) {
        return Err(Invalid::field(
            "scopes",
            "can only contain admin scopes for administrators",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scope::Scope;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    fn life(expires: Option<i64>, revoked: Option<i64>) -> Life {
        Life {
            created_at: at(0),
            expires_at: expires.map(at),
            revoked_at: revoked.map(at),
        }
    }

    #[test]
    fn the_state_follows_from_the_times() {
        assert_eq!(life(None, None).state(at(10)), State::Active);
        assert_eq!(life(Some(11), None).state(at(10)), State::Active);
        assert_eq!(
            life(Some(10), None).state(at(10)),
            State::Expired,
            "dead at the moment itself"
        );
        assert_eq!(life(Some(5), Some(3)).state(at(10)), State::Revoked);
    }

    fn token() -> Token {
        Token {
            id: TokenId::from_row(7),
            kind: Kind::Personal,
            owner: UserId::from_row(3),
            subject: None,
            name: "nightly".into(),
            description: None,
            scopes: Scopes::of(&[Scope::Api]),
            life: life(None, None),
            last_use: LastUse::default(),
            hint: Hint::from_stored("glpat-…abcd".into()),
            digest: Digest::from_bytes([1; 32]),
            key: KeyId::new(1),
            rotated_from: None,
            family: None,
        }
    }

    #[test]
    fn a_successor_stays_in_the_family() {
        let first = token();
        let second = first.successor(None).unwrap();
        assert_eq!(
            (second.rotated_from, second.family),
            (Some(first.id), Some(first.id))
        );
        let later = Token {
            id: TokenId::from_row(9),
            family: Some(first.id),
            ..first
        };
        assert_eq!(
            later.successor(None).unwrap().family,
            Some(TokenId::from_row(7))
        );
    }

    #[test]
    fn a_revoked_token_has_no_successor() {
        let revoked = Token {
            life: life(None, Some(1)),
            ..token()
        };
        assert_eq!(revoked.successor(None), Err(AlreadyRevoked));
        let expired = Token {
            life: life(Some(1), None),
            ..token()
        };
        assert!(expired.successor(None).is_ok());
    }

    #[test]
    fn five_addresses_are_kept_the_latest_ones() {
        let mut last = LastUse::default();
        for n in [1u8, 2, 3, 3, 4, 5, 6] {
            last.record(at(i64::from(n)), Some(IpAddr::from([203, 0, 113, n])));
        }
        let ends: Vec<String> = last.addresses.iter().map(ToString::to_string).collect();
        assert_eq!(
            ends,
            [
                "203.0.113.2",
                "203.0.113.3",
                "203.0.113.4",
                "203.0.113.5",
                "203.0.113.6"
            ]
        );
        last.record(at(1), None);
        assert_eq!(
            last.at,
            Some(at(6)),
            "an older use doesn't turn the clock back"
        );
    }

    #[test]
    fn the_same_address_within_a_minute_is_no_news() {
        let [home, office, thief] = [1, 2, 3].map(|n| IpAddr::from([203, 0, 113, n]));
        let last = LastUse {
            at: Some(at(1_600)),
            addresses: vec![home, office],
        };
        assert!(!last.is_news(at(1_601), Some(office)));
        assert!(
            !last.is_news(at(1_601), Some(home)),
            "known, if not the last"
        );
        assert!(last.is_news(at(1_601), Some(thief)));
        assert!(last.is_news(at(1_660), Some(office)));
        assert!(LastUse::default().is_news(at(0), None));
    }

    #[test]
    fn a_draft_tells_everything_that_is_wrong_at_once() {
        let owner = User::sample("ida", false);
        let sudo = Scopes::of(&[Scope::Sudo]);
        let bad = Draft::new(Kind::Personal, &owner, " ".into(), None, sudo, None).unwrap_err();
        assert_eq!(
            bad.sentence(),
            "Name can't be blank, Scopes can only contain admin scopes for administrators"
        );
        let admin = User::sample("root", true);
        assert!(Draft::new(Kind::Personal, &admin, "x".into(), None, sudo, None).is_ok());
    }
}
