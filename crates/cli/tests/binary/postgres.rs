//! The same with the data in PostgreSQL: the data directory then holds the
//! keys, the lock and the socket.

use std::fs;

use serde_json::json;

use crate::{
    database::new_postgres,
    server::{Home, ROOT_TOKEN},
};

const SELF: &str = "/api/v4/personal_access_tokens/self";

/// A place whose data is in an empty PostgreSQL database.
fn home() -> Home {
    on(&new_postgres())
}

fn on(url: &str) -> Home {
    let mut home = Home::new();
    home.variables
        .push(("TOKENRY_DATABASE_URL".to_owned(), url.to_owned()));
    home
}

#[test]
fn the_data_is_in_postgresql_and_the_keys_are_here() {
    let home = home();
    let server = home.serve();
    let mut files: Vec<_> = fs::read_dir(home.path("tokenry-data"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    assert_eq!(files, ["console.sock", "keys", "lock"]);

    let (id, text) = home.issue("over the socket");
    assert_eq!(server.client().get(&text, SELF).0, 200);
    let revoked = home.json(&["token", "revoke", &id.to_string()]);
    assert_eq!(revoked["state"], "revoked");
    assert_eq!(server.client().get(&text, SELF).0, 401);
    server.stop();

    let (_, text) = home.issue("without a server");
    let server = home.serve();
    assert_eq!(server.said, Vec::<String>::new(), "not the first start");
    assert_eq!(server.client().get(&text, SELF).0, 200);
    assert_eq!(home.json(&["token", "list"]).as_array().unwrap().len(), 3);
}

#[test]
fn what_was_answered_holds_after_a_kill() {
    let home = home();
    let server = home.serve();
    let mut client = server.client();
    let path = "/api/v4/users/1/personal_access_tokens";
    let issued: Vec<String> = (0..20)
        .map(|_| {
            let body = json!({ "name": "x", "scopes": ["api"] });
            let (status, body) = client.ask(ROOT_TOKEN, "POST", path, &body).unwrap();
            assert_eq!(status, 201);
            body["token"].as_str().unwrap().to_owned()
        })
        .collect();
    server.kill();
    let server = home.serve();
    let mut client = server.client();
    for text in issued {
        assert_eq!(client.get(&text, SELF).0, 200);
    }
}

#[test]
fn a_server_elsewhere_on_the_same_database_is_refused() {
    let url = new_postgres();
    let (one, other) = (on(&url), on(&url));
    let serve = ["serve", "--listen", "127.0.0.1:0", "--log", "off"];
    let server = one.serve();
    other
        .run(&serve)
        .failed(5, &["another tokenry server", "(in_use)"]);
    server.stop();

    // Nor can it take over without the keys, or with others.
    other.run(&serve).failed(5, &["keys", "(keys_missing)"]);
    assert!(!other.data("keys").exists(), "none were made up");
    fs::write(other.data("keys"), format!("1 {}\n", "ab".repeat(32))).unwrap();
    other
        .run(&serve)
        .failed(5, &["digest key 1", "(wrong_key)"]);
    fs::copy(one.data("keys"), other.data("keys")).unwrap();
    let server = other.serve();
    assert_eq!(server.client().get(ROOT_TOKEN, SELF).0, 200);
}

#[test]
fn a_database_out_of_reach_is_told_without_its_password() {
    let home = on("postgres://me:hunter2@127.0.0.1:1/none");
    let serve = ["serve", "--listen", "127.0.0.1:0"];
    let ended = home.run(&serve);
    assert_eq!(ended.code, 5, "{ended:?}");
    assert!(
        ended
            .err
            .contains("database=postgres://me:…@127.0.0.1:1/none")
    );
    assert!(ended.err.contains("(store_unreachable)"), "{ended:?}");
    assert!(!ended.err.contains("hunter2"), "{ended:?}");
}
