//! `tokenry token identify` of a token that was deleted: when, by whom and why.

use serde_json::{Value, json};

use crate::server::{Home, ROOT_TOKEN};

/// What is told, in the order of a live token's facts.
const FACTS: [&str; 10] = [
    "id",
    "kind",
    "owner",
    "state",
    "created",
    "hint",
    "revoked",
    "deleted",
    "deleted by",
    "reason",
];

/// The names of facts, a line each.
fn names(facts: &str) -> Vec<&str> {
    let first = |line: &'_ str| line.find("  ").unwrap_or(line.len());
    facts.lines().map(|line| &line[..first(line)]).collect()
}

#[test]
fn a_deleted_token_is_told_with_the_reason_that_was_given() {
    let home = Home::new();
    let mut server = Some(home.serve());
    for _ in 0..2 {
        let (id, text) = home.issue("to go");
        let delete = ["token", "delete", &id.to_string(), "--yes"];
        home.run(&[&delete[..], &["--reason", " "]].concat())
            .failed(4, &["can't be blank (invalid)"]);
        let why = ["--reason", "the laptop was stolen"];
        assert_eq!(home.run(&[&delete[..], &why].concat()).code, 0);
        let identify = ["token", "identify", "-", "--format", "json"];
        let told = home.run_with(&identify, text.as_bytes());
        let told: Value = serde_json::from_str(&told.out).unwrap();
        let expected = [json!(id), json!("deleted"), json!("the laptop was stolen")];
        assert_eq!(
            ["id", "state", "reason"].map(|name| told[name].clone()),
            expected
        );
        let people = home.run_with(&identify[..3], text.as_bytes());
        assert_eq!(names(&people.out), FACTS);
        let nobody = "deleted by  the server itself, or its console\n";
        assert!(people.out.contains(nobody), "{}", people.out);
        // The second time nobody serves.
        if let Some(server) = server.take() {
            server.stop();
        }
    }
}

#[test]
fn who_deleted_it_over_the_api_is_named() {
    let home = Home::new();
    let server = home.serve();
    let (id, text) = home.issue("to go");
    let path = format!("/api/v1/tokens/{id}");
    let deleted = server
        .client()
        .ask(ROOT_TOKEN, "DELETE", &path, &Value::Null);
    assert_eq!(deleted.unwrap().0, 204);
    let identify = ["token", "identify", "-"];
    let people = home.run_with(&identify, text.as_bytes());
    assert_eq!((people.code, names(&people.out)), (0, FACTS.to_vec()));
    for line in [
        "owner       root\n",
        "state       deleted\n",
        "revoked     never\n",
        "deleted by  root\n",
        "reason      none was given\n",
    ] {
        assert!(people.out.contains(line), "{line:?} in {}", people.out);
    }
    let told = home.run_with(
        &[&identify[..], &["--format", "json"]].concat(),
        text.as_bytes(),
    );
    let told: Value = serde_json::from_str(&told.out).unwrap();
    assert_eq!(
        (&told["deleted_by"], &told["reason"]),
        (&json!("root"), &Value::Null)
    );
    server.stop();
}
