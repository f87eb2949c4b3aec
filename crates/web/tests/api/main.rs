//! The API through its router, over both databases. The files mirror the routes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests stop at the first surprise"
)]

mod access_tokens;
mod agents;
mod applications;
mod bad_input;
mod conformance;
mod credentials;
mod current_user;
mod delete_means;
mod deploy_tokens;
mod every_kind;
mod every_route;
mod flags_clients;
mod group_edit;
mod group_list;
mod group_tokens;
mod health;
mod impersonation_tokens;
mod jobs;
mod keys;
mod long_lists;
mod members;
mod metrics;
mod oauth;
mod openapi;
mod paging;
mod project_edit;
mod project_list;
mod races;
mod runner_managers;
mod runners;
mod scim_tokens;
mod service_accounts;
mod sessions;
mod settings;
mod sole_tokens;
mod sudo;
mod token_information;
mod token_issue;
mod token_list;
mod token_prefixes;
mod token_revoke;
mod token_rotate;
mod token_show;
mod told_afresh;
mod triggers;
mod user_edit;
mod user_list;
mod user_states;
mod v1;
mod version;
mod who_is_no_person;

use serde_json::{Value, json};
use tokenry_testkit::{Answer, App};

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
    without_secret_of(answer, "glpat-")
}

/// The same, where it begins with another prefix.
fn without_secret_of(answer: &Answer, prefix: &str) -> Value {
    let (mut body, secret) = (answer.json(), secret(answer));
    assert!(secret.starts_with(prefix) && secret.len() > 40, "{secret}");
    body["token"] = json!("[secret]");
    body
}

/// The secret in an answer.
fn secret(answer: &Answer) -> String {
    let body = answer.json();
    body["token"].as_str().expect("a secret").to_owned()
}

/// What the token information API says of a text.
async fn identified(app: &App, text: &str) -> Value {
    let asking = app
        .post("admin/token")
        .root()
        .json(json!({ "token": text }));
    let answer = asking.send().await;
    assert!([200, 404].contains(&answer.code()), "{}", answer.text);
    answer.json()
}

/// What comes of ending a token by its text.
async fn ended(app: &App, text: &str) -> u16 {
    let asking = app
        .delete("admin/token")
        .root()
        .json(json!({ "token": text }));
    asking.send().await.code()
}
