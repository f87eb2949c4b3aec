//! Purges in the real server and on the console, also when it is killed.

use serde_json::{Value, json};

use crate::{
    database::in_sqlite,
    http::Client,
    server::{Home, ROOT_TOKEN, Server},
};

const PURGE: &str = "/api/v1/purges/1";

/// 20,000 tokens that are revoked and 100 that work, put past tokenry into a
/// database that no server has open.
const FILL: &str = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20100) \
     INSERT INTO tokens (kind, owner_id, name, scopes, digest, key_id, hint, created_at, revoked_at) \
     SELECT 'personal', 1, 'load', 'api', randomblob(32), 1, 'glpat-…load', 1700000000000000, \
     CASE WHEN i > 100 THEN 1700000000000001 END FROM n RETURNING 'filled'";
pub(crate) const DEAD: u64 = 20_000;

/// A place whose ledger is full of dead tokens.
pub(crate) fn filled() -> Home {
    let home = Home::new();
    home.serve().stop();
    assert_eq!(in_sqlite(&home.data("tokenry.sqlite"), FILL), "filled");
    home
}

fn show(client: &mut Client) -> Value {
    let (status, purge) = client.get(ROOT_TOKEN, PURGE);
    assert_eq!(status, 200, "{purge}");
    purge
}

pub(crate) fn deleted(purge: &Value) -> u64 {
    purge["deleted"].as_u64().unwrap()
}

/// Looks until more than so many are deleted, or the purge has ended.
pub(crate) fn until_more_than(server: &Server, before: u64) -> Value {
    let mut client = server.client();
    loop {
        let purge = show(&mut client);
        if deleted(&purge) > before || !purge["ended_at"].is_null() {
            return purge;
        }
    }
}

fn count(home: &Home, query: &'static str) -> String {
    in_sqlite(&home.data("tokenry.sqlite"), query)
}

#[test]
fn a_purge_that_is_killed_again_and_again_deletes_the_rest_and_counts_nothing_twice() {
    let home = filled();
    let mut server = home.serve();
    let asked = json!({ "filter": { "state": "revoked" }, "reason": "tidying" });
    let filed = server
        .client()
        .ask(ROOT_TOKEN, "POST", "/api/v1/purges", &asked);
    assert_eq!(filed.unwrap().0, 202);
    let mut before = 0;
    for _ in 0..3 {
        let purge = until_more_than(&server, before);
        assert_eq!(purge["state"], "running", "killed half-way: {purge}");
        before = deleted(&purge);
        server.kill();
        server = home.serve();
        assert!(deleted(&show(&mut server.client())) >= before);
    }
    let purge = until_more_than(&server, DEAD);
    assert_eq!(purge["state"], "done");
    assert_eq!(
        (deleted(&purge), &purge["examined"], &purge["kept"]),
        (DEAD, &json!(DEAD), &json!(0))
    );
    server.stop();
    let left = "SELECT COUNT(*) || ' ' || COUNT(revoked_at) FROM tokens WHERE name = 'load'";
    assert_eq!(count(&home, left), "100 0");
    assert_eq!(
        count(&home, "SELECT CAST(COUNT(*) AS TEXT) FROM tombstones"),
        "20000"
    );
    let told = "SELECT CAST(SUM(after_json ->> 'deleted') AS TEXT) FROM audit_events \
         WHERE action = 'tokens_purged'";
    assert_eq!(count(&home, told), "20000");
    let sound = "SELECT (SELECT group_concat(integrity_check, '; ') FROM pragma_integrity_check)";
    assert_eq!(count(&home, sound), "ok");
}

#[test]
fn the_console_purges_without_a_server_and_through_one() {
    let home = Home::new();
    home.serve().stop();
    let purge = |more: &[&str]| home.json(&[&["token", "purge", "--user", "root"], more].concat());
    let (first, _) = home.issue("first");
    home.issue("second");
    home.run(&["token", "revoke", &first.to_string()]);
    let revoked = [
        "--revoked",
        "--kind",
        "personal",
        "--reason",
        "tidying",
        "--yes",
    ];
    let ended = purge(&revoked);
    assert_eq!(
        (&ended["state"], &ended["deleted"]),
        (&json!("done"), &json!(1))
    );
    assert_eq!(
        ended["filter"],
        json!({ "kind": "personal", "owner": "1", "state": "revoked" })
    );
    home.run(&["token", "show", &first.to_string()])
        .failed(3, &["token_not_found"]);
    let server = home.serve();
    let counted = purge(&["--name", "second", "--dry-run"]);
    assert_eq!(
        (&counted["dry_run"], &counted["deleted"]),
        (&json!(true), &json!(1))
    );
    let ended = purge(&["--name", "second", "--yes"]);
    assert_eq!(
        (&ended["state"], &ended["deleted"]),
        (&json!("done"), &json!(1))
    );
    server.stop();
}

#[test]
fn the_console_purges_neither_unasked_nor_everything() {
    let home = Home::new();
    home.serve().stop();
    home.run(&["token", "purge", "--user", "root"])
        .failed(2, &["not_confirmed"]);
    home.run(&["token", "purge", "--yes"])
        .failed(4, &["invalid", "must name a condition"]);
    home.run(&["token", "purge", "--user", "nobody", "--yes"])
        .failed(3, &["user_not_found"]);
    home.run(&["token", "purge", "--state", "asleep", "--yes"])
        .failed(2, &["asleep"]);
    assert_eq!(home.json(&["token", "list"]).as_array().unwrap().len(), 1);
}

#[test]
fn retention_is_shown_previewed_and_run_on_the_console() {
    let home = filled();
    let shown = home.json(&["retention", "show"]);
    assert_eq!(shown["tokens"][0]["kinds"], json!(["project", "group"]));
    let table = home.run(&["retention", "preview"]);
    assert_eq!(table.code, 0, "{}", table.err);
    assert!(
        table
            .out
            .contains("project, group of anybody, revoked or expired for 30 days: delete")
    );
    let server = home.serve();
    let rules = json!({ "tokens": [{ "kinds": ["personal"], "days": 30 }] });
    let set = server
        .client()
        .ask(ROOT_TOKEN, "PUT", "/api/v1/retention", &rules);
    assert_eq!(set.unwrap().0, 200);
    let shown = home.json(&["retention", "show"]);
    assert_eq!(shown["tokens"][0]["days"], 30);
    assert_eq!(shown["oldest_due_at"], "2023-12-14T22:13:20.000001Z");
    let preview = home.json(&["retention", "preview"]);
    assert_eq!(preview[0]["due_now"], DEAD);
    let ran = home.json(&["retention", "run"]);
    assert_eq!(
        (&ran["tokens"], &ran["whole"]),
        (&json!(DEAD), &json!(true))
    );
    assert_eq!(home.json(&["retention", "preview"])[0]["due_now"], 0);
    server.stop();
}

#[test]
fn how_long_ago_is_a_duration() {
    let home = Home::new();
    home.serve().stop();
    let purge = |age: &str| home.run(&["token", "purge", "--older-than", age, "--dry-run"]);
    for age in ["7x", "2026-01-01", "soon", "", "99999w"] {
        let refused = purge(age);
        refused.failed(2, &["--older-than", "7d"]);
        assert!(!refused.err.contains("Ended before"), "{refused:?}");
    }
    assert_eq!(purge("2w").code, 0);
    let both = ["--older-than", "7d", "--ended-before", "2031-04-05"];
    let both = home.run(&[&["token", "purge", "--dry-run"][..], &both].concat());
    both.failed(2, &["--older-than", "--ended-before"]);
}
