//! The console: the same with a running server and without, and at once.

use serde_json::{Value, json};

use crate::server::{Ended, Home, ROOT_TOKEN};

const SELF: &str = "/api/v4/personal_access_tokens/self";

/// What differs from run to run: times, and the end of a token's text.
fn steady(mut value: Value) -> Value {
    if let Some(rows) = value.as_array_mut() {
        return rows.iter_mut().map(|row| steady(row.take())).collect();
    }
    for field in ["created_at", "revoked_at", "token", "hint"] {
        if let Some(found) = value.get_mut(field).filter(|found| !found.is_null()) {
            *found = json!("…");
        }
    }
    value
}

/// So that a date in a test is good for many years.
fn allow_any_expiry(home: &Home) {
    let key = "require_personal_access_token_expiry";
    assert_eq!(home.json(&["settings", "set", key, "false"])[key], false);
}

/// A bit of everything; answers all that was said.
fn story(home: &Home) -> Vec<Value> {
    allow_any_expiry(home);
    let mut told = Vec::new();
    let mut tell = |line: &[&str]| told.push(steady(home.json(line)));
    tell(&[
        "user",
        "create",
        "--username",
        "ada",
        "--email",
        "ada@x.example",
    ]);
    let create = ["token", "create", "--user", "ada", "--name", "ci"];
    tell(
        &[
            &create[..],
            &["--scopes", "api,read_api", "--expires-at", "2100-01-02"],
        ]
        .concat(),
    );
    tell(&[&create[..], &["--scopes", "api", "--kind", "impersonation"]].concat());
    tell(&["token", "show", "2"]);
    tell(&["token", "rotate", "2"]);
    tell(&["token", "revoke", "3"]);
    tell(&["token", "revoke", "3"]);
    tell(&["token", "delete", "2", "--yes"]);
    tell(&["token", "list", "--user", "ada", "--sort", "created_desc"]);
    tell(&["token", "list", "--state", "inactive"]);
    tell(&["token", "list", "--revoked", "false", "--kind", "personal"]);
    tell(&["user", "block", "ada"]);
    tell(&["user", "show", "2"]);
    tell(&["user", "unblock", "2"]);
    tell(&["user", "list", "--state", "active"]);
    tell(&["key", "rotate"]);
    tell(&["key", "list"]);
    tell(&["user", "delete", "ada", "--yes"]);
    tell(&["user", "list", "--search", "ada"]);
    told
}

#[test]
fn a_running_server_makes_no_difference() {
    let (with, without) = (Home::new(), Home::new());
    let server = with.serve();
    without.serve().stop();
    let (one, other) = (story(&with), story(&without));
    assert_eq!(one, other);
    assert_eq!(one[3]["username"], "ada");
    assert_eq!(one[3]["expires_at"], "2100-01-02");
    assert_eq!(one[8].as_array().unwrap().len(), 2);
    assert!(server.log().contains("delete_user"), "the server did it");
    server.stop();
    assert_eq!(with.json(&["key", "list"]), without.json(&["key", "list"]));
}

#[test]
fn refusals_have_their_exit_codes_either_way() {
    let home = Home::new();
    home.serve().stop();
    let refusals = |home: &Home| {
        home.run(&["token", "show", "99"])
            .failed(3, &["there is no such token (token_not_found)"]);
        home.run(&["token", "revoke", "0"])
            .failed(3, &["(token_not_found)"]);
        home.run(&["user", "show", "nobody"])
            .failed(3, &["(user_not_found)"]);
        home.run(&["user", "show", "99999999999999999999"])
            .failed(3, &["(user_not_found)"]);
        home.run(&["token", "list", "--user", "nobody"])
            .failed(3, &["(user_not_found)"]);
        let create = [
            "token", "create", "--user", "root", "--scopes", "api", "--name",
        ];
        home.run(&[&create[..], &[" "]].concat())
            .failed(4, &["Name can't be blank (invalid)"]);
        home.run(&[&create[..], &["x", "--expires-at", "2020-01-01"]].concat())
            .failed(4, &["must be in the future (invalid)"]);
        home.run(&["user", "create", "--username", "Root", "--email", "r@x"])
            .failed(4, &["Username has already been taken (taken)"]);
        home.run(&["token", "delete", "1"])
            .failed(2, &["--yes", "(not_confirmed)"]);
        for wrong in [
            &[
                "token", "create", "--user", "root", "--name", "x", "--scopes", "all",
            ][..],
            &["token", "list", "--sort", "age"],
            &["token", "list", "--limit", "0"],
            &["token", "create", "--user", "root", "--name", "x"],
            &["token", "rotate", "1", "--expires-at", "tomorrow"],
        ] {
            assert_eq!(home.run(wrong).code, 2, "{wrong:?}");
        }
    };
    refusals(&home);
    let (id, _) = home.issue("twice");
    let id = id.to_string();
    assert_eq!(home.run(&["token", "revoke", &id]).code, 0);
    let _server = home.serve();
    refusals(&home);
    home.run(&["token", "rotate", &id])
        .failed(4, &["(already_revoked)"]);
    assert_eq!(home.json(&["token", "list"]).as_array().unwrap().len(), 2);
}

#[test]
fn what_the_console_does_holds_over_http_at_once() {
    let home = Home::new();
    let server = home.serve();
    let mut client = server.client();
    for how in ["revoke", "delete", "block"] {
        let (id, text) = home.issue(how);
        let id = id.to_string();
        assert_eq!(client.get(&text, SELF).0, 200, "new, and known at once");
        let ended = match how {
            "revoke" => home.run_with(&["token", "revoke", "-"], text.as_bytes()),
            "delete" => home.run(&["token", "delete", &id, "--yes"]),
            _ => home.run(&["user", "block", "root"]),
        };
        assert_eq!(ended.code, 0, "{ended:?}");
        let expected = if how == "block" { 403 } else { 401 };
        assert_eq!(client.get(&text, SELF).0, expected, "{how}");
    }
    assert_eq!(home.run(&["user", "unblock", "root"]).code, 0);
    assert_eq!(client.get(ROOT_TOKEN, SELF).0, 200);
}

#[test]
fn a_token_is_identified_from_standard_input() {
    let home = Home::new();
    let server = home.serve();
    let (id, text) = home.issue("in a paste");
    let identify = |input: &str| -> Ended {
        home.run_with(
            &["token", "identify", "-", "--format", "json"],
            input.as_bytes(),
        )
    };
    let check = || {
        for input in [text.clone(), format!("{text}\n"), format!("{text}\r\n")] {
            let told: Value = serde_json::from_str(&identify(&input).out).unwrap();
            assert_eq!(
                (&told["id"], &told["name"]),
                (&json!(id), &json!("in a paste"))
            );
            assert_eq!(told["last_used_at"], Value::Null, "no use");
        }
        identify("glpat-00000000000000000000").failed(3, &["(token_not_found)"]);
        identify("hello").failed(3, &["(no_known_prefix)"]);
    };
    check();
    server.stop();
    check();
    // The former key's tokens are found under a new one.
    assert_eq!(home.run(&["key", "rotate"]).code, 0);
    check();
    let _server = home.serve();
    check();
}

#[test]
fn a_secret_in_an_argument_is_refused_and_not_repeated() {
    let home = Home::new();
    home.serve().stop();
    for action in ["identify", "revoke"] {
        let ended = home.run(&["token", action, ROOT_TOKEN]);
        ended.failed(2, &["history", "(secret_as_argument)"]);
        assert!(!ended.err.contains(ROOT_TOKEN));
    }
    for action in ["show", "rotate", "delete"] {
        let ended = home.run(&["token", action, ROOT_TOKEN]);
        ended.failed(2, &["(bad_id)"]);
        assert!(!ended.err.contains(ROOT_TOKEN));
    }
}

#[test]
fn the_secret_of_a_new_token_is_shown_clearly_and_works() {
    let home = Home::new();
    let server = home.serve();
    let create = [
        "token", "create", "--user", "root", "--scopes", "api", "--name", "x",
    ];
    let ended = home.run(&create);
    let text = ended.out.lines().find(|line| line.starts_with("glpat-"));
    assert_eq!(server.client().get(text.unwrap(), SELF).0, 200);
    assert!(ended.out.contains("shown this once"), "{}", ended.out);
    allow_any_expiry(&home);
    let rotated = home.json(&["token", "rotate", "2", "--expires-at", "2100-03-04"]);
    assert_eq!(rotated["expires_at"], "2100-03-04");
    assert_eq!(rotated["rotated_from"], 2);
    let new = rotated["token"].as_str().unwrap();
    assert_eq!(server.client().get(new, SELF).0, 200);
    assert!(!server.log().contains(new), "never in the log");
}

#[test]
fn who_shut_every_token_out_lets_them_in_again_on_the_console() {
    let home = Home::new();
    let server = home.serve();
    let key = "disable_personal_access_tokens";
    let shut = json!({ key: true });
    let path = "/api/v4/application/settings";
    let mut client = server.client();
    assert_eq!(client.ask(ROOT_TOKEN, "PUT", path, &shut).unwrap().0, 200);
    assert_eq!(client.get(ROOT_TOKEN, SELF).0, 401);
    assert_eq!(home.json(&["settings", "show"])[key], true);
    assert_eq!(home.json(&["settings", "set", key, "false"])[key], false);
    assert_eq!(client.get(ROOT_TOKEN, SELF).0, 200);
}

#[test]
fn settings_are_checked_on_the_console_too() {
    let home = Home::new();
    home.serve().stop();
    home.run(&["settings", "set", "colour", "red"])
        .failed(4, &["settings show", "(invalid)"]);
    home.run(&["settings", "set", "admin_mode", "perhaps"])
        .failed(4, &["true or false", "(invalid)"]);
    home.run(&["settings", "clear", "admin_mode"])
        .failed(4, &["true or false", "(invalid)"]);
    let days = "max_personal_access_token_lifetime";
    assert_eq!(home.json(&["settings", "set", days, "30"])[days], 30);
    assert_eq!(home.json(&["settings", "clear", days])[days], Value::Null);
}

#[test]
fn commands_wait_for_each_other() {
    let home = Home::new();
    home.serve().stop();
    std::thread::scope(|scope| {
        for number in 0..8 {
            let home = &home;
            scope.spawn(move || home.issue(&number.to_string()));
        }
    });
    assert_eq!(home.json(&["token", "list"]).as_array().unwrap().len(), 9);
}

#[test]
fn without_data_nothing_is_created() {
    let home = Home::bare();
    home.run(&["token", "list"])
        .failed(5, &["tokenry serve", "(no_data)"]);
    assert!(!home.path("tokenry-data").exists());
    std::fs::create_dir(home.path("tokenry-data")).unwrap();
    home.run(&["user", "list"]).failed(5, &["(no_data)"]);
    assert!(!home.data("tokenry.sqlite").exists());
}
