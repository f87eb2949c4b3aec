//! The values that fields take, and what is said of others. What was written
//! is not repeated: somebody may have pasted a secret.

use std::net::IpAddr;

use jiff::Timestamp;
use tokenry_token::{Hint, Prefix};

use super::TokenQuery;
use crate::{
    ids::{GroupId, HolderId, ProjectId, TokenId, UserId},
    invalid::readable,
    place::{PlaceName, PlaceRef},
    scope::{self, Scope, Scopes},
    states::States,
    subject::Subject,
    token::{MOST_CHARACTERS, State},
    token_filter::HintPart,
    written,
};

/// Texts separated by commas.
pub(super) fn list<T: PartialEq>(
    text: &str,
    from_name: impl Fn(&str) -> Option<T>,
    known: &[&'static str],
) -> Result<Vec<T>, String> {
    let mut values = Vec::new();
    for name in text.split(',').map(str::trim) {
        let Some(value) = from_name(name) else {
            return Err(format!("takes {}, separated by commas", known.join(", ")));
        };
        if !values.contains(&value) {
            values.push(value);
        }
    }
    Ok(values)
}

/// The sets of states that have names.
const STATES: [(&str, States); 4] = [
    ("active", States::ACTIVE),
    ("expired", States::of(&[State::Expired])),
    ("revoked", States::REVOKED),
    ("inactive", States::INACTIVE),
];

pub(super) fn state_names() -> Vec<&'static str> {
    STATES.into_iter().map(|(name, _)| name).collect()
}

pub(super) fn states(text: &str) -> Result<States, String> {
    let set_of = |name: &str| {
        let (_, set) = STATES.into_iter().find(|(own, _)| *own == name)?;
        Some(set)
    };
    let sets = list(text, set_of, &state_names())?;
    Ok(sets.into_iter().fold(States::NONE, States::and))
}

pub(super) fn scope_names() -> Vec<&'static str> {
    scope::ALL.iter().map(|scope| scope.name()).collect()
}

pub(super) fn scopes(text: &str) -> Result<Scopes, String> {
    let scopes = list(text, Scope::from_name, &scope_names())?;
    Ok(Scopes::of(&scopes))
}

/// A date, a moment, or how long ago. The database keeps microseconds.
pub(super) fn time(text: &str, now: Timestamp) -> Result<Timestamp, String> {
    let ago = || {
        let at = now.checked_sub(written::duration(text)?).ok();
        at.filter(|at| *at >= Timestamp::UNIX_EPOCH)
    };
    let at = written::moment(text).or_else(ago);
    let at = at.and_then(|at| Timestamp::from_microsecond(at.as_microsecond()).ok());
    at.ok_or_else(|| {
        "takes a date (2031-04-05), a moment (2031-04-05T06:07:08Z) or how long ago (7d, 12h)"
            .to_owned()
    })
}

/// The end of a time that begins now.
pub(super) fn ahead(text: &str, now: Timestamp) -> Result<Timestamp, String> {
    let at = written::duration(text).and_then(|length| now.checked_add(length).ok());
    let at = at.and_then(|at| Timestamp::from_microsecond(at.as_microsecond()).ok());
    at.ok_or_else(|| "takes a duration, such as 30d, 12h or 2w".to_owned())
}

pub(super) fn flag(text: &str) -> Result<bool, String> {
    match text {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err("takes true or false".to_owned()),
    }
}

/// Digits are an id, anything else a username.
pub(super) fn owner(query: &mut TokenQuery, text: &str) -> Result<(), String> {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        query.filter.owner = Some(id(text, UserId::new)?);
    } else {
        readable("owner", text, MOST_CHARACTERS).map_err(|_| "takes a username or an id")?;
        query.owner = Some(text.to_owned());
    }
    Ok(())
}

/// A group or project by id or path, a holder by id, or nothing.
pub(super) fn subject(query: &mut TokenQuery, text: &str) -> Result<(), String> {
    let expected = "takes group:7, group:team, project:12, project:team/app, holder:9 or none";
    if text == "none" {
        query.filter.without_subject = true;
        return Ok(());
    }
    let (sort, name) = text.split_once(':').ok_or(expected)?;
    let place = PlaceName::parse(name);
    let subject: Subject = match (sort, &place) {
        ("group", PlaceName::Id(_)) => id(name, GroupId::new)?.into(),
        ("project", PlaceName::Id(_)) => id(name, ProjectId::new)?.into(),
        ("holder", PlaceName::Id(_)) => id(name, HolderId::new)?.into(),
        ("group" | "project", PlaceName::Path(path)) => {
            readable("subject", path, MOST_PATH).map_err(|_| expected)?;
            query.subject = Some(match sort {
                "group" => PlaceRef::Group(place),
                _ => PlaceRef::Project(place),
            });
            return Ok(());
        }
        _ => return Err(expected.to_owned()),
    };
    query.filter.subject = Some(subject);
    Ok(())
}

/// The longest path that anybody needs to write, in characters.
const MOST_PATH: usize = 5_000;

pub(super) fn id<T>(text: &str, new: impl Fn(i64) -> Option<T>) -> Result<T, String> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let id = text.parse().ok().filter(|_| digits).and_then(new);
    id.ok_or_else(|| "takes an id, a number above zero".to_owned())
}

pub(super) fn family(text: &str) -> Result<TokenId, String> {
    id(text, TokenId::new)
}

/// How many texts may be sought in names at once.
pub(super) const MOST_NAMES: usize = 20;

/// A text to be found in names.
pub(super) fn name(text: &str) -> Result<String, String> {
    if text.is_empty() {
        return Err("takes a text that names contain; leave it out for every name".to_owned());
    }
    if text.chars().count() > MOST_CHARACTERS {
        return Err(format!(
            "is too long (maximum is {MOST_CHARACTERS} characters)"
        ));
    }
    if text.chars().any(char::is_control) {
        return Err("has control characters, which no name has".to_owned());
    }
    Ok(text.to_owned())
}

/// A whole hint, or the characters behind its ellipsis. Three dots will do for
/// that.
pub(super) fn hint(text: &str) -> Result<HintPart, String> {
    let spelled = text.replace("...", "…");
    let shown = Hint::SHOWN_CHARS;
    if spelled.chars().any(char::is_control) || spelled.chars().count() > MOST_HINT {
        return Err(format!(
            "takes the last {shown} characters of a token, or all of a hint"
        ));
    }
    if spelled.contains('…') {
        return Ok(HintPart::Whole(Hint::from_stored(spelled)));
    }
    if text.chars().count() != shown {
        return Err(format!(
            "takes the last {shown} characters of a token, or all of a hint, such as glpat-…x3f9; \
             to find a token by its text, identify it"
        ));
    }
    Ok(HintPart::Ending(text.to_owned()))
}

/// A prefix, the ellipsis, and what is shown behind.
const MOST_HINT: usize = Prefix::MAX_BYTES + 1 + Hint::SHOWN_CHARS;

pub(super) fn prefix(text: &str) -> Result<Prefix, String> {
    Prefix::new(text).map_err(|_| "takes a prefix, such as glpat-".to_owned())
}

pub(super) fn address(text: &str) -> Result<IpAddr, String> {
    text.parse()
        .map_err(|_| "takes an address, such as 203.0.113.9 or 2001:db8::9".to_owned())
}
