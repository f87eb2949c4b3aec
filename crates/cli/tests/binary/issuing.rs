//! One token a login, and other words for one: on the server's own machine and
//! from elsewhere the same.

use serde_json::{Value, json};

use crate::{server::Home, site::elsewhere};

const LOGIN: [&str; 10] = [
    "token",
    "create",
    "--user",
    "root",
    "--name",
    "login",
    "--scopes",
    "api",
    "--if-exists",
    "replace",
];

/// `tokenry token create`, with another word for what becomes of namesakes.
fn create(way: &str) -> Vec<&str> {
    [&LOGIN[..9], &[way]].concat()
}

fn logins(home: &Home) -> Vec<Value> {
    let listed = home.json(&["token", "list", "--where", "name=login"]);
    listed
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["id"].clone())
        .collect()
}

/// The story, told over either way.
fn one_token_a_login(home: &Home) {
    let first = home.json(&create("add"));
    let second = home.json(&create("replace"));
    assert_eq!(logins(home), [second["id"].clone()], "the first is gone");
    assert_ne!(
        (&first["id"], &first["token"]),
        (&second["id"], &second["token"])
    );

    let kept = home.json(&create("keep"));
    assert_eq!((&kept["id"], kept.get("token")), (&second["id"], None));
    home.run(&create("refuse")).failed(4, &["token_exists"]);
    let two = home.json(&create("add"));
    assert_eq!(logins(home), [second["id"].clone(), two["id"].clone()]);
    let last = home.json(&create("replace"));
    assert_eq!(logins(home), [last["id"].clone()]);
    let kind = (&last["kind"], &last["state"], &last["username"]);
    assert_eq!(kind, (&json!("personal"), &json!("active"), &json!("root")));
}

/// The same of editing.
fn other_words(home: &Home) {
    let issued = home.json(&create("add"));
    let id = issued["id"].to_string();
    let edit = [
        "token",
        "edit",
        &id,
        "--name",
        "night",
        "--description",
        "for ida",
    ];
    let edited = home.json(&edit);
    let words = |row: &Value| (row["name"].clone(), row["description"].clone());
    assert_eq!(words(&edited), (json!("night"), json!("for ida")));
    let edited = home.json(&["token", "edit", &id, "--description", ""]);
    assert_eq!(words(&edited), (json!("night"), Value::Null));
    assert_eq!(edited["scopes"], issued["scopes"]);
    home.run(&["token", "edit", &id, "--name", " "])
        .failed(4, &["Name can't be blank"]);
    home.run(&["token", "edit", "999", "--name", "x"])
        .failed(3, &["token_not_found"]);
    assert_eq!(
        home.run(&["token", "edit", &id]).code,
        2,
        "nothing to change"
    );
}

#[test]
fn here() {
    let home = Home::new();
    home.serve().stop();
    one_token_a_login(&home);
    other_words(&home);
}

#[test]
fn from_elsewhere() {
    let home = Home::new();
    let server = home.serve();
    let there = elsewhere(&server);
    other_words(&there);
    let first = there.json(&create("replace"));
    let second = there.json(&create("replace"));
    assert_eq!(logins(&home), [second["id"].clone()]);
    assert_ne!(first["token"], second["token"]);
    let kept = there.json(&create("keep"));
    assert_eq!((&kept["id"], kept.get("token")), (&second["id"], None));
    there.run(&create("refuse")).failed(4, &["token_exists"]);
    let mut account = create("add");
    account.extend(["--kind", "service_account"]);
    there.run(&account).failed(4, &["no service account"]);
}
