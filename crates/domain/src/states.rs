//! Sets of token states: which ones a list shows.

use std::fmt;

use crate::token::State;

/// A set of states; every one of them, unless told otherwise.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct States(u8);

impl States {
    /// Every state.
    pub const ALL: Self = Self::of(&[State::Active, State::Expired, State::Revoked]);
    /// Of what works.
    pub const ACTIVE: Self = Self::of(&[State::Active]);
    /// Of what works no more.
    pub const INACTIVE: Self = Self::of(&[State::Expired, State::Revoked]);
    /// Of what somebody ended.
    pub const REVOKED: Self = Self::of(&[State::Revoked]);
    /// Of what nobody ended.
    pub const UNREVOKED: Self = Self::of(&[State::Active, State::Expired]);
    /// No state: nothing is shown.
    pub const NONE: Self = Self(0);

    /// The set of these states.
    #[must_use]
    pub const fn of(states: &[State]) -> Self {
        let mut bits = 0;
        let mut rest = states;
        while let [first, others @ ..] = rest {
            bits |= bit(*first);
            rest = others;
        }
        Self(bits)
    }

    /// The states that work, or those that don't; all where nothing is said.
    #[must_use]
    pub const fn working(works: Option<bool>) -> Self {
        match works {
            Some(true) => Self::ACTIVE,
            Some(false) => Self::INACTIVE,
            None => Self::ALL,
        }
    }

    /// The revoked state, or the others; all where nothing is said.
    #[must_use]
    pub const fn ended(revoked: Option<bool>) -> Self {
        match revoked {
            Some(true) => Self::REVOKED,
            Some(false) => Self::UNREVOKED,
            None => Self::ALL,
        }
    }

    /// Whether the state is in the set.
    #[must_use]
    pub const fn has(self, state: State) -> bool {
        self.0 & bit(state) != 0
    }

    /// What is in either set.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What is in both sets.
    #[must_use]
    pub const fn within(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The states of the set.
    pub fn iter(self) -> impl Iterator<Item = State> {
        [State::Active, State::Expired, State::Revoked]
            .into_iter()
            .filter(move |state| self.has(*state))
    }
}

const fn bit(state: State) -> u8 {
    match state {
        State::Active => 1,
        State::Expired => 2,
        State::Revoked => 4,
    }
}

impl Default for States {
    fn default() -> Self {
        Self::ALL
    }
}

impl fmt::Debug for States {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_answers_about_a_token_leave_the_states_that_fit_both() {
        let both = |revoked, works| States::ended(revoked).within(States::working(works));
        assert_eq!(both(None, None), States::ALL);
        assert_eq!(both(Some(false), Some(true)), States::ACTIVE);
        assert_eq!(both(Some(true), Some(false)), States::REVOKED);
        assert_eq!(both(Some(true), Some(true)), States::NONE);
        let expired: Vec<_> = both(Some(false), Some(false)).iter().collect();
        assert_eq!(expired, [State::Expired]);
        assert_eq!(States::ACTIVE.and(States::INACTIVE), States::ALL);
    }
}
