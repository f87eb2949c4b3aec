//! Which tokens lie in the store: everything follows from a token's number,
//! so nothing has to be remembered to present them later.

use jiff::{Span, Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};
use tokenry_domain::{Kind, Scope, Scopes, UserId, token::Draft};
use tokenry_token::{Payload, Prefix, TokenText, mint};

use super::others::{Other, TOKENS_OF_A_TEAM};

/// Every tenth token is of one user.
const OF_ONE_USER: u64 = 10;
/// The other users have a hundred each.
const OF_THE_OTHERS: u64 = 100;

/// What becomes of a token before the measuring begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It works.
    Works,
    /// Its date is past.
    Expired,
    /// Somebody ended it.
    Revoked,
}

/// So many tokens, made on this day.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Plan {
    /// How many.
    pub(crate) tokens: u64,
    /// When they were made.
    pub(crate) made_at: Timestamp,
    /// Which kinds they are of.
    pub(crate) kinds: Kinds,
    /// What the ids of all else follow from.
    pub(crate) firsts: Firsts,
}

/// Which kinds the tokens of a plan are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kinds {
    /// Half are personal, of the others there are as many of each.
    All,
    /// All are personal.
    Personal,
}

/// The ids of the first of each; the others follow.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct Firsts {
    /// The user with the long list.
    pub(crate) user: i64,
    /// The first bot of the first team.
    pub(crate) machine: i64,
    /// The first team's group.
    pub(crate) group: i64,
    /// The first team's project.
    pub(crate) project: i64,
    /// The first of what holds the first team's tokens.
    pub(crate) holder: i64,
}

impl Plan {
    /// How many users there are, the one with the long list included.
    pub(crate) fn users(&self) -> u64 {
        1 + (self.tokens - self.tokens / OF_ONE_USER) / OF_THE_OTHERS
    }

    /// How many teams there are: what isn't personal belongs to one.
    pub(crate) fn teams(&self) -> u64 {
        match self.kinds {
            Kinds::All => self.tokens.div_ceil(TOKENS_OF_A_TEAM),
            Kinds::Personal => 0,
        }
    }

    /// The token with this number, if it isn't personal.
    pub(crate) fn other(&self, number: u64) -> Option<Other> {
        Other::of(number).filter(|_| self.kinds == Kinds::All)
    }

    /// The numbers of the personal tokens that work.
    pub(crate) fn working(&self) -> impl Iterator<Item = u64> {
        let working = |number: &u64| Self::fate(*number) == Fate::Works;
        (0..self.tokens)
            .filter(working)
            .filter(|number| self.other(*number).is_none())
    }

    /// The user with the long list.
    pub(crate) fn long_list(&self) -> UserId {
        UserId::from_row(self.firsts.user)
    }

    /// Any user, by a number.
    pub(crate) fn user(&self, number: u64) -> UserId {
        UserId::from_row(self.firsts.user + small(number % self.users()))
    }

    /// Whose the token with this number is.
    pub(crate) fn owner(&self, number: u64) -> UserId {
        if number.is_multiple_of(OF_ONE_USER) {
            return self.long_list();
        }
        let others = (self.users() - 1).max(1);
        self.user(1 + mixed(number, 1) % others)
    }

    /// What becomes of it: one in ten is revoked, one in ten has expired.
    pub(crate) fn fate(number: u64) -> Fate {
        match mixed(number, 2) % 10 {
            0 => Fate::Revoked,
            1 => Fate::Expired,
            _ => Fate::Works,
        }
    }

    /// Its text, if it is personal.
    pub(crate) fn text(&self, number: u64) -> TokenText {
        text(self.owner(number), number, 3)
    }

    /// A well-formed text that nobody issued.
    pub(crate) fn stranger(&self, number: u64) -> TokenText {
        text(self.owner(number), number, 5)
    }

    /// When it was issued: some time in the 300 days before, in the order of
    /// the numbers.
    pub(crate) fn created_at(&self, number: u64) -> Timestamp {
        const SPAN: u64 = 300 * 86_400 * 1000;
        let millis = u128::from(SPAN) * u128::from(number) / u128::from(self.tokens.max(1));
        let passed = u64::try_from(millis).unwrap_or(SPAN);
        // What holds tokens of the last numbers may have a number past them.
        let before = small(SPAN.saturating_sub(passed));
        self.made_at
            .checked_sub(Span::new().milliseconds(before))
            .unwrap_or(self.made_at)
    }

    /// The row as it is handed to the store, if it is personal.
    pub(crate) fn draft(&self, number: u64) -> Draft {
        Draft {
            kind: Kind::Personal,
            owner: self.owner(number),
            subject: None,
            name: name(number),
            description: description(number),
            scopes: scopes(number),
            expires_at: Some(self.expires_at(number)),
            rotated_from: None,
            family: None,
        }
    }

    /// Midnight of a day 30 to 364 days ahead, or 1 to 200 days past.
    fn expires_at(&self, number: u64) -> Timestamp {
        let days = match Self::fate(number) {
            Fate::Expired => -1 - small(mixed(number, 4) % 200),
            Fate::Works | Fate::Revoked => 30 + small(mixed(number, 4) % 335),
        };
        let today = self.made_at.to_zoned(TimeZone::UTC).date();
        today
            .saturating_add(Span::new().days(days))
            .to_zoned(TimeZone::UTC)
            .map_or(self.made_at, |midnight| midnight.timestamp())
    }
}

fn text(owner: UserId, number: u64, salt: u64) -> TokenText {
    let payload = Payload {
        organization: Some(1),
        user: u64::try_from(owner.get()).ok(),
        ..Payload::default()
    };
    written(&Prefix::default(), &payload, number, salt)
}

/// A text with this payload, which a number makes unlike all others.
pub(super) fn written(prefix: &Prefix, payload: &Payload, number: u64, salt: u64) -> TokenText {
    let mut random = [0; 16];
    let halves = [
        mixed(number, salt).to_le_bytes(),
        mixed(number, salt + 100).to_le_bytes(),
    ];
    for (place, byte) in random.iter_mut().zip(halves.concat()) {
        *place = byte;
    }
    mint(prefix, payload, &random)
}

/// Names as people give them, 8 to 26 characters.
fn name(number: u64) -> String {
    const BEGINNINGS: [&str; 6] = [
        "ci-",
        "nightly-sync-",
        "deploy ",
        "laptop of ",
        "backup-job-",
        "terraform-state-",
    ];
    let at = usize::try_from(mixed(number, 6) % 6).unwrap_or_default();
    format!(
        "{}{number:05}",
        BEGINNINGS.get(at).copied().unwrap_or_default()
    )
}

/// One token in eight says what it is for.
fn description(number: u64) -> Option<String> {
    mixed(number, 7)
        .is_multiple_of(8)
        .then(|| format!("made for the pipeline {number}"))
}

fn scopes(number: u64) -> Scopes {
    match mixed(number, 8) % 4 {
        0 => Scopes::of(&[Scope::Api]),
        1 => Scopes::of(&[Scope::ReadApi]),
        2 => Scopes::of(&[Scope::ReadApi, Scope::ReadRepository]),
        _ => Scopes::of(&[Scope::Api, Scope::SelfRotate]),
    }
}

/// Numbers that look random and are the same in every run (`SplitMix64` of
/// Steele, Lea and Flood).
pub(crate) fn mixed(number: u64, salt: u64) -> u64 {
    const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut word = number
        .wrapping_add(salt.wrapping_mul(0xd1b5_4a32_d192_ed03))
        .wrapping_add(1)
        .wrapping_mul(STEP);
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

/// A number that is small by what it counts.
pub(super) fn small(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    impl Plan {
        /// Tokens for a test.
        pub(crate) fn sample(tokens: u64) -> Self {
            Self {
                tokens,
                made_at: "2031-04-05T12:00:00Z".parse().unwrap(),
                kinds: Kinds::All,
                firsts: Firsts {
                    user: 2,
                    machine: 1_000,
                    group: 2,
                    project: 1,
                    holder: 1,
                },
            }
        }
    }

    fn plan() -> Plan {
        Plan::sample(10_000)
    }

    #[test]
    fn a_tenth_is_of_one_user_and_the_others_share_the_rest() {
        let plan = plan();
        assert_eq!(plan.users(), 91);
        let of_one = (0..10_000).filter(|n| plan.owner(*n) == plan.long_list());
        assert_eq!(of_one.count(), 1000);
        let ids: HashSet<_> = (0..10_000).map(|n| plan.owner(n).get()).collect();
        assert_eq!((ids.len(), ids.iter().max()), (91, Some(&92)));
    }

    #[test]
    fn about_a_fifth_does_not_work() {
        let works = (0..10_000).filter(|n| Plan::fate(*n) == Fate::Works);
        assert!((7_800..8_200).contains(&works.count()));
        let personal = Plan {
            kinds: Kinds::Personal,
            ..plan()
        };
        assert!((7_800..8_200).contains(&personal.working().count()));
        assert!(
            (3_900..4_100).contains(&plan().working().count()),
            "half are personal"
        );
    }

    #[test]
    fn the_expiry_fits_the_fate() {
        let plan = plan();
        for number in 0..1000 {
            let past = plan.draft(number).expires_at.unwrap() < plan.made_at;
            assert_eq!(past, Plan::fate(number) == Fate::Expired);
            assert!(plan.created_at(number) <= plan.made_at);
        }
    }

    #[test]
    fn texts_differ_and_stay_the_same() {
        let plan = plan();
        let texts: HashSet<_> = (0..1000)
            .flat_map(|n| [plan.text(n), plan.stranger(n)])
            .map(|text| text.reveal().to_owned())
            .collect();
        assert_eq!(texts.len(), 2000);
        assert!(texts.contains(plan.text(7).reveal()));
    }
}
