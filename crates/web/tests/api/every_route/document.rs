//! The document as a list of routes.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

/// A method and a path, and what the document says of them.
#[derive(Debug)]
pub(crate) struct Route {
    pub(super) method: String,
    /// Without `/api/v4/` in front, as the tests' client takes it.
    pub(super) path: String,
    /// Whether it asks for no token.
    pub(super) open: bool,
    /// What it takes in its path, its query and its body.
    pub(super) parameters: Vec<Parameter>,
    /// Whether its body is a form, and not JSON.
    pub(super) form: bool,
}

/// What a route can be given.
#[derive(Debug)]
pub(crate) struct Parameter {
    pub(super) name: String,
    pub(super) place: Place,
    pub(super) required: bool,
    /// `integer`, `boolean`, `array`, `string` or, of texts, their format.
    pub(super) sort: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Path,
    Query,
    Body,
}

/// Every route there is.
pub(crate) fn routes() -> Vec<Route> {
    let documents = tokenry_web::openapi();
    let routes: Vec<_> = documents
        .iter()
        .flat_map(|(_, document)| routes_of(document))
        .collect();
    assert!(routes.len() > 150, "{routes:?}");
    routes
}

fn routes_of(document: &impl Serialize) -> Vec<Route> {
    let document = serde_json::to_value(document).unwrap();
    let paths: BTreeMap<String, BTreeMap<String, Value>> =
        serde_json::from_value(document["paths"].clone()).unwrap();
    let mut routes = Vec::new();
    for (path, methods) in paths {
        let path = path.strip_prefix("/api/v4/").unwrap_or(&path);
        for (method, operation) in methods {
            let content = &operation["requestBody"]["content"];
            let form = content.get("application/x-www-form-urlencoded");
            let json = content.get("application/json");
            let mut parameters = in_address(&document, &operation);
            if let Some(body) = form.or(json) {
                in_body(&document, &body["schema"], &mut parameters);
            }
            routes.push(Route {
                method: method.to_uppercase(),
                path: path.to_owned(),
                open: !operation["security"].is_null(),
                parameters,
                form: form.is_some(),
            });
        }
    }
    routes
}

impl Route {
    /// As examples name it: `POST groups/{id}`.
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    pub(super) fn changes(&self) -> bool {
        self.method != "GET"
    }

    /// Whether it is of tokenry's own face, and not of GitLab's.
    pub(super) fn is_own(&self) -> bool {
        self.path.starts_with("/api/v1/")
    }

    /// Whether it belongs to a group or a project.
    pub(super) fn has_place(&self) -> bool {
        ["groups/{id}", "projects/{id}"]
            .iter()
            .any(|start| self.path.starts_with(start))
    }

    /// Its path with 1 for each id.
    pub(super) fn with_ones(&self) -> String {
        let parts = self.path.split('/');
        let ones = parts.map(|part| if part.starts_with('{') { "1" } else { part });
        ones.collect::<Vec<_>>().join("/")
    }

    /// The ids in its path.
    pub(super) fn ids(&self) -> impl Iterator<Item = &Parameter> {
        let in_path = |known: &&Parameter| known.place == Place::Path;
        self.parameters.iter().filter(in_path)
    }

    pub(super) fn parameter(&self, name: &str) -> &Parameter {
        let found = self.parameters.iter().rfind(|known| known.name == name);
        found.unwrap_or_else(|| panic!("{} takes no {name}", self.name()))
    }
}

fn in_address(document: &Value, operation: &Value) -> Vec<Parameter> {
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    let of = |parameter: &Value| {
        let place = match parameter["in"].as_str().unwrap() {
            "path" => Place::Path,
            "query" => Place::Query,
            // What stands there is no parameter on any face.
            "header" => return None,
            other => panic!("{other}"),
        };
        Some(Parameter {
            name: parameter["name"].as_str().unwrap().to_owned(),
            place,
            required: parameter["required"] == true,
            sort: sort(document, &parameter["schema"]),
        })
    };
    parameters.filter_map(of).collect()
}

/// What a body's schema names, whatever it is put together from.
fn in_body(document: &Value, schema: &Value, found: &mut Vec<Parameter>) {
    let schema = referred(document, schema);
    for key in ["allOf", "oneOf"] {
        for part in schema[key].as_array().into_iter().flatten() {
            in_body(document, part, found);
        }
    }
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
        found.push(Parameter {
            name: name.clone(),
            place: Place::Body,
            required: required.iter().any(|other| other == name),
            sort: sort(document, schema),
        });
    }
}

fn sort(document: &Value, schema: &Value) -> String {
    let schema = referred(document, schema);
    let named = match &schema["type"] {
        Value::Array(names) => names.iter().find(|name| **name != "null").unwrap(),
        name => name,
    };
    let named = match schema["format"].as_str() {
        Some(format) if named == "string" => format,
        _ => named.as_str().unwrap_or("anything"),
    };
    named.to_owned()
}

/// A schema, where it isn't written but referred to.
fn referred<'d>(document: &'d Value, schema: &'d Value) -> &'d Value {
    match schema["$ref"].as_str() {
        Some(name) => document.pointer(name.trim_start_matches('#')).unwrap(),
        None => schema,
    }
}
