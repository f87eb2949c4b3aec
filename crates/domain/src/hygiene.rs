//! Rules by which access tokens that nobody should have any more are revoked.
//! All of them are off until somebody sets them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    kind::{KINDS, Kind, Lifetime, Opens},
    owner_state::OwnerState,
    reason::Reason,
    retention::{before, later},
    states::States,
    token::{State, Token},
    token_filter::{Between, TokenFilter},
};

/// Which access tokens are revoked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Hygiene {
    /// Those that weren't used for so many days, nor issued in them.
    pub unused_days: Option<u16>,
    /// Those whose owner is blocked, banned or gone.
    pub owner_out: bool,
    /// Those that live longer than a new token may.
    pub over_maximum: bool,
}

/// The kinds that the rules are about.
fn kinds() -> impl Iterator<Item = Kind> {
    let access = KINDS.iter().filter(|line| line.opens == Opens::Api);
    access.map(|line| line.kind)
}

impl Hygiene {
    /// Why a token is to be revoked at a moment, if it is. `longest` is how many
    /// days a new token may live.
    #[must_use]
    pub fn grounds(
        &self,
        token: &Token,
        owner: OwnerState,
        longest: Option<u16>,
        now: Timestamp,
    ) -> Option<Reason> {
        if token.state(now) != State::Active || !kinds().any(|kind| kind == token.kind) {
            return None;
        }
        let last = token.last_use.at.unwrap_or(token.life.created_at);
        if self.owner_out && OUT.contains(&owner) {
            return Some(Reason::ours("its owner is blocked or gone"));
        }
        if self
            .unused_days
            .is_some_and(|days| last <= before(now, days))
        {
            return Some(Reason::ours("it wasn't used for long"));
        }
        let over = longest.is_some_and(|days| outlives(token, days));
        (self.over_maximum && over).then(|| Reason::ours("it lives longer than is allowed"))
    }

    /// Filters that show every token there may be grounds against, and others;
    /// none where no rule is set.
    #[must_use]
    pub fn filters(&self, now: Timestamp) -> Vec<TokenFilter> {
        let active = TokenFilter {
            kinds: kinds().collect(),
            states: States::ACTIVE,
            ..TokenFilter::default()
        };
        let until = |end| Between {
            after: None,
            before: Some(end),
        };
        let mut filters = Vec::new();
        if self.owner_out {
            filters.push(TokenFilter {
                owner_states: OUT.to_vec(),
                ..active.clone()
            });
        }
        if let Some(days) = self.unused_days {
            let end = before(now, days);
            filters.push(TokenFilter {
                last_used: until(end),
                ..active.clone()
            });
            filters.push(TokenFilter {
                used: Some(false),
                created: until(end),
                ..active.clone()
            });
        }
        if self.over_maximum {
            filters.push(active);
        }
        filters
    }
}

/// Owners who have no business with tokens any more.
const OUT: [OwnerState; 3] = [OwnerState::Blocked, OwnerState::Banned, OwnerState::Gone];

/// Whether a token that lives by policy lives longer than so many days.
fn outlives(token: &Token, days: u16) -> bool {
    let lifetime = token.kind.descriptor().lifetime;
    let end = later(token.life.created_at, days);
    matches!(lifetime, Lifetime::Policy | Lifetime::ServicePolicy)
        && token.life.expires_at.is_none_or(|expires| expires > end)
}
