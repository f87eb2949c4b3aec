//! `--reason` with `--url`: the trail there repeats it.

use serde_json::{Value, json};

use crate::{
    server::{Home, ROOT_TOKEN, Server},
    site::{NO_ROUTE, elsewhere, foreign},
};

/// The reasons in the trail there, the latest last.
fn reasons(server: &Server) -> Vec<String> {
    let (status, trail) = server
        .client()
        .get(ROOT_TOKEN, "/api/v1/audit?per_page=100");
    assert_eq!(status, 200, "{trail}");
    let events = trail["events"].as_array().unwrap().iter().rev();
    let told = events.filter_map(|event| event["reason"].as_str());
    told.map(str::to_owned).collect()
}

#[test]
fn a_tokenry_elsewhere_is_told_why() {
    let home = Home::new();
    let server = home.serve();
    let there = elsewhere(&server);
    let (first, _) = home.issue("first");
    let (second, _) = home.issue("second");
    let (first, second) = (first.to_string(), second.to_string());
    let because = |arguments: &[&str], why: &str| {
        there.json(&[&["token"], arguments, &["--reason", why]].concat())
    };
    let revoked = because(&["revoke", &first], "lost");
    assert_eq!(
        (&revoked["state"], &revoked["name"]),
        (&json!("revoked"), &json!("first"))
    );
    assert_eq!(
        because(&["delete", &first, "--yes"], "tidying")["deleted"],
        true
    );
    home.run(&["token", "show", &first]).failed(3, &[]);
    let edited = because(&["edit", &second, "--name", "night"], "clearer");
    assert_eq!(edited["name"], "night");
    let rotated = because(&["rotate", &second], "due");
    assert!(rotated["token"].is_string());
    let create = [
        "create", "--user", "root", "--name", "new", "--scopes", "api",
    ];
    assert!(because(&create, "asked for")["token"].is_string());
    // What only reads leaves nothing behind.
    assert_eq!(because(&["show", &second], "curious")["state"], "revoked");

    let expected = ["lost", "tidying", "clearer", "due", "asked for"];
    assert_eq!(reasons(&server), expected);

    let blank = ["token", "revoke", &second, "--reason", " "];
    there
        .run(&blank)
        .failed(4, &["can't be blank", "(invalid)"]);
    there
        .run(&["token", "delete", "4711", "--yes", "--reason", "x"])
        .failed(3, &["(token_not_found)"]);
    there
        .run(&["retention", "run", "--reason", "x"])
        .failed(2, &["takes no --reason", "(not_over_url)"]);
    server.stop();
}

#[test]
fn a_token_that_was_found_ends_for_a_reason() {
    let home = Home::new();
    let server = home.serve();
    let there = elsewhere(&server);
    let (_, text) = home.issue("in a paste");
    let revoke = ["token", "revoke", "-", "--reason", "found in a paste"];
    let ended = there.run_with(&revoke, text.as_bytes());
    assert!(
        ended.code == 0 && ended.out.contains("revoked"),
        "{ended:?}"
    );
    assert!(!ended.out.contains(&text));
    assert_eq!(
        there.run_with(&revoke, text.as_bytes()).code,
        0,
        "doing it twice is no mistake, and no second change"
    );
    there
        .run_with(&revoke, b"hello")
        .failed(3, &["(no_known_prefix)"]);
    there
        .run_with(&revoke, b"glpat-00000000000000000000")
        .failed(3, &["(site_not_found)"]);
    let runner = json!({ "runner_type": "instance_type" });
    let mut client = server.client();
    let made = client.ask(ROOT_TOKEN, "POST", "/api/v4/user/runners", &runner);
    let (_, made) = made.unwrap();
    let leaked = [
        "token", "revoke", "-", "--reason", "leaked", "--format", "json",
    ];
    let ended = there.run_with(&leaked, made["token"].as_str().unwrap().as_bytes());
    let ended: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(
        (&ended["kind"], &ended["state"]),
        (&json!("runner"), &json!("revoked"))
    );
    assert_eq!(reasons(&server), ["found in a paste", "leaked"]);
    server.stop();
}

#[test]
fn gitlab_takes_no_reason() {
    let gitlab = foreign(NO_ROUTE);
    for arguments in [
        &["revoke", "42"][..],
        &["delete", "42", "--yes"],
        &["rotate", "42"],
    ] {
        let refused = gitlab.run(&[&["token"], arguments, &["--reason", "lost"]].concat());
        refused.failed(2, &["(not_over_url)", "know --reason,", "answered 404"]);
    }
}
