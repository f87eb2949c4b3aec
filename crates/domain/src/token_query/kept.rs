//! Filters in the words they are asked for in, as JSON: a value under each
//! field's name, or several.

use std::{borrow::Cow, collections::BTreeMap};

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use super::{FIELDS, TokenQuery};
use crate::{invalid::Invalid, token_filter::TokenFilter};

/// A filter in JSON, such as `{"kind": "personal", "owner": 7, "never_used": true}`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(transparent)]
pub struct Asked(BTreeMap<String, Values>);

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
enum Values {
    One(Value),
    Several(Vec<Value>),
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
enum Value {
    Text(String),
    Number(u64),
    Flag(bool),
}

impl Asked {
    /// Reads what was asked for, at this moment.
    ///
    /// # Errors
    /// As [`TokenQuery::read`].
    pub fn read(&self, now: Timestamp) -> Result<TokenQuery, Invalid> {
        let pairs: Vec<(&str, Cow<'_, str>)> = self
            .0
            .iter()
            .flat_map(|(name, values)| values.texts().map(|text| (name.as_str(), text)))
            .collect();
        TokenQuery::read(pairs.iter().map(|(name, text)| (*name, &**text)), now)
    }
}

impl Values {
    fn texts(&self) -> impl Iterator<Item = Cow<'_, str>> {
        let values = match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::Several(values) => values,
        };
        values.iter().map(|value| match value {
            Value::Text(text) => Cow::Borrowed(text.as_str()),
            Value::Number(number) => Cow::Owned(number.to_string()),
            Value::Flag(flag) => Cow::Owned(flag.to_string()),
        })
    }
}

impl TokenFilter {
    /// The filter as fields and texts that read back as the same.
    pub fn pairs(&self) -> impl Iterator<Item = (&'static str, String)> {
        FIELDS.iter().flat_map(|field| {
            let texts = (field.shown)(self).into_iter();
            texts.map(|text| (field.name, text))
        })
    }
}

impl Serialize for TokenFilter {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let fields = FIELDS.iter().filter_map(|field| {
            let mut texts = (field.shown)(self);
            let last = texts.pop()?;
            let values = if texts.is_empty() {
                Values::One(Value::Text(last))
            } else {
                texts.push(last);
                Values::Several(texts.into_iter().map(Value::Text).collect())
            };
            Some((field.name, values))
        });
        serializer.collect_map(fields)
    }
}

impl<'de> Deserialize<'de> for TokenFilter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let kept = Asked::deserialize(deserializer)?;
        // Counted from here, durations reach back too far: none is ever kept.
        let query = kept.read(Timestamp::MIN).map_err(D::Error::custom)?;
        if query.owner.is_some() || query.subject.is_some() || query.expiring_by.is_some() {
            return Err(D::Error::custom(
                "a filter that is kept has ids and moments",
            ));
        }
        Ok(query.filter)
    }
}
