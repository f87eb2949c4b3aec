//! What the routes of groups and projects read alike.

use tokenry_authority::{Caller, places::PlaceChange};
use tokenry_domain::{
    AccessLevel, PlaceName, PlaceRef, Visibility, place::Profile, place_filter::PlaceFilter,
};

use crate::params::Reader;

/// GitLab's lowest role, below all that are given here.
const MINIMAL: i64 = 5;

/// Names the place of a route: `PlaceRef::Group` or `PlaceRef::Project`.
pub(super) type Sort = fn(PlaceName) -> PlaceRef;

/// The group or project that a path names: an id, or an encoded full path.
pub(super) fn place_name(reader: &mut Reader<'_>, name: &str) -> PlaceName {
    PlaceName::parse(reader.text(name).unwrap_or_default())
}

/// A role by its number.
pub(super) fn level(reader: &mut Reader<'_>, name: &str) -> Option<AccessLevel> {
    let number = reader.integer(name)?;
    AccessLevel::from_number(number).or_else(|| reader.no_valid_value(name))
}

/// The lowest role of a list. GitLab has one below all that are given here.
pub(super) fn min_level(reader: &mut Reader<'_>) -> Option<AccessLevel> {
    let number = reader.integer("min_access_level")?;
    let level = match number {
        MINIMAL => Some(AccessLevel::Guest),
        number => AccessLevel::from_number(number),
    };
    level.or_else(|| reader.no_valid_value("min_access_level"))
}

pub(super) fn visibility(reader: &mut Reader<'_>) -> Option<Visibility> {
    let names = Visibility::ALL.map(Visibility::name);
    Visibility::from_name(reader.choice("visibility", &names)?)
}

/// What every list of groups or projects is filtered by.
pub(super) fn filter(reader: &mut Reader<'_>, caller: &Caller) -> PlaceFilter {
    let owned = reader.flag("owned").unwrap_or_default();
    let membership = reader.flag("membership").unwrap_or_default();
    let asked = [
        min_level(reader),
        owned.then_some(AccessLevel::Owner),
        membership.then_some(AccessLevel::Guest),
    ];
    let least = asked.into_iter().max().flatten();
    let search = reader.sought("search").filter(|text| !text.is_empty());
    PlaceFilter {
        seen_by: None,
        role: caller.user().map(|user| user.id).zip(least),
        search: search.map(str::to_owned),
        visibility: visibility(reader),
    }
}

/// What a new group or project is to be. GitLab's default is to hide it.
pub(super) fn profile(reader: &mut Reader<'_>, name: &str, path: &str) -> Profile {
    let description = reader.text("description").filter(|text| !text.is_empty());
    Profile {
        name: name.to_owned(),
        path: path.to_owned(),
        description: description.map(str::to_owned),
        visibility: visibility(reader).unwrap_or(Visibility::Private),
    }
}

/// What is changed of a group or project.
pub(super) fn change(reader: &mut Reader<'_>) -> PlaceChange {
    let description = if reader.clears("description") {
        Some(None)
    } else {
        let text = reader.text("description");
        text.map(|text| Some(text.to_owned()))
    };
    PlaceChange {
        name: reader.text("name").map(str::to_owned),
        path: reader.text("path").map(str::to_owned),
        description,
        visibility: visibility(reader),
        archived: None,
    }
}
