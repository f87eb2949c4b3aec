//! How long what works no more is kept, and what then becomes of it.
//!
//! Rules are tried in their order; the first that fits a dead token says for how
//! many days it stays. Where none fits, it stays for ever.

use jiff::{SignedDuration, Timestamp};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{DeserializeOwned, Error as _},
};
use serde_json::{Map, Value};

use crate::{
    hygiene::Hygiene,
    invalid::Invalid,
    kind::Kind,
    token::{State, Token},
    user::UserType,
};

/// The most rules that are kept.
const MOST_RULES: usize = 50;

/// How long each sort of thing is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// For how long dead tokens are.
    pub tokens: Vec<Rule>,
    /// For how many days tombstones are; for ever if none is said.
    #[serde(default)]
    pub tombstone_days: Option<u16>,
    /// For how many days the audit trail is; for ever if none is said.
    #[serde(default)]
    pub audit_days: Option<u16>,
    /// Which tokens that work are revoked.
    #[serde(default, deserialize_with = "object")]
    pub hygiene: Hygiene,
}

/// For how long some of the dead tokens are kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Rule {
    /// Of these kinds; empty means all.
    pub kinds: Vec<Kind>,
    /// Whose owner is one of these; empty means any.
    pub owners: Vec<UserType>,
    /// That expired, or that were revoked; either if none is said.
    pub state: Option<State>,
    /// For how many days after they died; for ever if none is said.
    pub days: Option<u16>,
}

/// What ships: as GitLab does, project and group tokens go 30 days after they
/// stopped working, with their bots. OAuth access tokens live for hours, and
/// nobody looks for one of last month. Everything else stays until somebody
/// says otherwise.
impl Default for Retention {
    fn default() -> Self {
        let rule = |kinds: &[Kind]| Rule {
            kinds: kinds.to_vec(),
            owners: Vec::new(),
            state: None,
            days: Some(30),
        };
        Self {
            tokens: vec![
                rule(&[Kind::Project, Kind::Group]),
                rule(&[Kind::OauthAccess]),
            ],
            tombstone_days: None,
            audit_days: None,
            hygiene: Hygiene::default(),
        }
    }
}

impl Rule {
    /// Whether the rule is about dead tokens of this sort.
    #[must_use]
    pub fn fits(&self, kind: Kind, owner: UserType, state: State) -> bool {
        (self.kinds.is_empty() || self.kinds.contains(&kind))
            && (self.owners.is_empty() || self.owners.contains(&owner))
            && self.state.is_none_or(|own| own == state)
    }

    /// What it is about, and what it says, for people.
    #[must_use]
    pub fn sentence(&self) -> String {
        let kinds = words(self.kinds.iter().map(|kind| kind.name()), "every kind");
        let owners = words(self.owners.iter().map(|owner| owner.name()), "anybody");
        let state = self.state.map_or("revoked or expired", State::name);
        match self.days {
            Some(days) => format!("{kinds} of {owners}, {state} for {days} days: delete"),
            None => format!("{kinds} of {owners}, {state}: keep"),
        }
    }
}

fn words<'n>(names: impl Iterator<Item = &'n str>, all: &str) -> String {
    let names: Vec<_> = names.collect();
    if names.is_empty() {
        all.to_owned()
    } else {
        names.join(", ")
    }
}

impl Retention {
    /// Refuses more rules than anybody could read.
    ///
    /// # Errors
    /// [`Invalid`].
    pub fn check(&self) -> Result<(), Invalid> {
        if self.tokens.len() > MOST_RULES {
            let problem = format!("are too many (maximum is {MOST_RULES} rules)");
            return Err(Invalid::field("tokens", problem));
        }
        Ok(())
    }

    /// The place of the rule that a dead token goes by, if there is one.
    #[must_use]
    pub fn rule(&self, kind: Kind, owner: UserType, state: State) -> Option<usize> {
        self.tokens
            .iter()
            .position(|rule| rule.fits(kind, owner, state))
    }

    /// The fewest days that any rule says for a kind; none if all of it stays.
    #[must_use]
    pub fn fewest_days(&self, kind: Kind) -> Option<u16> {
        let rules = self.tokens.iter();
        let about = rules.filter(|rule| rule.kinds.is_empty() || rule.kinds.contains(&kind));
        about.filter_map(|rule| rule.days).min()
    }

    /// When a token is to go that is dead at a moment; none if it stays, or
    /// works.
    #[must_use]
    pub fn due_at(&self, token: &Token, owner: UserType, now: Timestamp) -> Option<Timestamp> {
        let state = token.state(now);
        if state == State::Active {
            return None;
        }
        let rule = self.rule(token.kind, owner, state);
        let days = rule.and_then(|place| self.tokens.get(place)?.days);
        let dead = days.zip(token.life.died());
        dead.map(|(days, died)| later(died, days))
    }

    /// What the trail says of it.
    #[must_use]
    pub fn facts(&self) -> Value {
        serde_json::to_value(self).unwrap_or(Value::Null)
    }
}

/// The moment so many days before another.
#[must_use]
pub fn before(now: Timestamp, days: u16) -> Timestamp {
    now.checked_sub(length(days)).unwrap_or(Timestamp::MIN)
}

/// The moment so many days after another.
#[must_use]
pub fn later(now: Timestamp, days: u16) -> Timestamp {
    now.checked_add(length(days)).unwrap_or(Timestamp::MAX)
}

fn length(days: u16) -> SignedDuration {
    SignedDuration::from_hours(24 * i64::from(days))
}

/// A rule as it is written down: by names.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    kinds: Vec<String>,
    #[serde(default)]
    owner_types: Vec<String>,
    #[serde(default)]
    state: Option<String>,
    /// It must be said, be it that they stay.
    #[serde(deserialize_with = "Option::deserialize")]
    days: Option<u16>,
}

/// A value that is written with the names of its fields, and in no other way.
fn object<'de, D: Deserializer<'de>, T: DeserializeOwned>(input: D) -> Result<T, D::Error> {
    let fields = Map::<String, Value>::deserialize(input)?;
    T::deserialize(Value::Object(fields)).map_err(D::Error::custom)
}

impl TryFrom<Written> for Rule {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        let kind = |name: &String| Kind::from_name(name).ok_or("there is no such kind");
        let owner = |name: &String| UserType::from_name(name).ok_or("there is no such owner type");
        let state = |name: &str| match name {
            "expired" => Ok(State::Expired),
            "revoked" => Ok(State::Revoked),
            _ => Err("a state is expired or revoked"),
        };
        Ok(Self {
            kinds: written.kinds.iter().map(kind).collect::<Result<_, _>>()?,
            owners: written
                .owner_types
                .iter()
                .map(owner)
                .collect::<Result<_, _>>()?,
            state: written.state.as_deref().map(state).transpose()?,
            days: written.days,
        })
    }
}

impl From<Rule> for Written {
    fn from(rule: Rule) -> Self {
        let names = |all: Vec<&'static str>| all.into_iter().map(str::to_owned).collect();
        Self {
            kinds: names(rule.kinds.iter().map(|kind| kind.name()).collect()),
            owner_types: names(rule.owners.iter().map(|owner| owner.name()).collect()),
            state: rule.state.map(|state| state.name().to_owned()),
            days: rule.days,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(value: Value) -> Result<Retention, serde_json::Error> {
        serde_json::from_value(value)
    }

    #[test]
    fn the_first_rule_that_fits_decides() {
        let retention = read(json!({ "tokens": [
            { "kinds": ["personal"], "owner_types": ["service_account"], "days": null },
            { "kinds": ["personal"], "state": "revoked", "days": 7 },
            { "days": 90 },
        ] }))
        .unwrap();
        let of = |kind, owner, state| retention.rule(kind, owner, state);
        assert_eq!(
            of(Kind::Personal, UserType::ServiceAccount, State::Revoked),
            Some(0)
        );
        assert_eq!(of(Kind::Personal, UserType::Human, State::Revoked), Some(1));
        assert_eq!(of(Kind::Personal, UserType::Human, State::Expired), Some(2));
        assert_eq!(of(Kind::Deploy, UserType::Ghost, State::Expired), Some(2));
        assert_eq!(retention.fewest_days(Kind::Personal), Some(7));
        assert_eq!(retention.fewest_days(Kind::Deploy), Some(90));
        assert_eq!(Retention::default().fewest_days(Kind::Personal), None);
    }

    #[test]
    fn it_reads_back_what_it_writes_and_refuses_what_is_unknown() {
        for retention in [Retention::default(), read(json!({ "tokens": [] })).unwrap()] {
            assert_eq!(read(retention.facts()).unwrap(), retention);
        }
        for bad in [
            json!({}),
            json!({ "tokens": [{ "kinds": ["none"] }] }),
            json!({ "tokens": [{ "owner_types": ["cat"] }] }),
            json!({ "tokens": [{ "state": "active" }] }),
            json!({ "tokens": [{ "days": -1 }] }),
            json!({ "tokens": [{ "day": 1 }] }),
            json!({ "tokens": [{}] }),
            json!({ "tokens": [], "hygiene": [null] }),
            json!({ "tokens": [], "hygiene": { "owners": true } }),
            json!({ "tokens": [], "audit": 1 }),
        ] {
            assert!(read(bad.clone()).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_ships_is_what_the_handbook_says() {
        let page = include_str!("../../../docs/retention.md");
        for rule in Retention::default().tokens {
            let line = format!("| {} |", rule.sentence());
            assert!(page.contains(&line), "{line}");
        }
        let rows = page.lines().filter(|line| line.ends_with(": delete |"));
        assert_eq!(rows.count(), Retention::default().tokens.len());
    }
}
