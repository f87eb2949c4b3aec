//! How people write down which tokens they mean: fields and texts, the same on
//! the page, the API and the command line.
//!
//! Every field is a line in [`FIELDS`]. All conditions must hold; where a field
//! takes several values, separated by commas, one of them is enough. A filter
//! is kept in the same words, with moments in place of durations, so that it
//! means tomorrow what it means today.

mod fields;
mod kept;
mod values;

use std::collections::BTreeSet;

use jiff::Timestamp;

pub use self::{fields::FIELDS, kept::Asked};
use crate::{
    invalid::{Invalid, Problem},
    place::PlaceRef,
    states::States,
    token_filter::{TokenFilter, TokenOrder},
};

/// One field of the grammar.
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it takes, in a word or two.
    pub value: &'static str,
    /// The values there are, if they are so few; several are separated by commas.
    pub options: fn() -> Vec<&'static str>,
    /// What it asks for.
    pub help: &'static str,
    /// Whether it may be given more than once; each must hold then.
    pub repeats: bool,
    /// Takes a text over into a query, or says what is wrong with it.
    read: fn(&mut TokenQuery, &str, Timestamp) -> Result<(), String>,
    /// What a filter says of it.
    shown: fn(&TokenFilter) -> Vec<String>,
}

/// What was asked for. Names are still to be looked up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TokenQuery {
    /// The conditions, save those with a name.
    pub filter: TokenFilter,
    /// The owner's username.
    pub owner: Option<String>,
    /// The path of the project or group that tokens are to belong to.
    pub subject: Option<PlaceRef>,
    /// The end of the time in which tokens are to expire by themselves.
    expiring_by: Option<Timestamp>,
}

impl TokenQuery {
    /// Reads what was asked for, at this moment: durations count from it.
    ///
    /// # Errors
    /// [`Invalid`] with everything that is wrong, each with a way out.
    pub fn read<'t>(
        pairs: impl IntoIterator<Item = (&'t str, &'t str)>,
        now: Timestamp,
    ) -> Result<Self, Invalid> {
        let mut query = Self::default();
        let mut seen = BTreeSet::new();
        let mut problems = Vec::new();
        for (name, text) in pairs {
            let Some(field) = Field::named(name) else {
                problems.push(unknown(name));
                continue;
            };
            let again = !seen.insert(field.name) && !field.repeats;
            let read = if again {
                Err("is there twice; several values are separated by commas, where it takes several".to_owned())
            } else {
                (field.read)(&mut query, text, now)
            };
            if let Err(problem) = read {
                let field = field.name;
                problems.push(Problem { field, problem });
            }
        }
        problems.extend(query.settle_expiring().err());
        if problems.is_empty() {
            Ok(query)
        } else {
            Err(Invalid { problems })
        }
    }

    /// Whether nothing was asked for, so that every token is meant.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What will expire works until then.
    fn settle_expiring(&mut self) -> Result<(), Problem> {
        let Some(end) = self.expiring_by else {
            return Ok(());
        };
        let filter = &mut self.filter;
        filter.states = filter.states.within(States::ACTIVE);
        if filter.states == States::NONE {
            return Err(Problem {
                field: "expiring_within",
                problem: "is of tokens that work; leave out state".to_owned(),
            });
        }
        let before = &mut filter.expires.before;
        *before = Some(before.map_or(end, |other| other.min(end)));
        Ok(())
    }
}

impl Field {
    /// The field, which takes one of these.
    const fn of(self, options: fn() -> Vec<&'static str>) -> Self {
        Self { options, ..self }
    }

    /// The field of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        FIELDS.iter().find(|field| field.name == name)
    }
}

impl std::fmt::Debug for Field {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Field({})", self.name)
    }
}

/// The order of this name.
///
/// # Errors
/// [`Invalid`] naming the orders there are.
pub fn order(name: &str) -> Result<TokenOrder, Invalid> {
    TokenOrder::from_name(name).ok_or_else(|| {
        let known: Vec<_> = TokenOrder::all().map(TokenOrder::name).collect();
        Invalid::field("sort", format!("is none of {}", known.join(", ")))
    })
}

/// What is said of a field that isn't one. It is repeated only where it looks
/// like a name: somebody may have pasted a secret.
fn unknown(name: &str) -> Problem {
    let known: Vec<_> = FIELDS.iter().map(|field| field.name).collect();
    let letters = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
    let called = if name.len() <= 30 && name.bytes().all(letters) {
        format!(" called {name:?}")
    } else {
        String::new()
    };
    Problem {
        field: "filter",
        problem: format!("has no field{called}; there are {}", known.join(", ")),
    }
}

#[cfg(test)]
mod tests;
