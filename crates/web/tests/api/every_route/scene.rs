//! What an example needs, made by other examples.

use std::{
    collections::HashMap,
    pin::Pin,
    sync::atomic::{AtomicU32, Ordering},
};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};
use tokenry_testkit::{App, Asking, fixture::ROOT_TOKEN};

use super::{
    document::{Parameter, Place, Route},
    examples::{EXAMPLES, Example, MAKERS},
};

pub(super) type Parameters = Map<String, Value>;

/// One of each thing that an example needs: a group, a token of that group.
pub(crate) struct Scene<'a> {
    app: &'a App,
    routes: &'a [Route],
    /// What routes answered, by their names.
    made: HashMap<String, Value>,
}

/// All that a request takes.
#[derive(Clone)]
pub(super) struct Ready {
    pub(super) path: String,
    pub(super) parameters: Parameters,
    pub(super) bearer: Bearer,
}

/// Who asks.
#[derive(Clone)]
pub(super) enum Bearer {
    Token(String),
    Browser { cookie: String, proof: String },
}

impl<'a> Scene<'a> {
    pub(crate) fn new(app: &'a App, routes: &'a [Route]) -> Self {
        Self {
            app,
            routes,
            made: HashMap::new(),
        }
    }

    /// A good request to a route: its example, or to read what is there.
    pub(super) async fn request(&mut self, route: &Route) -> Ready {
        let name = route.name();
        match EXAMPLES.iter().find(|example| example.route == name) {
            Some(example) => self.ready(example).await,
            None => Ready {
                path: self.path(&route.path).await,
                parameters: Parameters::new(),
                bearer: Bearer::Token(ROOT_TOKEN.to_owned()),
            },
        }
    }

    /// Makes what an example needs, and puts it where it belongs.
    async fn ready(&mut self, example: &Example) -> Ready {
        if let Some(before) = example.after {
            self.made(before).await;
        }
        let mut parameters = Parameters::new();
        for (name, value) in example.parameters.as_object().unwrap() {
            parameters.insert(name.clone(), self.filled(value).await);
        }
        let bearer = match example.by {
            None => Bearer::Token(ROOT_TOKEN.to_owned()),
            Some(route) => bearer(&self.made(route).await),
        };
        let (_, path) = example.route.split_once(' ').unwrap();
        let path = self.path(path).await;
        Ready {
            path,
            parameters,
            bearer,
        }
    }

    /// A path with ids of what is there.
    async fn path(&mut self, template: &str) -> String {
        let mut filled = Vec::new();
        let mut before = String::new();
        for part in template.split('/') {
            if part.starts_with('{') {
                let id = self.named_by(&before).await;
                filled.push(escaped(&text(&id)));
            } else {
                filled.push(part.to_owned());
            }
            if !before.is_empty() {
                before.push('/');
            }
            before.push_str(part);
        }
        filled.join("/")
    }

    /// The id that follows upon a path.
    async fn named_by(&mut self, path: &str) -> Value {
        match MAKERS.iter().find(|(after, _)| *after == path) {
            Some((_, word)) if !word.contains(" of ") => json!(word),
            Some((_, maker)) => self.of(maker).await,
            None => self.made(&format!("POST {path}")).await["id"].clone(),
        }
    }

    /// A value, where it is none itself but says what it comes of.
    async fn filled(&mut self, value: &Value) -> Value {
        match value {
            Value::String(text) if text == "<root>" => json!(ROOT_TOKEN),
            Value::String(text) if text.contains(" of ") => {
                self.of(text.trim_matches(['<', '>'])).await
            }
            Value::String(text) => json!(text.replace("<new>", &word())),
            Value::Array(items) => {
                let mut filled = Vec::new();
                for item in items {
                    filled.push(Box::pin(self.filled(item)).await);
                }
                json!(filled)
            }
            Value::Object(fields) => {
                let mut filled = Parameters::new();
                for (name, field) in fields {
                    filled.insert(name.clone(), Box::pin(self.filled(field)).await);
                }
                Value::Object(filled)
            }
            other => other.clone(),
        }
    }

    /// `FIELD of ROUTE`.
    pub(crate) async fn of(&mut self, phrase: &str) -> Value {
        let (field, route) = phrase.split_once(" of ").unwrap();
        let value = self.made(route).await[field].clone();
        assert!(!value.is_null(), "{phrase}");
        value
    }

    /// What the example for a route answers, which is asked for once.
    fn made<'s>(&'s mut self, name: &'s str) -> Pin<Box<dyn Future<Output = Value> + 's>> {
        Box::pin(async move {
            if let Some(answer) = self.made.get(name) {
                return answer.clone();
            }
            let example = EXAMPLES.iter().find(|example| example.route == name);
            let example = example.unwrap_or_else(|| panic!("no example for {name}"));
            let ready = self.ready(example).await;
            let route = self.routes.iter().find(|route| route.name() == name);
            let answer = ready.ask(self.app, route.unwrap()).send().await;
            assert_eq!(answer.code(), example.status, "{name}: {}", answer.text);
            let mut made = answer.json();
            let cookie = answer.header("set-cookie").split(';').next();
            // Some answer `true`, and then nobody asks them for anything.
            if let Some(fields) = made.as_object_mut() {
                fields.insert("cookie".to_owned(), json!(cookie));
            }
            self.made.insert(name.to_owned(), made.clone());
            made
        })
    }
}

impl Ready {
    /// What stands in the path for an id.
    pub(super) fn id(&self, route: &Route, id: &Parameter) -> &str {
        let name = format!("{{{}}}", id.name);
        let mut parts = route.path.split('/').zip(self.path.split('/'));
        parts.find(|(known, _)| *known == name).unwrap().1
    }

    /// The same with another value for a parameter.
    pub(super) fn with(&self, parameter: &Parameter, route: &Route, value: Value) -> Self {
        let mut other = self.clone();
        if parameter.place == Place::Path {
            let name = format!("{{{}}}", parameter.name);
            let parts = route.path.split('/').zip(self.path.split('/'));
            let parts = parts.map(|(known, part)| {
                if known == name {
                    escaped(&text(&value))
                } else {
                    part.to_owned()
                }
            });
            other.path = parts.collect::<Vec<_>>().join("/");
        } else {
            other.parameters.insert(parameter.name.clone(), value);
        }
        other
    }

    /// As a request, each parameter where the document has it.
    pub(super) fn ask(&self, app: &App, route: &Route) -> Asking {
        let (mut query, mut body) = (Parameters::new(), Parameters::new());
        for (name, value) in &self.parameters {
            let part = match route.parameter(name).place {
                Place::Query => &mut query,
                Place::Body => &mut body,
                Place::Path => panic!("{name} stands in the path"),
            };
            part.insert(name.clone(), value.clone());
        }
        let path = if query.is_empty() {
            self.path.clone()
        } else {
            format!("{}?{}", self.path, encoded(&query))
        };
        let asking = self.bearer.shown(app.ask(&route.method, &path));
        if body.is_empty() {
            asking
        } else if route.form {
            asking.body("application/x-www-form-urlencoded", encoded(&body))
        } else {
            asking.json(Value::Object(body))
        }
    }
}

impl Bearer {
    fn shown(&self, asking: Asking) -> Asking {
        match self {
            Self::Token(text) => asking.token(text),
            Self::Browser { cookie, proof } => asking
                .header("cookie", cookie)
                .header("x-csrf-token", proof),
        }
    }
}

/// Whoever an answer gave a token or a session.
fn bearer(made: &Value) -> Bearer {
    let text = |field: &str| made[field].as_str().map(str::to_owned);
    match (text("csrf_token"), text("token")) {
        (Some(proof), _) => Bearer::Browser {
            cookie: text("cookie").unwrap(),
            proof,
        },
        (None, token) => Bearer::Token(token.unwrap()),
    }
}

/// As a query or a form has it: `a[]=1` for arrays, `a[x]=1` for objects.
fn encoded(parameters: &Parameters) -> String {
    let mut pairs = Vec::new();
    for (name, value) in parameters {
        match value {
            Value::Array(items) => {
                let items = items.iter().map(|item| (format!("{name}[]"), text(item)));
                pairs.extend(items);
            }
            Value::Object(map) => {
                let fields = map
                    .iter()
                    .map(|(key, item)| (format!("{name}[{key}]"), text(item)));
                pairs.extend(fields);
            }
            value => pairs.push((name.clone(), text(value))),
        }
    }
    let pairs = pairs
        .iter()
        .map(|(name, value)| format!("{}={}", escaped(name), escaped(value)));
    pairs.collect::<Vec<_>>().join("&")
}

fn escaped(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A word that nobody used yet.
fn word() -> String {
    static USED: AtomicU32 = AtomicU32::new(0);
    format!("new{}", USED.fetch_add(1, Ordering::Relaxed))
}
