//! `tokenry token purge --url` and `tokenry retention … --url`: what only a
//! tokenry elsewhere does.

use std::process::{Command, Stdio};

use serde_json::json;

use crate::{
    purge::{DEAD, deleted, filled, until_more_than},
    server::{Ended, Home, ROOT_TOKEN},
    site::{NO_ROUTE, NO_TOKENS, elsewhere, foreign},
};

#[test]
fn tokens_are_purged_elsewhere() {
    let home = Home::new();
    let server = home.serve();
    let there = elsewhere(&server);
    let (first, _) = home.issue("first");
    home.issue("second");
    home.run(&["token", "revoke", &first.to_string()]);
    let purge = |more: &[&str]| there.json(&[&["token", "purge", "--user", "root"], more].concat());
    let counted = purge(&["--kind", "personal,group", "--dry-run"]);
    assert_eq!(
        (&counted["dry_run"], &counted["deleted"]),
        (&json!(true), &json!(3))
    );
    let ended = purge(&[
        "--revoked",
        "--where",
        "kind=personal",
        "--reason",
        "tidying",
        "--yes",
    ]);
    assert_eq!(
        (&ended["state"], &ended["deleted"], &ended["reason"]),
        (&json!("done"), &json!(1), &json!("tidying"))
    );
    assert_eq!(
        ended["filter"],
        json!({ "kind": "personal", "owner": "1", "state": "revoked" })
    );
    home.run(&["token", "show", &first.to_string()])
        .failed(3, &["token_not_found"]);
    let table = there.run(&["token", "purge", "--name", "second", "--yes"]);
    assert_eq!(
        (table.code, table.out.contains("done")),
        (0, true),
        "{table:?}"
    );
    server.stop();
}

#[test]
fn a_purge_elsewhere_is_refused_as_it_is_here() {
    let home = Home::new();
    let server = home.serve();
    let there = elsewhere(&server);
    let purge = |more: &[&str]| there.run(&[&["token", "purge"], more].concat());
    purge(&["--user", "root"]).failed(2, &["not_confirmed"]);
    purge(&["--yes"]).failed(4, &["(invalid)", "must name a condition"]);
    purge(&["--user", "nobody", "--yes"]).failed(4, &["(invalid)", "names no user"]);
    let mut stranger = elsewhere(&server);
    stranger.variables[1].1 = "glpat-whoeverThisIs0000".to_owned();
    let refused = stranger.run(&["token", "purge", "--user", "root", "--yes"]);
    refused.failed(4, &["(credential_unknown)", "401"]);
    home.json(&[
        "user",
        "create",
        "--username",
        "ada",
        "--email",
        "ada@x.example",
    ]);
    let create = [
        "token", "create", "--user", "ada", "--name", "ci", "--scopes", "api",
    ];
    stranger.variables[1].1 = home.json(&create)["token"].as_str().unwrap().to_owned();
    stranger
        .run(&["token", "purge", "--user", "root", "--yes"])
        .failed(4, &["(admin_only)"]);
    for action in ["show", "run"] {
        stranger
            .run(&["retention", action])
            .failed(4, &["(admin_only)"]);
    }
    assert_eq!(home.json(&["token", "list"]).as_array().unwrap().len(), 2);
    server.stop();
    purge(&["--user", "root", "--yes"]).failed(1, &["site_unreachable"]);
}

#[test]
fn who_interrupts_it_stops_the_purge() {
    let home = filled();
    let server = home.serve();
    let there = elsewhere(&server);
    let mut command = there.tokenry(&["token", "purge", "--revoked", "--yes"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    // It listens before it asks.
    let purge = until_filed(&server);
    assert!(purge["ended_at"].is_null(), "{purge}");
    let sent = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(sent.unwrap().success());
    let ended = Ended::from(child.wait_with_output().unwrap());
    assert_eq!(ended.code, 4, "{ended:?}");
    assert!(
        ended.err.contains("(purge_ended)") && ended.out.contains("cancelled"),
        "{ended:?}"
    );
    let purge = until_more_than(&server, DEAD);
    assert_eq!(purge["state"], "cancelled");
    assert!(deleted(&purge) < DEAD);
    server.stop();
}

/// The first purge, as soon as there is one.
fn until_filed(server: &crate::server::Server) -> serde_json::Value {
    let mut client = server.client();
    loop {
        let (status, purge) = client.get(ROOT_TOKEN, "/api/v1/purges/1");
        if status == 200 {
            return purge;
        }
    }
}

#[test]
fn retention_is_shown_previewed_and_run_elsewhere() {
    let home = filled();
    let server = home.serve();
    let there = elsewhere(&server);
    let rules = json!({ "tokens": [{ "kinds": ["personal"], "days": 30 }, { "days": null }] });
    let set = server
        .client()
        .ask(ROOT_TOKEN, "PUT", "/api/v1/retention", &rules);
    assert_eq!(set.unwrap().0, 200);
    for action in ["show", "preview"] {
        let command = ["retention", action];
        assert_eq!(there.run(&command).out, home.run(&command).out, "{action}");
    }
    let shown = there.json(&["retention", "show"]);
    assert_eq!(shown["tokens"], home.json(&["retention", "show"])["tokens"]);
    assert_eq!(shown["oldest_due_at"], "2023-12-14T22:13:20Z");
    assert_eq!(
        there.json(&["retention", "preview"]),
        home.json(&["retention", "preview"])
    );
    assert_eq!(there.json(&["retention", "preview"])[0]["due_now"], DEAD);
    let ran = there.json(&["retention", "run"]);
    assert_eq!(
        (&ran["tokens"], &ran["whole"]),
        (&json!(DEAD), &json!(true))
    );
    assert_eq!(home.json(&["retention", "preview"])[0]["due_now"], 0);
    let again = there.run(&["retention", "run"]);
    assert_eq!(again.out, home.run(&["retention", "run"]).out);
    server.stop();
}

#[test]
fn what_is_no_tokenry_is_told_so() {
    for answer in [NO_ROUTE, NO_TOKENS] {
        let there = foreign(answer);
        for command in [
            &["retention", "preview"][..],
            &["token", "purge", "--revoked", "--yes"],
        ] {
            there.run(command).failed(1, &["(not_tokenry)"]);
        }
    }
}
