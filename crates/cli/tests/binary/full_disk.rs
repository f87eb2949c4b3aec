//! A disk that is full: a clear answer, nothing lost, and it goes on when there
//! is room again.

use std::{
    fs::{self, File},
    io::Write as _,
    os::unix::fs::PermissionsExt as _,
    process::Command,
};

use serde_json::{Value, json};

use crate::{
    http::Client,
    server::{Home, ROOT_TOKEN, Server},
};

const DISK: u64 = 8 << 20;
/// What is taken away when there is to be room again.
const BALLAST: usize = 3 << 20;
const SELF: &str = "/api/v4/personal_access_tokens/self";
const ISSUE: &str = "/api/v4/users/1/personal_access_tokens";

/// Whether a process here may have a file system of its own, as in containers
/// it often may not.
fn can_mount() -> bool {
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "--mount"]);
    command.args(["mount", "-t", "tmpfs", "tmpfs", "/mnt"]);
    command.output().is_ok_and(|output| output.status.success())
}

fn issue(client: &mut Client) -> (u16, Value) {
    let body = json!({ "name": "login", "scopes": ["api"] });
    client.ask(ROOT_TOKEN, "POST", ISSUE, &body).unwrap()
}

/// Issues tokens until there is no room; answers them, and the refusal.
fn fill(client: &mut Client) -> (Vec<Value>, Value) {
    let mut issued = Vec::new();
    loop {
        match issue(client) {
            (201, token) => issued.push(token),
            (507, refusal) => return (issued, refusal),
            other => panic!("{other:?}"),
        }
    }
}

fn works(client: &mut Client, token: &Value) -> bool {
    match client.get(token["token"].as_str().unwrap(), SELF).0 {
        200 => true,
        401 => false,
        other => panic!("{other}"),
    }
}

/// A copy of a server's data in a place of its own.
fn copied(home: &Home, server: &Server) -> Home {
    let copy = Home::new();
    let folder = copy.path("tokenry-data");
    fs::create_dir(&folder).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();
    for name in ["keys", "tokenry.sqlite", "tokenry.sqlite-wal"] {
        fs::copy(server.sees(&home.data(name)), copy.data(name)).unwrap();
    }
    copy
}

#[test]
fn a_full_disk_is_told_loses_nothing_and_passes() {
    if !can_mount() {
        eprintln!("left out: nothing can be mounted here (unshare --user --mount)");
        return;
    }
    let home = Home::new();
    let server = home.start_on_disk(DISK).ready();
    let ballast = server.sees(&home.data("ballast"));
    fs::write(&ballast, vec![0; BALLAST]).unwrap();
    let mut client = server.client();

    let (issued, refusal) = fill(&mut client);
    assert_eq!(refusal["message"], "507 Insufficient Storage");
    assert!(refusal["request_id"].is_string(), "{refusal}");
    assert!(issued.len() > 5, "{}", issued.len());

    // To the last byte.
    let mut rest = File::options().append(true).open(&ballast).unwrap();
    while rest.write(&[0; 4096]).is_ok_and(|written| written > 0) {}
    // Takes no less room than what there was no room for.
    let last = issued.last().unwrap();
    let ways = ["rotate", "revoke"].map(|way| format!("/api/v1/tokens/{}/{way}", last["id"]));
    let [rotate, revoke] = &ways;
    let (status, problem) = client.ask(ROOT_TOKEN, "POST", rotate, &json!({})).unwrap();
    assert_eq!((status, &problem["code"]), (507, &json!("disk_full")));
    assert_eq!(problem["type"], "/-/errors/disk_full");
    for token in &issued {
        assert!(works(&mut client, token), "{token}");
    }

    fs::remove_file(&ballast).unwrap();
    drop(rest);
    let (status, later) = issue(&mut client);
    assert_eq!(status, 201, "{later}");
    assert_eq!(
        client
            .ask(ROOT_TOKEN, "POST", revoke, &json!({}))
            .unwrap()
            .0,
        200
    );
    assert!(!works(&mut client, last));

    let copy = copied(&home, &server);
    server.stop();
    let listed = copy.json(&["token", "list", "--where", "name=login"]);
    let ids = |tokens: &[Value]| {
        tokens
            .iter()
            .map(|one| one["id"].clone())
            .collect::<Vec<_>>()
    };
    let expected = [ids(&issued), vec![later["id"].clone()]].concat();
    assert_eq!(ids(listed.as_array().unwrap()), expected);
}
