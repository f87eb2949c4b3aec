//! What the document says of every route alike; the rest stands at the routes.

mod parameters;

use std::collections::BTreeMap;

use axum::http::StatusCode;
use utoipa::{
    IntoResponses,
    openapi::{
        Components, Content, Header, Info, License, ObjectBuilder, OpenApi, Ref, RefOr, Response,
        ResponseBuilder,
        path::Operation,
        security::{
            ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityRequirement, SecurityScheme,
        },
    },
};

pub(crate) use self::parameters::{Filtered, Paged, PlaceId, Sought, TokensAsked};

/// The answers that every route may give which asks for a token.
pub(crate) struct Refusals;

const REFUSALS: [(&str, &str); 6] = [
    ("400", "A parameter is missing or isn't what it should be."),
    ("401", "No token, or one that doesn't work."),
    ("403", "The token lacks a scope, or its user the right."),
    ("404", "It isn't there."),
    ("429", "Too many unknown tokens from this address."),
    (
        "500",
        "A fault of the server's; `request_id` names it in the log.",
    ),
];

impl IntoResponses for Refusals {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let response = |description: &str| {
            let schema = Ref::from_schema_name("Refusal");
            let content = Content::new(Some(schema));
            ResponseBuilder::new()
                .description(description)
                .content("application/json", content)
                .build()
        };
        REFUSALS
            .into_iter()
            .map(|(status, description)| (status.to_owned(), response(description).into()))
            .collect()
    }
}

/// Says what the routes themselves don't.
pub(crate) fn complete(mut api: OpenApi, description: &str) -> OpenApi {
    let mut info = Info::new("tokenry", env!("CARGO_PKG_VERSION"));
    info.description = Some(description.to_owned());
    let mut license = License::new(env!("CARGO_PKG_LICENSE"));
    license.identifier = Some(env!("CARGO_PKG_LICENSE").to_owned());
    info.license = Some(license);
    api.info = info;
    for (path, item) in &mut api.paths.paths {
        let operations = [
            ("get", &mut item.get),
            ("put", &mut item.put),
            ("post", &mut item.post),
            ("patch", &mut item.patch),
            ("delete", &mut item.delete),
        ];
        for (method, operation) in operations {
            if let Some(operation) = operation {
                operation.operation_id = Some(name(method, path));
                describe_answers(operation);
            }
        }
    }
    api.security = Some(vec![
        SecurityRequirement::new("private_token", [""; 0]),
        SecurityRequirement::new("bearer", [""; 0]),
    ]);
    let components = api.components.get_or_insert_with(Components::new);
    components
        .schemas
        .insert("Refusal".to_owned(), refusal().into());
    let header = SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new("PRIVATE-TOKEN")));
    components.add_security_scheme("private_token", header);
    let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    components.add_security_scheme("bearer", bearer);
    api
}

/// A name that no other operation has, such as `getApiV4UsersId`.
fn name(method: &str, path: &str) -> String {
    let words = path.split(|c: char| !c.is_ascii_alphanumeric());
    words.fold(method.to_owned(), |mut name, word| {
        let mut letters = word.chars();
        name.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        name + letters.as_str()
    })
}

/// Every answer has a description, and every list tells where the rest is.
fn describe_answers(operation: &mut Operation) {
    let parameters = operation.parameters.iter().flatten();
    let is_list = parameters
        .filter_map(|parameter| match parameter {
            RefOr::T(parameter) => Some(parameter.name.as_str()),
            RefOr::Ref(_) => None,
        })
        .any(|name| name == "page");
    for (status, response) in &mut operation.responses.responses {
        let RefOr::T(response) = response else {
            continue;
        };
        if response.description.is_empty() {
            let status = StatusCode::from_bytes(status.as_bytes()).unwrap_or_default();
            response.description = status.canonical_reason().unwrap_or_default().into();
        }
        if is_list && status == "200" {
            let headers = LIST_HEADERS.map(|(name, text)| (name.to_owned(), header(text)));
            response.headers.extend(headers);
        }
    }
}

const LIST_HEADERS: [(&str, &str); 7] = [
    (
        "Link",
        "Where the rest is: `prev`, `next`, `first`, `last`.",
    ),
    ("X-Page", "This page's number."),
    ("X-Per-Page", "Rows a page."),
    ("X-Next-Page", "The next page's number, or empty."),
    ("X-Prev-Page", "The number of the page before, or empty."),
    ("X-Total", "Rows in all, if not more than 10,000."),
    (
        "X-Total-Pages",
        "Pages in all, if there are not more rows than that.",
    ),
];

fn header(description: &str) -> RefOr<Header> {
    let mut header = Header::default();
    header.description = Some(description.to_owned());
    header.into()
}

/// GitLab says why under one of two keys.
fn refusal() -> utoipa::openapi::schema::Object {
    let text = |description: &str| ObjectBuilder::new().description(Some(description)).build();
    ObjectBuilder::new()
        .property("message", text("Why: a text, or texts by field."))
        .property(
            "error",
            text("Why: a text, or a code where `error_description` says more."),
        )
        .build()
}
