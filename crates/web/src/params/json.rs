//! JSON bodies.
//!
//! Read into a list rather than a map, so that a key that comes twice is seen.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use super::{Entry, Value};

/// A body that is no JSON object; says why.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct BadJson(pub(super) &'static str);

/// The parameters of a JSON object.
pub(super) fn parse(text: &[u8]) -> Result<Vec<Entry>, BadJson> {
    match serde_json::from_slice::<Object>(text) {
        Ok(object) => Ok(object.0),
        Err(error) if error.is_data() => Err(BadJson("the JSON body must be an object")),
        Err(_) => Err(BadJson("the body isn't valid JSON")),
    }
}

struct Object(Vec<Entry>);

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor)
    }
}

struct ObjectVisitor;

impl<'de> Visitor<'de> for ObjectVisitor {
    type Value = Object;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Object, A::Error> {
        entries(map).map(Object)
    }
}

fn entries<'de, A: MapAccess<'de>>(mut map: A) -> Result<Vec<Entry>, A::Error> {
    let mut entries = Vec::new();
    while let Some((name, value)) = map.next_entry()? {
        entries.push(Entry { name, value });
    }
    Ok(entries)
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::Text(text))
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(Value::Text(flag.to_string()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Text(number.to_string()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(Value::Text(number.to_string()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(Value::Text(number.to_string()))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Value, A::Error> {
        entries(map).map(Value::Object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_object_holds_parameters() {
        for not_an_object in ["[]", "null", "\"x\"", "1", "true"] {
            let expected = BadJson("the JSON body must be an object");
            assert_eq!(
                parse(not_an_object.as_bytes()).unwrap_err(),
                expected,
                "{not_an_object}"
            );
        }
        for broken in ["{", "{\"a\":}", "{}x", "{'a':1}", "\u{feff}{}"] {
            let expected = BadJson("the body isn't valid JSON");
            assert_eq!(parse(broken.as_bytes()).unwrap_err(), expected, "{broken}");
        }
        assert!(parse(b"{\"a\":\"\xff\"}").is_err(), "not UTF-8");
        assert_eq!(parse(b"{}").unwrap().len(), 0);
    }

    #[test]
    fn depth_is_bounded() {
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
        assert!(parse(deep.as_bytes()).is_err());
    }
}
