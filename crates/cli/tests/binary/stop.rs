//! The end in good order, and two servers on one directory.

use std::{fs, io::ErrorKind, time::Duration};

use serde_json::json;

use crate::{
    http::request,
    server::{Home, ROOT_TOKEN},
};

const ISSUE: &str = "/api/v4/users/1/personal_access_tokens";

#[test]
fn requests_that_run_when_the_signal_comes_are_finished() {
    for signal in ["-TERM", "-INT"] {
        let home = Home::new();
        let server = home.serve();
        let body = json!({ "name": "late", "scopes": ["api"] });
        let whole = request(ROOT_TOKEN, "POST", ISSUE, &body);
        let (begun, rest) = whole.split_at(whole.len() - 5);
        let mut client = server.client();
        client.send(begun).unwrap();
        // A second connection's answer: the first has arrived by then.
        assert_eq!(server.client().get("", "/-/liveness").0, 200);
        let idle = server.client();

        server.signal(signal);
        refuses_soon(&server.address);
        client.send(rest).unwrap();
        let (status, body) = client.answer().unwrap();
        assert_eq!((status, &body["name"]), (201, &json!("late")));
        let (status, log) = server.wait();
        assert!(status.success(), "{log}");
        assert!(log.contains("stopped"), "{log}");
        assert!(!home.data("console.sock").exists());
        drop(idle);
        assert_eq!(home.json(&["token", "show", "2"])["name"], "late");
    }
}

#[test]
fn a_second_signal_does_not_wait_and_loses_nothing() {
    let home = Home::new();
    let server = home.serve();
    let mut stuck = server.client();
    stuck
        .send("GET /-/liveness HTTP/1.1\r\nhost: x\r\n")
        .unwrap();
    let (status, _) = server.client().get(ROOT_TOKEN, "/api/v4/user");
    assert_eq!(status, 200);
    server.signal("-TERM");
    refuses_soon(&server.address);
    server.signal("-TERM");
    let (status, log) = server.wait();
    assert!(status.success(), "{log}");
    // The use by the second connection was only in memory.
    assert!(home.json(&["token", "show", "1"])["last_used_at"].is_string());
}

#[test]
fn a_client_that_stalls_is_shown_out() {
    let home = Home::new();
    let server = home.serve();
    let mut stalled = server.client();
    stalled.send("GET /-/liveness HTTP/1.1\r\nhost:").unwrap();
    // Reading waits longer than the server does, and would end otherwise.
    let ended = stalled.answer().unwrap_err();
    assert_eq!(ended.kind(), ErrorKind::UnexpectedEof);
    assert_eq!(server.client().get("", "/-/liveness").0, 200);
}

#[test]
fn a_second_server_is_refused_and_told_who_has_the_directory() {
    let home = Home::new();
    let server = home.serve();
    let who = format!("another server, process {}", server.id());
    let second = ["serve", "--listen", "127.0.0.1:0", "--log", "off"];
    home.run(&second).failed(5, &["in use", &who, "(in_use)"]);
    assert_eq!(server.client().get(ROOT_TOKEN, "/api/v4/user").0, 200);
    server.kill();
    // The lock went with the process; its socket lies there still.
    assert!(home.data("console.sock").exists());
    let third = home.serve();
    assert_eq!(third.client().get(ROOT_TOKEN, "/api/v4/user").0, 200);
    assert_eq!(home.json(&["token", "list"]).as_array().unwrap().len(), 1);
}

#[test]
fn a_port_that_is_taken_is_told_before_anything_is_created() {
    let home = Home::bare();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let ended = home.run(&["serve", "--listen", &address, "--log", "off"]);
    ended.failed(1, &[&address, "(cannot_listen)"]);
    assert!(!home.data("tokenry.sqlite").exists());
    assert!(!home.data("initial_root_token").exists());
}

#[test]
fn what_is_in_the_way_of_the_socket_is_not_removed() {
    let home = Home::new();
    home.serve().stop();
    fs::write(home.data("console.sock"), "mine").unwrap();
    let ended = home.run(&["serve", "--listen", "127.0.0.1:0", "--log", "off"]);
    ended.failed(5, &["console.sock", "something else"]);
    assert_eq!(fs::read(home.data("console.sock")).unwrap(), b"mine");
}

#[test]
fn a_long_path_has_a_console_too() {
    let home = Home::new();
    let long = format!("{}/{}", "d".repeat(120), "e".repeat(120));
    let server = home.serve_with(&["--data-dir", &long]);
    let listed = home.json(&["token", "list", "--data-dir", &long]);
    assert_eq!(listed.as_array().unwrap().len(), 1);
    assert!(server.log().contains("list_tokens"), "it was the server's");
}

/// Polls until the port takes nobody any more.
fn refuses_soon(address: &str) {
    let start = std::time::Instant::now();
    while std::net::TcpStream::connect(address).is_ok() {
        assert!(start.elapsed() < Duration::from_mins(1));
        std::thread::yield_now();
    }
}
