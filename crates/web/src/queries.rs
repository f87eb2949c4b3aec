//! What the address of a request may ask of tokenry's own API: what the
//! document says of that route, and nothing else. A misspelt `dry_run` or
//! filter that were passed over would do more than was meant.

use std::collections::HashMap;

use axum::{
    extract::MatchedPath,
    http::{Method, request::Parts},
};
use utoipa::openapi::{
    OpenApi, RefOr,
    path::{Operation, ParameterIn},
};

use crate::{admit, credential, params::Params, v1::problem::Problem};

/// The longest name that a refusal repeats.
const LONGEST: usize = 30;

/// The names of the parameters in a route's address, by method and path.
#[derive(Debug)]
pub(crate) struct Queries(HashMap<(Method, String), Vec<String>>);

impl Queries {
    /// What a document says.
    pub(crate) fn of(api: &OpenApi) -> Self {
        let mut routes = HashMap::new();
        for (path, item) in &api.paths.paths {
            let operations = [
                (Method::GET, &item.get),
                (Method::POST, &item.post),
                (Method::PUT, &item.put),
                (Method::PATCH, &item.patch),
                (Method::DELETE, &item.delete),
            ];
            for (method, operation) in operations {
                if let Some(operation) = operation {
                    routes.insert((method, path.clone()), names(operation));
                }
            }
        }
        Self(routes)
    }

    /// Refuses what the route knows nothing of. Everywhere a token may be
    /// presented, and another user be named to act as.
    pub(crate) fn check(&self, parts: &Parts, params: &Params) -> Result<(), Problem> {
        let Some(path) = parts.extensions.get::<MatchedPath>() else {
            return Ok(());
        };
        let method = Some(&parts.method).filter(|method| **method != Method::HEAD);
        let method = method.unwrap_or(&Method::GET).clone();
        let Some(known) = self.0.get(&(method, path.as_str().to_owned())) else {
            return Ok(());
        };
        let everywhere = credential::PARAMETERS.into_iter().chain([admit::SUDO]);
        let known: Vec<_> = known.iter().map(String::as_str).collect();
        let mut asked = params.query().map(|(name, _)| name);
        match asked.find(|name| {
            !everywhere
                .clone()
                .chain(known.iter().copied())
                .any(|own| own == *name)
        }) {
            Some(name) => Err(unknown(name, &known)),
            None => Ok(()),
        }
    }
}

fn names(operation: &Operation) -> Vec<String> {
    let parameters = operation.parameters.iter().flatten();
    let in_query = parameters.filter_map(|parameter| match parameter {
        RefOr::T(parameter) if parameter.parameter_in == ParameterIn::Query => {
            Some(parameter.name.clone())
        }
        _ => None,
    });
    in_query.collect()
}

/// What isn't a plain short word may be a secret that slipped, and isn't repeated.
fn unknown(name: &str, known: &[&str]) -> Problem {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
    let called = if name.len() <= LONGEST && name.bytes().all(plain) {
        format!(" called {name}")
    } else {
        String::new()
    };
    let there_are = match known {
        [] => "there are none; what is asked for goes into the body".to_owned(),
        known => format!("there are {}", known.join(", ")),
    };
    Problem::field(
        "query",
        format!("has no parameter{called} here; {there_are}"),
    )
}
