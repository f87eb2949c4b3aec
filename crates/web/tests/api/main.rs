//! The API through its router, over both databases. The files mirror the routes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests stop at the first surprise"
)]

mod agents;
mod applications;
mod bad_input;
mod credentials;
mod current_user;
mod every_route;
mod group_edit;
mod group_list;
mod health;
mod impersonation_tokens;
mod members;
mod oauth;
mod openapi;
mod paging;
mod project_edit;
mod project_list;
mod races;
mod runners;
mod sessions;
mod settings;
mod sudo;
mod token_information;
mod token_issue;
mod token_list;
mod token_revoke;
mod token_rotate;
mod token_show;
mod user_edit;
mod user_list;
mod user_states;
mod version;

use serde_json::{Value, json};
use tokenry_testkit::Answer;

/// `{"message": text}` with a status.
fn message(code: u16, text: &str) -> (u16, Value) {
    (code, json!({ "message": text }))
}

/// `{"error": text}` with a status.
fn error(code: u16, text: &str) -> (u16, Value) {
    (code, json!({ "error": text }))
}

fn unauthorized() -> (u16, Value) {
    message(401, "401 Unauthorized")
}

fn forbidden() -> (u16, Value) {
    message(403, "403 Forbidden")
}

/// The body, with its secret taken out; there must be one.
fn without_secret(answer: &Answer) -> Value {
    let mut body = answer.json();
    let secret = body["token"].as_str().expect("a secret").to_owned();
    assert!(
        secret.starts_with("glpat-") && secret.len() > 40,
        "{secret}"
    );
    body["token"] = json!("[secret]");
    body
}
