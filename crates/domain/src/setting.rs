//! What faces need to know of a setting to read, show and describe it.

use std::fmt;

use crate::{
    delete_means::DeleteMeans,
    settings::{Settings, SettingsChange},
};

/// A setting's line, for those who don't know it by name.
#[derive(Debug)]
pub struct Setting {
    /// Its name in the database, on the wire and on the command line.
    pub name: &'static str,
    /// What it settles, for people.
    pub help: &'static str,
    /// What its values are.
    pub sort: Sort,
    /// Whether it may be without a value.
    pub clearable: bool,
    pub(crate) shown: fn(&Settings) -> Value,
    pub(crate) wanted: fn(&mut SettingsChange, Value) -> bool,
}

/// What the values of a setting are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// Yes or no.
    Flag,
    /// Whole numbers.
    Number,
    /// Texts.
    Text,
    /// One of these words.
    Choice(&'static [&'static str]),
}

/// A value of a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Yes or no.
    Flag(bool),
    /// A whole number.
    Number(i64),
    /// A text.
    Text(String),
    /// None.
    Nothing,
}

impl Setting {
    /// The setting with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        crate::settings::SETTINGS
            .iter()
            .find(|setting| setting.name == name)
    }

    /// Its value in force.
    #[must_use]
    pub fn value(&self, settings: &Settings) -> Value {
        (self.shown)(settings)
    }

    /// Adds a new value to a change; answers whether it is of the right sort.
    #[must_use]
    pub fn change(&self, change: &mut SettingsChange, value: Value) -> bool {
        (self.wanted)(change, value)
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => flag.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => text.fmt(f),
            Self::Nothing => Ok(()),
        }
    }
}

/// What a setting is kept as.
pub(crate) trait Kept: Sized {
    const SORT: Sort;
    const CLEARABLE: bool;
    fn shown(&self) -> Value;
    fn wanted(value: Value) -> Option<Self>;
}

impl Kept for bool {
    const SORT: Sort = Sort::Flag;
    const CLEARABLE: bool = false;

    fn shown(&self) -> Value {
        Value::Flag(*self)
    }

    fn wanted(value: Value) -> Option<Self> {
        match value {
            Value::Flag(flag) => Some(flag),
            _ => None,
        }
    }
}

impl Kept for String {
    const SORT: Sort = Sort::Text;
    const CLEARABLE: bool = false;

    fn shown(&self) -> Value {
        Value::Text(self.clone())
    }

    /// Without a value it is empty.
    fn wanted(value: Value) -> Option<Self> {
        match value {
            Value::Text(text) => Some(text),
            Value::Nothing => Some(Self::new()),
            _ => None,
        }
    }
}

impl Kept for DeleteMeans {
    const SORT: Sort = Sort::Choice(Self::NAMES);
    const CLEARABLE: bool = false;

    fn shown(&self) -> Value {
        Value::Text(self.name().to_owned())
    }

    fn wanted(value: Value) -> Option<Self> {
        match value {
            Value::Text(text) => Self::from_name(&text),
            _ => None,
        }
    }
}

impl Kept for u16 {
    const SORT: Sort = Sort::Number;
    const CLEARABLE: bool = false;

    fn shown(&self) -> Value {
        Value::Number((*self).into())
    }

    /// What is no such number becomes 0, which every check refuses.
    fn wanted(value: Value) -> Option<Self> {
        match value {
            Value::Number(number) => Some(Self::try_from(number).unwrap_or(0)),
            _ => None,
        }
    }
}

impl<T: Kept> Kept for Option<T> {
    const SORT: Sort = T::SORT;
    const CLEARABLE: bool = true;

    fn shown(&self) -> Value {
        self.as_ref().map_or(Value::Nothing, T::shown)
    }

    fn wanted(value: Value) -> Option<Self> {
        match value {
            Value::Nothing => Some(None),
            other => T::wanted(other).map(Some),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{NAMES, SETTINGS};

    #[test]
    fn every_setting_reads_back_what_it_shows() {
        let settings = Settings::default();
        for (setting, name) in SETTINGS.iter().zip(NAMES) {
            assert_eq!(Setting::named(name).unwrap().name, setting.name);
            assert!(setting.help.ends_with('.'), "{name}");
            let mut change = SettingsChange::default();
            assert!(setting.change(&mut change, setting.value(&settings)));
            assert_ne!(change, SettingsChange::default(), "{name}");
            assert_eq!(settings.changed(change).unwrap(), settings, "{name}");
        }
        assert_eq!(SETTINGS.len(), NAMES.len());
    }

    #[test]
    fn a_value_of_another_sort_changes_nothing() {
        for setting in SETTINGS {
            let wrong = match setting.sort {
                Sort::Flag => Value::Number(1),
                Sort::Choice(_) => Value::Text("neither".to_owned()),
                Sort::Number | Sort::Text => Value::Flag(true),
            };
            let mut change = SettingsChange::default();
            assert!(!setting.change(&mut change, wrong), "{}", setting.name);
            assert_eq!(change, SettingsChange::default());
        }
    }

    #[test]
    fn a_number_that_no_day_count_is_stays_wrong() {
        let days = Setting::named("max_personal_access_token_lifetime").unwrap();
        for number in [0, -1, 366, 70_000, i64::MAX, i64::MIN] {
            let mut change = SettingsChange::default();
            assert!(days.change(&mut change, Value::Number(number)));
            assert!(Settings::default().changed(change).is_err(), "{number}");
        }
    }
}
