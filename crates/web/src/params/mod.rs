//! What a request asks for, from wherever it says so.
//!
//! Path, body and query are one set of parameters (spec/rest.md section 1.1).
//! Where two sources name the same one, the path wins over the body and the
//! body over the query. What can't be read at all becomes [`Trouble`], which
//! is answered only after the caller has been let in.

mod body;
mod form;
mod json;
mod multipart;
mod reader;

use axum::{
    body::Body,
    extract::{FromRequestParts as _, RawPathParams, rejection::RawPathParamsRejection},
    http::request::Parts,
};

pub(crate) use self::{
    body::{Trouble, whole as whole_body},
    form::encode,
    reader::Reader,
};

/// One parameter as it was sent.
#[derive(Debug)]
pub(crate) struct Entry {
    name: String,
    value: Value,
}

/// A parameter's value as it was sent. It may be a secret, so that Debug shows
/// none.
pub(crate) enum Value {
    /// Text; JSON numbers and booleans are taken as their text.
    Text(String),
    /// A JSON array.
    List(Vec<Value>),
    /// JSON `null`.
    Null,
    /// A JSON object.
    Object(Vec<Entry>),
    /// What no parameter takes: a file.
    Odd,
}

/// Everything a request asks for.
#[derive(Debug, Default)]
pub(crate) struct Params {
    path: Vec<Entry>,
    body: Vec<Entry>,
    query: Vec<Entry>,
    trouble: Option<Trouble>,
}

/// What is there under a name.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found<'p> {
    /// Nothing.
    Absent,
    /// JSON `null`.
    Null,
    /// One text.
    Text(&'p str),
    /// A JSON array of texts, or `name[]=` any number of times.
    List(Vec<&'p str>),
    /// Several values where one is wanted, or none that can be read.
    Odd,
}

impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

impl Entry {
    fn text(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            value: Value::Text(value.into()),
        }
    }
}

impl Params {
    /// Reads a request's parameters. Costs next to nothing where it has none.
    pub(crate) async fn of(parts: &mut Parts, body: Body, limit: usize) -> Self {
        let mut params = Self::default();
        match RawPathParams::from_request_parts(parts, &()).await {
            Ok(path) => params.path = path.iter().map(|(k, v)| Entry::text(k, v)).collect(),
            Err(RawPathParamsRejection::InvalidUtf8InPathParam(_)) => {
                params.trouble = Some(Trouble::NotUtf8("path"));
            }
            Err(_) => {}
        }
        match parts.uri.query().map(|query| form::parse(query.as_bytes())) {
            None => {}
            Some(Ok(query)) => params.query = query,
            Some(Err(form::NotUtf8)) => params.trouble = Some(Trouble::NotUtf8("query")),
        }
        match body::read(&parts.headers, body, limit).await {
            Ok(body) => params.body = body,
            Err(trouble) => params.trouble = Some(trouble),
        }
        params
    }

    /// What couldn't be read, if anything.
    pub(crate) fn trouble(&mut self) -> Option<Trouble> {
        self.trouble.take()
    }

    /// Leaves out what stands in the address, which is written to logs.
    pub(crate) fn without_query(mut self) -> Self {
        self.query.clear();
        self
    }

    /// Reads parameters as what they should be.
    pub(crate) fn reader(&self) -> Reader<'_> {
        Reader::new(self)
    }

    /// What is there under a name.
    pub(crate) fn find<'p>(&'p self, name: &str) -> Found<'p> {
        [&self.path, &self.body, &self.query]
            .into_iter()
            .map(|source| find(source, name))
            .find(|found| *found != Found::Absent)
            .unwrap_or(Found::Absent)
    }

    /// What is there under the name of one of an object's fields: in JSON, an
    /// object's own; in forms and queries, `object[name]=`.
    pub(crate) fn find_in<'p>(&'p self, object: &str, name: &str) -> Found<'p> {
        [&self.body, &self.query]
            .into_iter()
            .map(|source| find_in(source, object, name))
            .find(|found| *found != Found::Absent)
            .unwrap_or(Found::Absent)
    }

    /// Whether what is there under a name can be an object.
    pub(crate) fn may_be_object(&self, name: &str) -> bool {
        let mut entries = self.body.iter().chain(&self.query);
        entries.all(|entry| match entry.name.strip_prefix(name) {
            Some("") => matches!(entry.value, Value::Object(_) | Value::Null),
            other => other != Some("[]"),
        })
    }

    /// The names and texts of the query, in their order.
    pub(crate) fn query(&self) -> impl Iterator<Item = (&str, &str)> {
        self.query.iter().filter_map(|entry| match &entry.value {
            Value::Text(text) => Some((entry.name.as_str(), text.as_str())),
            _ => None,
        })
    }
}

/// Looks through one source once: a source may be long, and is never sorted or
/// compared with itself.
fn find<'p>(source: &'p [Entry], name: &str) -> Found<'p> {
    let mut found = Found::Absent;
    for entry in source {
        let Some(rest) = entry.name.strip_prefix(name) else {
            continue;
        };
        found = match (rest, found) {
            ("", Found::Absent) => single(&entry.value),
            ("[]", Found::Absent) => list(std::slice::from_ref(&entry.value)),
            ("[]", Found::List(mut items)) => match &entry.value {
                Value::Text(text) => {
                    items.push(text);
                    Found::List(items)
                }
                _ => Found::Odd,
            },
            ("" | "[]", _) => Found::Odd,
            // `name[key]=`: a form's way to write an object.
            (rest, _) if rest.starts_with('[') => Found::Odd,
            (_, before) => before,
        };
    }
    found
}

fn single(value: &Value) -> Found<'_> {
    match value {
        Value::Text(text) => Found::Text(text),
        Value::List(items) => list(items),
        Value::Null => Found::Null,
        Value::Object(_) | Value::Odd => Found::Odd,
    }
}

fn find_in<'p>(source: &'p [Entry], object: &str, name: &str) -> Found<'p> {
    let mut found = Found::Absent;
    for entry in source {
        let Some(rest) = entry.name.strip_prefix(object) else {
            continue;
        };
        let field = rest
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'));
        let own = match (rest, &entry.value) {
            ("", Value::Object(fields)) => find(fields, name),
            (_, value) if field == Some(name) => single(value),
            _ => Found::Absent,
        };
        found = match (found, own) {
            (before, Found::Absent) => before,
            (Found::Absent, own) => own,
            _ => Found::Odd,
        };
    }
    found
}

fn list(items: &[Value]) -> Found<'_> {
    let texts = items.iter().map(|item| match item {
        Value::Text(text) => Some(text.as_str()),
        _ => None,
    });
    texts.collect::<Option<_>>().map_or(Found::Odd, Found::List)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(body: &str, query: &str) -> Params {
        Params {
            path: vec![Entry::text("id", "7")],
            body: json::parse(body.as_bytes()).unwrap(),
            query: form::parse(query.as_bytes()).unwrap(),
            trouble: None,
        }
    }

    #[test]
    fn the_path_wins_over_the_body_and_the_body_over_the_query() {
        let params = params(r#"{"id":8,"name":"body"}"#, "id=9&name=query&sort=asc");
        assert_eq!(params.find("id"), Found::Text("7"));
        assert_eq!(params.find("name"), Found::Text("body"));
        assert_eq!(params.find("sort"), Found::Text("asc"));
        assert_eq!(params.find("nam"), Found::Absent);
    }

    #[test]
    fn an_objects_fields_are_found_by_their_names() {
        let params = params(
            r#"{"info":{"version":"17.1","deep":{"x":1},"none":null},"text":"x","infos":1}"#,
            "info[platform]=linux&info[version]=9&twice[a]=1&twice[a]=2&list[]=1&info2[version]=3",
        );
        for (object, name, expected) in [
            ("info", "version", Found::Text("17.1")),
            ("info", "platform", Found::Text("linux")),
            ("info", "deep", Found::Odd),
            ("info", "none", Found::Null),
            ("info", "vers", Found::Absent),
            ("text", "version", Found::Absent),
            ("twice", "a", Found::Odd),
        ] {
            assert_eq!(params.find_in(object, name), expected, "{object} {name}");
        }
        for (name, expected) in [
            ("info", true),
            ("twice", true),
            ("absent", true),
            ("text", false),
            ("list", false),
        ] {
            assert_eq!(params.may_be_object(name), expected, "{name}");
        }
        assert_eq!(params.find("info"), Found::Odd);
    }

    #[test]
    fn debug_shows_names_and_no_values() {
        let params = params(
            r#"{"password":"hunter2"}"#,
            "private_token=glpat-x&d[]=glpat-y",
        );
        let shown = format!("{params:?}");
        assert!(
            shown.contains("private_token")
                && !shown.contains("glpat")
                && !shown.contains("hunter2")
        );
    }

    #[test]
    fn lists_come_as_arrays_or_with_brackets() {
        let params = params(
            r#"{"a":["x",1,true],"b":[["x"]],"c":[]}"#,
            "d[]=x&d%5B%5D=y&e[]=z",
        );
        assert_eq!(params.find("a"), Found::List(vec!["x", "1", "true"]));
        assert_eq!(params.find("b"), Found::Odd);
        assert_eq!(params.find("c"), Found::List(vec![]));
        assert_eq!(params.find("d"), Found::List(vec!["x", "y"]));
        assert_eq!(params.find("e"), Found::List(vec!["z"]));
    }

    #[test]
    fn one_source_names_a_thing_once_and_no_part_of_it() {
        let params = params(
            r#"{"a":1,"a":2,"n":null,"o":{}}"#,
            "b=1&b=1&c=1&c[]=2&d[]=1&d=2&e[x]=1&f[][x]=1&g[]=1&g[0]=1&no[=1",
        );
        for name in ["a", "b", "c", "d", "e", "f", "g", "no", "o"] {
            assert_eq!(params.find(name), Found::Odd, "{name}");
        }
        assert_eq!(params.find("n"), Found::Null);
    }
}
