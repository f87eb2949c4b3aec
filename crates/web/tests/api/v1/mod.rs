//! tokenry's own API.

mod audit;
mod audit_of_token;
mod end;
mod identify;
mod kinds;
mod once;
mod problems;
mod purges;
mod retention;
mod revoke_many;
mod token_edit;
mod token_export;
mod token_if_exists;
mod token_issue;
mod token_list;

use serde_json::Value;
use tokenry_testkit::Answer;

/// Status and stable code of a refusal, which must be a problem whose page is
/// in the handbook.
fn refused(answer: &Answer) -> (u16, String) {
    let body = answer.json();
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert_eq!(body["status"], answer.code(), "{body}");
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    let code = text("code");
    assert_eq!(text("type"), format!("/-/errors/{code}"));
    for name in ["title", "detail"] {
        assert_ne!(
            body.get(name).and_then(Value::as_str),
            Some(""),
            "{name}: {body}"
        );
    }
    (answer.code(), code)
}
