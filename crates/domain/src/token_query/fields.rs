//! The table of fields.

use jiff::Timestamp;

use super::{Field, values};
use crate::{
    kind::Kind, owner_state::OwnerState, scope::Scopes, states::States, subject::Subject,
    token::State, token_filter::HintPart,
};

/// A field whose value is one part of the filter, as it was read.
macro_rules! part {
    ($name:literal, $value:literal, $help:literal, $($part:ident).+, $read:expr, $shown:expr) => {
        Field {
            name: $name,
            value: $value,
            options: Vec::new,
            help: $help,
            repeats: false,
            read: |query, text, now| {
                query.filter.$($part).+ = $read(text, now)?;
                Ok(())
            },
            shown: |filter| $shown(&filter.$($part).+).into_iter().collect(),
        }
    };
}

/// A field that is an end of a span of time.
macro_rules! time {
    ($name:literal, $help:literal, $($part:ident).+) => {
        part!(
            $name, "time", $help, $($part).+,
            |text, now| values::time(text, now).map(Some),
            |at: &Option<Timestamp>| at.map(|at| at.to_string())
        )
    };
}

/// Every field, in the order of the handbook.
pub static FIELDS: [Field; 22] = [
    part!(
        "kind",
        "kinds",
        "Of these kinds",
        kinds,
        |text, _| values::list(text, Kind::from_name, &kinds()),
        |kinds: &Vec<Kind>| joined(kinds.iter().map(|kind| kind.name()))
    )
    .of(kinds),
    part!(
        "state",
        "states",
        "In one of these states: active, expired, revoked, or inactive, which is either of the last two",
        states,
        |text, _| values::states(text),
        |states: &States| if *states == States::ALL {
            None
        } else {
            Some(states_shown(*states))
        }
    )
    .of(values::state_names),
    Field {
        name: "owner",
        value: "username or id",
        options: Vec::new,
        help: "Of this user",
        repeats: false,
        read: |query, text, _| values::owner(query, text),
        shown: |filter| filter.owner.iter().map(ToString::to_string).collect(),
    },
    part!(
        "owner_state",
        "states",
        "Whose owner is in one of these states: active, blocked, banned, deactivated, or gone, which is removed",
        owner_states,
        |text, _| values::list(text, OwnerState::from_name, &owner_states()),
        |states: &Vec<OwnerState>| joined(states.iter().map(|state| state.name()))
    )
    .of(owner_states),
    Field {
        name: "subject",
        value: "subject",
        options: Vec::new,
        help: "That belong to this: `group:7`, `group:team`, `project:12`, `project:team/app`, `holder:9`; or to `none`",
        repeats: false,
        read: |query, text, _| values::subject(query, text),
        shown: |filter| {
            let none = filter.without_subject.then(|| "none".to_owned());
            filter
                .subject
                .map(subject_shown)
                .or(none)
                .into_iter()
                .collect()
        },
    },
    part!(
        "scope",
        "scopes",
        "With at least one of these scopes",
        scopes,
        |text, _| values::scopes(text),
        |scopes: &Scopes| joined(scopes.names())
    )
    .of(values::scope_names),
    Field {
        name: "name",
        value: "text",
        options: Vec::new,
        help: "Whose name contains this, whatever the case; given more than once, all of it",
        repeats: true,
        read: |query, text, _| {
            let words = &mut query.filter.words;
            if words.len() >= values::MOST_NAMES {
                return Err(format!("may be given {} times at most", values::MOST_NAMES));
            }
            words.push(values::name(text)?);
            Ok(())
        },
        shown: |filter| filter.words.clone(),
    },
    part!(
        "hint",
        "hint",
        "With this hint, or with these last four characters",
        hint,
        |text, _| values::hint(text).map(Some),
        |hint: &Option<HintPart>| hint.as_ref().map(|part| match part {
            HintPart::Whole(hint) => hint.to_string(),
            HintPart::Ending(ending) => ending.clone(),
        })
    ),
    part!(
        "prefix",
        "prefix",
        "Whose text begins with exactly this prefix",
        prefix,
        |text, _| values::prefix(text).map(Some),
        |prefix: &Option<tokenry_token::Prefix>| prefix.as_ref().map(ToString::to_string)
    ),
    time!("created_after", "Issued then or later", created.after),
    time!("created_before", "Issued then or earlier", created.before),
    time!("expires_after", "That expire then or later", expires.after),
    time!("expires_before", "That expire earlier", expires.before),
    Field {
        name: "expiring_within",
        value: "duration",
        options: Vec::new,
        help: "That work now and expire before this time has passed",
        repeats: false,
        read: |query, text, now| {
            query.expiring_by = Some(values::ahead(text, now)?);
            Ok(())
        },
        // It is kept as the state and the moment that it means.
        shown: |_| Vec::new(),
    },
    time!("revoked_after", "Revoked then or later", revoked.after),
    time!("revoked_before", "Revoked then or earlier", revoked.before),
    time!(
        "ended_before",
        "Revoked or expired then or earlier",
        ended_before
    ),
    time!(
        "last_used_after",
        "Used last then or later",
        last_used.after
    ),
    time!(
        "last_used_before",
        "Used last then or earlier; those never used aren't among them",
        last_used.before
    ),
    part!(
        "never_used",
        "true or false",
        "Never used, or used at least once",
        used,
        |text, _| values::flag(text).map(|never| Some(!never)),
        |used: &Option<bool>| used.map(|used| (!used).to_string())
    )
    .of(|| vec!["true", "false"]),
    part!(
        "family",
        "id",
        "The token with this id, those it was rotated from and those that came of it",
        family,
        |text, _| values::family(text).map(Some),
        |head: &Option<crate::ids::TokenId>| head.map(|id| id.to_string())
    ),
    part!(
        "address",
        "address",
        "Used lately from this address: one of the last five that are kept",
        address,
        |text, _| values::address(text).map(Some),
        |address: &Option<std::net::IpAddr>| address.map(|address| address.to_string())
    ),
];

fn kinds() -> Vec<&'static str> {
    Kind::all().map(Kind::name).collect()
}

fn owner_states() -> Vec<&'static str> {
    OwnerState::ALL.into_iter().map(OwnerState::name).collect()
}

fn joined<'n>(names: impl Iterator<Item = &'n str>) -> Option<String> {
    let names: Vec<_> = names.collect();
    (!names.is_empty()).then(|| names.join(","))
}

fn states_shown(states: States) -> String {
    let names: Vec<_> = states.iter().map(State::name).collect();
    names.join(",")
}

fn subject_shown(subject: Subject) -> String {
    let (sort, id) = subject.parts();
    format!("{sort}:{id}")
}
