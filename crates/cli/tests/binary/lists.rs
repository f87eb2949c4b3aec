//! Lists show everything, in pieces of any size, and end when nobody reads.

use std::{
    io::{BufRead as _, BufReader},
    process::Stdio,
};

use serde_json::json;

use crate::{
    purge::filled,
    server::{Home, ROOT_TOKEN, Server},
};

const MANY: usize = 250;

/// A server with many tokens, named so that names and ids sort differently.
fn many(home: &Home) -> Server {
    let server = home.serve();
    let mut client = server.client();
    for number in 0..MANY {
        let body = json!({ "name": format!("load-{:03}", number * 7 % MANY), "scopes": ["api"] });
        let path = "/api/v4/users/1/personal_access_tokens";
        let (status, _) = client.ask(ROOT_TOKEN, "POST", path, &body).unwrap();
        assert_eq!(status, 201);
    }
    server
}

fn names(home: &Home, arguments: &[&str]) -> Vec<String> {
    let rows = home.json(&[&["token", "list", "--search", "load"], arguments].concat());
    let rows = rows.as_array().unwrap();
    let name = |row: &serde_json::Value| row["name"].as_str().unwrap().to_owned();
    rows.iter().map(name).collect()
}

#[test]
fn lists_go_past_every_page_with_and_without_a_server() {
    let home = Home::new();
    let server = many(&home);
    let check = || {
        let sorted: Vec<String> = (0..MANY)
            .map(|number| format!("load-{number:03}"))
            .collect();
        assert_eq!(names(&home, &["--sort", "name_asc"]), sorted);
        let backwards: Vec<_> = sorted.iter().rev().cloned().collect();
        assert_eq!(names(&home, &["--sort", "name_desc"]), backwards);
        for limit in [1, 99, 100, 101, 200, 250, 1000] {
            let some = names(
                &home,
                &["--sort", "name_asc", "--limit", &limit.to_string()],
            );
            assert_eq!(some, sorted[..limit.min(MANY)]);
        }
    };
    check();
    server.stop();
    check();

    let table = home.run(&["token", "list"]);
    let lines: Vec<_> = table.out.lines().collect();
    assert_eq!(
        lines.len(),
        MANY + 2,
        "a header, root's token and all others"
    );
    assert!(lines[0].starts_with("ID "), "{}", lines[0]);
    assert_eq!(lines[0].matches("ID").count(), 1);
    assert!(!table.out.contains('\u{1b}'), "no colours");
}

#[test]
fn the_header_comes_once_though_the_first_pages_are_empty() {
    let home = filled();
    let (id, _) = home.issue("at the end");
    let list = ["token", "list", "--name", "at the end"];
    let table = home.run(&list);
    let lines: Vec<_> = table.out.lines().collect();
    assert_eq!(lines.len(), 2, "{}", table.out);
    assert!(lines[0].starts_with("ID ") && lines[1].starts_with(&id.to_string()));
    assert_eq!(lines[0].find("NAME"), lines[1].find("at the end"));
    let none = home.run(&["token", "list", "--name", "nowhere"]);
    assert_eq!(none.out.matches("ID ").count(), 1, "{}", none.out);
    assert_eq!(none.out.lines().count(), 1);
}

#[test]
fn whoever_stops_reading_ends_the_list_quietly() {
    let home = Home::new();
    let server = many(&home);
    for format in ["table", "json"] {
        let mut child = home
            .tokenry(&["token", "list", "--format", format])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = String::new();
        let mut out = BufReader::with_capacity(1, child.stdout.take().unwrap());
        out.read_line(&mut first).unwrap();
        drop(out);
        let ended = child.wait_with_output().unwrap();
        assert!(ended.status.success(), "{ended:?}");
        assert!(ended.stderr.is_empty(), "{ended:?}");
    }
    server.stop();
}

#[test]
fn a_full_disk_is_told() {
    let home = Home::new();
    home.serve().stop();
    let full = || std::fs::File::create("/dev/full").unwrap();
    for arguments in [
        &["token", "list"][..],
        &["key", "list", "--format", "json"],
        &["completions", "bash"],
        &["man"],
    ] {
        let ended = home.tokenry(arguments).stdout(full()).output().unwrap();
        assert_eq!(ended.status.code(), Some(1), "{arguments:?}");
    }
    // A secret that nobody has seen is no success, however quietly it went.
    let create = [
        "token", "create", "--user", "root", "--scopes", "api", "--name", "x",
    ];
    let ended = home.tokenry(&create).stdout(full()).output().unwrap();
    let told = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(1));
    assert!(told.contains("token 2 was issued, but its text"), "{told}");
}
