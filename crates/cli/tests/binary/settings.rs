//! Flag, environment, file: which wins, and what is refused.

use std::fs;

use crate::server::Home;

/// Starts a server and answers the line of settings in its log.
fn in_force(home: &Home, arguments: &[&str]) -> String {
    let server = home.serve_with(arguments);
    let log = server.log();
    let line = log.lines().find(|line| line.contains("settings in force"));
    line.expect(&log).to_owned()
}

fn set(home: &mut Home, name: &str, value: &str) {
    home.variables.push((name.to_owned(), value.to_owned()));
}

#[test]
fn the_flag_wins_over_the_environment_and_that_over_the_file() {
    let mut home = Home::new();
    let file = "flush-interval = 5\ncell = 5\nlog = 'debug'\nimpersonation = false\n\
                trusted-proxies = ['10.0.0.0/8', '::1']";
    fs::write(home.path("t.toml"), file).unwrap();
    set(&mut home, "TOKENRY_CONFIG", "t.toml");
    set(&mut home, "TOKENRY_FLUSH_INTERVAL", "6");
    set(&mut home, "TOKENRY_CELL", "6");
    let line = in_force(&home, &["--flush-interval", "7"]);
    for setting in [
        "flush-interval=7",
        "cell=6",
        "log=debug",
        "impersonation=false",
        "trusted-proxies=10.0.0.0/8,::1/128",
        "index-capacity=8000000",
    ] {
        assert!(line.contains(setting), "{setting} in {line}");
    }
}

#[test]
fn the_file_tells_the_console_where_the_data_is() {
    let home = Home::new();
    fs::write(home.path("t.toml"), "data-dir = 'elsewhere'\ncell = 3").unwrap();
    home.serve_with(&["--config", "t.toml"]).stop();
    assert!(home.path("elsewhere/tokenry.sqlite").exists());
    let listed = home.json(&["token", "list", "--config", "t.toml"]);
    assert_eq!(listed.as_array().unwrap().len(), 1);
    home.run(&["token", "list"])
        .failed(5, &["no data at ./tokenry-data"]);
}

#[test]
fn unknown_keys_and_variables_are_refused_by_name_and_place() {
    let mut home = Home::bare();
    fs::write(home.path("t.toml"), "cell = 3\n\nlisten_on = 4\n").unwrap();
    for command in [&["serve"][..], &["token", "list"]] {
        let ended = home.run(&[command, &["--config", "t.toml"]].concat());
        ended.failed(2, &["t.toml:3:1", "listen_on", "known are cell, data-dir"]);
    }
    set(&mut home, "TOKENRY_DATADIR", "x");
    for command in [&["serve"][..], &["user", "list"]] {
        let ended = home.run(command);
        ended.failed(2, &["TOKENRY_DATADIR", "did you mean TOKENRY_DATA_DIR?"]);
    }
    assert!(!home.path("tokenry-data").exists());
}

#[test]
fn values_that_can_not_be_are_refused() {
    let home = Home::bare();
    for (flag, value, words) in [
        ("--flush-interval", "0", "flush-interval must be from 1"),
        (
            "--external-url",
            "tokens.example.com",
            "external-url must be",
        ),
        ("--database-url", "mysql://u:hunter2@h/d", "postgres://"),
        ("--log", "info,x=loud", "log can't be understood"),
        ("--config", "none.toml", "none.toml can't be read"),
        ("--config", "/", "can't be read"),
    ] {
        let ended = home.run(&["serve", flag, value]);
        ended.failed(2, &[words]);
        assert!(!ended.err.contains("hunter2"));
    }
    // These clap refuses itself.
    for (flag, value) in [
        ("--listen", "nowhere"),
        ("--trusted-proxies", "10.0.0.0/8,x"),
        ("--index-capacity", "many"),
        ("--impersonation", "maybe"),
        ("--log-format", "xml"),
    ] {
        let ended = home.run(&["serve", flag, value]);
        assert_eq!(ended.code, 2, "{ended:?}");
        assert!(ended.err.contains(flag), "{ended:?}");
    }
    let mut home = home;
    set(&mut home, "TOKENRY_CELL", "north");
    let ended = home.run(&["serve"]);
    assert_eq!(ended.code, 2, "{ended:?}");
    let hint = "The environment sets TOKENRY_CELL.";
    assert!(ended.err.contains(hint), "{ended:?}");
    assert!(!home.path("tokenry-data").exists());
}

#[test]
fn the_log_can_be_json_and_holds_no_colours() {
    let home = Home::new();
    let server = home.serve_with(&["--log-format", "json"]);
    for line in server.log().lines() {
        let entry: serde_json::Value = serde_json::from_str(line).expect(line);
        assert_eq!(entry["level"], "INFO");
    }
    drop(server);
    assert!(!home.serve().log().contains('\u{1b}'));
}

#[test]
fn settings_reach_what_they_govern() {
    let home = Home::new();
    let server = home.serve_with(&["--cell", "46655", "--private-token-parameter", "false"]);
    let mut client = server.client();
    let token = crate::server::ROOT_TOKEN;
    let path = format!("/api/v4/user?private_token={token}");
    assert_eq!(client.get("", &path).0, 401);
    assert_eq!(client.get(token, "/api/v4/user").0, 200);
    let (_, longer) = home.issue("of the cell");
    drop(server);
    let _server = home.serve();
    let (_, text) = home.issue("of no cell");
    assert!(longer.len() > text.len(), "the cell is in the text");
}
