//! `--url`: the console's commands on a server elsewhere, over its API.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpListener,
    thread,
};

use serde_json::json;

use crate::server::{Home, ROOT_TOKEN, Server};

/// Somewhere without data, and the address of a server that has some.
pub(crate) fn elsewhere(server: &Server) -> Home {
    let mut home = Home::bare();
    home.variables = vec![
        (
            "TOKENRY_URL".to_owned(),
            format!("http://{}", server.address),
        ),
        ("TOKENRY_TOKEN".to_owned(), ROOT_TOKEN.to_owned()),
    ];
    home
}

/// GitLab's answer where it has no such route.
pub(crate) const NO_ROUTE: &str = "HTTP/1.1 404 Not Found\r\ncontent-length: 26\r\n\
     connection: close\r\n\r\n{\"error\":\"404 Not Found\"}\n";
/// GitLab's answer where there are no tokens.
pub(crate) const NO_TOKENS: &str =
    "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n[]";

/// Somewhere without data, and the address of a server that is no tokenry.
pub(crate) fn foreign(answer: &'static str) -> Home {
    let mut home = Home::bare();
    let pairs = [
        ("TOKENRY_URL", another_server(answer)),
        ("TOKENRY_TOKEN", ROOT_TOKEN.to_owned()),
    ];
    home.variables = pairs.map(|(name, value)| (name.to_owned(), value)).into();
    home
}

/// Answers every request alike.
fn another_server(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.unwrap());
            let mut length = 0;
            let mut line = String::new();
            while stream.read_line(&mut line).unwrap() > 2 {
                let told = line.to_lowercase();
                if let Some(told) = told.strip_prefix("content-length:") {
                    length = told.trim().parse().unwrap();
                }
                line.clear();
            }
            stream.read_exact(&mut vec![0; length]).unwrap();
            stream.get_mut().write_all(answer.as_bytes()).unwrap();
        }
    });
    format!("http://{address}")
}

#[test]
fn a_token_lives_and_dies_from_elsewhere() {
    let home = Home::new();
    let server = home.serve();
    let there = elsewhere(&server);
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
    let issued = there.json(&create);
    let (id, text) = (issued["id"].to_string(), issued["token"].as_str().unwrap());
    assert_eq!(
        (&issued["kind"], &issued["name"]),
        (&json!("personal"), &json!("ci"))
    );
    let shown = there.json(&["token", "show", &id]);
    assert_eq!(
        (&shown["state"], &shown["user_id"]),
        (&json!("active"), &json!(2))
    );
    let identify = ["token", "identify", "-", "--format", "json"];
    let identified = there.run_with(&identify, text.as_bytes());
    assert_eq!(identified.code, 0, "{identified:?}");
    assert!(!identified.out.contains(text));

    let rotated = there.json(&["token", "rotate", &id]);
    let next = rotated["id"].to_string();
    assert_ne!(next, id);
    let rows = there.json(&["token", "list", "--user", "ada", "--state", "active"]);
    assert_eq!(rows.as_array().unwrap().len(), 1);
    assert_eq!(rows[0]["id"].to_string(), next);

    let found = rotated["token"].as_str().unwrap();
    let ended = there.run_with(&["token", "revoke", "-"], found.as_bytes());
    assert!(
        ended.code == 0 && ended.out.contains("revoked"),
        "{ended:?}"
    );
    assert_eq!(home.json(&["token", "show", &next])["state"], "revoked");
    assert_eq!(
        there.json(&["token", "delete", &id, "--yes"])["deleted"],
        true
    );
    home.run(&["token", "show", &id])
        .failed(3, &["token_not_found"]);
    server.stop();
}

#[test]
fn long_lists_come_whole() {
    let home = Home::new();
    let server = home.serve();
    for number in 0..105 {
        home.issue(&format!("token {number}"));
    }
    let there = elsewhere(&server);
    let list = |arguments: &[&str]| {
        let rows = there.json(&[&["token", "list"], arguments].concat());
        rows.as_array().unwrap().len()
    };
    assert_eq!(list(&[]), 106);
    assert_eq!(list(&["--limit", "103"]), 103);
    assert_eq!(list(&["--search", "token 10"]), 6);
    server.stop();
}

#[test]
fn what_belongs_to_something_is_told_by_that() {
    let home = Home::new();
    let server = home.serve();
    let there = elsewhere(&server);
    let body = json!({ "runner_type": "instance_type" });
    let asked = server
        .client()
        .ask(ROOT_TOKEN, "POST", "/api/v4/user/runners", &body);
    let (_, made) = asked.unwrap();
    let text = made["token"].as_str().unwrap().to_owned();
    let told = there.run_with(&["token", "identify", "-"], text.as_bytes());
    assert_eq!(told.code, 0, "{told:?}");
    assert!(
        told.out.contains("token_type") && told.out.contains("runner"),
        "{told:?}"
    );
    server.stop();
}

#[test]
fn what_is_refused_there_is_refused_here() {
    let home = Home::new();
    let server = home.serve();
    let there = elsewhere(&server);
    there
        .run(&["token", "show", "4711"])
        .failed(3, &["site_not_found", "404"]);
    there
        .run_with(&["token", "identify", "-"], b"xyz-nothing")
        .failed(3, &["no_known_prefix"]);
    there
        .run(&["token", "list", "--user", "nobody"])
        .failed(3, &["user_not_found"]);
    let mut stranger = elsewhere(&server);
    stranger.variables[1].1 = "glpat-whoeverThisIs0000".to_owned();
    let refused = stranger.run(&["token", "list"]);
    refused.failed(4, &["site_refused", "401"]);
    assert!(!refused.err.contains("glpat-whoever"));
    server.stop();
    there
        .run(&["token", "list"])
        .failed(1, &["site_unreachable"]);
}

#[test]
fn the_token_comes_from_a_file_or_a_variable_and_goes_nowhere_unsafe() {
    let home = Home::new();
    let server = home.serve();
    let mut there = elsewhere(&server);
    let url = there.variables[0].1.clone();
    there.variables.clear();
    let list = ["token", "list", "--url", &url];
    there
        .run(&list)
        .failed(2, &["--token-file", "TOKENRY_TOKEN"]);
    std::fs::write(there.path("token"), format!("{ROOT_TOKEN}\n")).unwrap();
    let with_file = there.json(&[&list[..], &["--token-file", "token"]].concat());
    assert_eq!(with_file.as_array().unwrap().len(), 1);
    there
        .run(&[
            "token",
            "list",
            "--url",
            "http://tokens.example.com",
            "--token-file",
            "token",
        ])
        .failed(2, &["anybody on the way"]);
    server.stop();
}
