//! `tokenry token list --url`: the same conditions as on the server's own
//! machine; what GitLab hasn't takes a tokenry there.

use jiff::{ToSpan as _, Zoned, tz::TimeZone};
use serde_json::{Value, json};
use tokenry_authority::{Clock as _, SystemClock};

use crate::{
    server::{Home, ROOT_TOKEN, Server},
    site::{NO_ROUTE, NO_TOKENS, elsewhere, foreign},
};

/// A server with tokens of several kinds and states.
fn varied(home: &Home) -> Server {
    let server = home.serve();
    let user = ["--username", "ada", "--email", "ada@x.example"];
    home.json(&[&["user", "create"][..], &user].concat());
    let soon = today().checked_add(3.days()).unwrap().to_string();
    let create = ["token", "create", "--scopes", "read_api", "--user", "ada"];
    home.json(&[&create[..], &["--name", "ci", "--expires-at", &soon]].concat());
    let other = ["--name", "as ada", "--kind", "impersonation"];
    home.json(&[&create[..], &other].concat());
    let (id, _) = home.issue("night sync");
    home.run(&["token", "revoke", &id.to_string()]);
    let body = json!({ "runner_type": "instance_type" });
    let mut client = server.client();
    let made = client.ask(ROOT_TOKEN, "POST", "/api/v4/user/runners", &body);
    assert_eq!(made.unwrap().0, 201);
    server
}

fn today() -> jiff::civil::Date {
    Zoned::new(SystemClock.now(), TimeZone::UTC).date()
}

fn ids(home: &Home, arguments: &[&str]) -> Vec<Value> {
    let rows = home.json(&[&["token", "list"], arguments].concat());
    let rows = rows.as_array().unwrap().iter();
    rows.map(|row| row["id"].clone()).collect()
}

#[test]
fn conditions_mean_there_what_they_mean_here() {
    let home = Home::new();
    let server = varied(&home);
    let there = elsewhere(&server);
    for (arguments, count) in [
        // What only tokenry knows.
        (&["--kind", "runner,impersonation"][..], 2),
        (&["--scope", "read_api"], 3),
        (&["--never-used", "--name", "c"], 3),
        (&["--hint", "zzzz"], 0),
        (&["--name", "night sync"], 1),
        (&["--state", "active,revoked", "--name", "n"], 3),
        (&["--kind", "personal", "--revoked", "true"], 1),
        (
            &[
                "--kind",
                "personal",
                "--state",
                "active",
                "--revoked",
                "true",
            ],
            0,
        ),
        (&["--revoked-after", "1h"], 1),
        (
            &[
                "--scope",
                "read_api",
                "--user",
                "ada",
                "--sort",
                "name_desc",
            ],
            2,
        ),
        // What GitLab knows too.
        (&["--expiring-within", "7d"], 1),
        (&["--expires-before", "7d"], 0),
        (&["--expires-after", "7d"], 4),
        (&["--created-before", "1h"], 0),
        (&["--created-after", "1h", "--user", "ada"], 2),
        (&["--last-used-before", "90d"], 0),
        (&["--state", "expired"], 0),
        (&["--state", "revoked"], 1),
        (&["--search", "sync night"], 1),
    ] {
        let found = ids(&there, arguments);
        assert_eq!(found, ids(&home, arguments), "{arguments:?}");
        assert_eq!(found.len(), count, "{arguments:?}");
    }
    let kinds = there.json(&["token", "list", "--kind", "runner"]);
    assert_eq!(
        (&kinds[0]["kind"], &kinds[0]["username"]),
        (&json!("runner"), &json!("root"))
    );
    for (wrong, words) in [
        (
            &["--created-before", "soon"][..],
            "Created before takes a date",
        ),
        (&["--where", "ownr=ada"], "has no field called"),
        (&["--scope", "api", "--sort", "name_asc"], "ort"),
    ] {
        let refused = there.run(&[&["token", "list"], wrong].concat());
        refused.failed(4, &["(invalid)", words]);
    }
    there
        .run(&["token", "list", "--scope", "api", "--user", "nobody"])
        .failed(3, &["(user_not_found)"]);
    server.stop();
}

#[test]
fn pages_follow_each_other_by_cursor() {
    let home = Home::new();
    let server = home.serve();
    for number in 0..105 {
        home.issue(&format!("token {number}"));
    }
    let there = elsewhere(&server);
    assert_eq!(ids(&there, &["--kind", "personal"]), ids(&home, &[]));
    assert_eq!(ids(&there, &["--never-used", "--limit", "103"]).len(), 103);
    let table = there.run(&["token", "list", "--kind", "personal"]);
    assert_eq!(table.out.matches("CREATED").count(), 1);
    assert_eq!(table.out.lines().count(), 107);
    server.stop();
}

#[test]
fn what_gitlab_has_not_takes_a_tokenry() {
    let gitlab = foreign(NO_ROUTE);
    for (arguments, option) in [
        (&["--kind", "deploy"][..], "know --kind,"),
        (&["--scope", "api", "--user", "7"], "know --scope,"),
        (&["--never-used"], "know --never-used,"),
        (&["--state", "active,revoked"], "know --state,"),
    ] {
        let refused = gitlab.run(&[&["token", "list"], arguments].concat());
        refused.failed(2, &["(not_over_url)", option, "answered 404", "/api/v1"]);
    }
    // No list of tokenry's own is bare.
    let gitlab = foreign(NO_TOKENS);
    for duration in [
        ["--created-before", "1h"],
        ["--expires-before", "7d"],
        ["--expiring-within", "7d"],
        ["--state", "expired"],
    ] {
        assert!(ids(&gitlab, &duration).is_empty());
    }
    gitlab
        .run(&["token", "list", "--hint", "zzzz"])
        .failed(1, &["(not_tokenry)", "another"]);
}
