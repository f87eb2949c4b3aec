//! The environment, as far as clap doesn't read it itself.

use std::ffi::OsString;

use tokenry_token::TokenText;

use super::{VARIABLES, bad, distance::nearest, variables};
use crate::{console::Secret, exit::Failure};

/// Presets root's token at the first start. No flag and no key of the file:
/// process lists and configuration files are no place for a secret.
const INITIAL_ROOT_TOKEN: &str = "TOKENRY_INITIAL_ROOT_TOKEN";
/// Is presented to a server elsewhere; no flag either.
const TOKEN: &str = "TOKENRY_TOKEN";
/// What the tests tell each other is none of the server's business.
const OF_TESTS: &str = "TOKENRY_TEST_";

/// Refuses a variable that begins like ours and is none: a setting somebody
/// believes in and that isn't in force.
pub(crate) fn refuse_unknown() -> Result<(), Failure> {
    let names = environment()
        .into_iter()
        .filter_map(|(name, _)| name.into_string().ok());
    refuse_unknown_among(names)
}

fn refuse_unknown_among(names: impl Iterator<Item = String>) -> Result<(), Failure> {
    let mut known = variables();
    known.extend([INITIAL_ROOT_TOKEN, TOKEN].map(str::to_owned));
    let mut strangers: Vec<String> = names
        .filter(|name| name.starts_with(VARIABLES) && !name.starts_with(OF_TESTS))
        .filter(|name| !known.contains(name))
        .collect();
    strangers.sort();
    let Some(stranger) = strangers.first() else {
        return Ok(());
    };
    let hint = match nearest(stranger, &known) {
        Some(name) => format!("did you mean {name}?"),
        None => format!("known are {}", known.join(", ")),
    };
    Err(bad(format!(
        "the environment variable {stranger} is no setting; {hint}"
    )))
}

/// What to tell beside a refused value: clap names the flag even where the
/// value came from the environment.
pub(crate) fn hint_at_variables() -> Option<String> {
    let known = variables();
    let mut set: Vec<String> = environment()
        .into_iter()
        .filter_map(|(name, _)| name.into_string().ok())
        .filter(|name| known.contains(name))
        .collect();
    set.sort();
    let list = set.join(", ");
    (!set.is_empty()).then(|| format!("The environment sets {list}."))
}

/// The text that is to be root's token, where the operator chose one.
pub(crate) fn initial_root_token() -> Result<Option<TokenText>, Failure> {
    Ok(text(INITIAL_ROOT_TOKEN)?.map(TokenText::new))
}

/// The token that is presented to a server elsewhere.
pub(super) fn site_token() -> Result<Option<Secret>, Failure> {
    Ok(text(TOKEN)?.map(Secret::new))
}

/// The value of a variable, if there is one and it isn't empty.
fn text(name: &str) -> Result<Option<String>, Failure> {
    let mut variables = environment().into_iter();
    let found = variables.find(|(own, value)| own == name && !value.is_empty());
    found
        .map(|(_, value)| {
            let text = value.into_string();
            text.map_err(|_| bad(format!("{name} is no text")))
        })
        .transpose()
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the room of the environment"
)]
fn environment() -> Vec<(OsString, OsString)> {
    std::env::vars_os().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str) -> Result<(), String> {
        refuse_unknown_among(std::iter::once(name.to_owned())).map_err(|failure| failure.message)
    }

    #[test]
    fn what_is_ours_or_nobodys_passes() {
        for name in [
            "TOKENRY_LISTEN",
            "TOKENRY_CONFIG",
            INITIAL_ROOT_TOKEN,
            "TOKENRY_TEST_POSTGRES_URL",
            "PATH",
            "NOT_TOKENRY_X",
        ] {
            assert_eq!(check(name), Ok(()), "{name}");
        }
    }

    #[test]
    fn a_stranger_is_named_with_what_may_be_meant() {
        let refused = check("TOKENRY_LISTNE").unwrap_err();
        assert_eq!(
            refused,
            "the environment variable TOKENRY_LISTNE is no setting; did you mean TOKENRY_LISTEN?"
        );
        let refused = check("TOKENRY_THE_QUICK_BROWN_FOX").unwrap_err();
        assert!(
            refused.contains("known are TOKENRY_CELL, TOKENRY_CONFIG"),
            "{refused}"
        );
    }
}
