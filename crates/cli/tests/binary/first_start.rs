//! The first start hands out root's token, once, and never a wrong one.

use std::{
    fs,
    os::unix::fs::FileTypeExt as _,
    path::Path,
    time::{Duration, Instant},
};

use crate::server::{Home, ROOT_TOKEN, Server, mode};

const SELF: &str = "/api/v4/personal_access_tokens/self";

fn kept(home: &Home) -> String {
    let text = fs::read_to_string(home.data("initial_root_token")).unwrap();
    text.strip_suffix('\n').unwrap().to_owned()
}

fn lets_in(server: &Server, token: &str) -> bool {
    let (status, body) = server.client().get(token, SELF);
    status == 200 && body["name"] == "initial root token"
}

#[test]
fn the_token_is_printed_once_and_kept_in_a_private_file() {
    let home = Home::bare();
    let server = home.serve();
    let token = kept(&home);
    let said = server.said.join("\n");
    assert!(said.contains(&token), "{said}");
    assert!(said.contains("expires on 20"), "{said}");
    assert!(lets_in(&server, &token));
    assert!(!server.log().contains(&token), "never in the log");

    assert_eq!(mode(&home.path("tokenry-data")), 0o700);
    for entry in fs::read_dir(home.path("tokenry-data")).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
    let socket = fs::metadata(home.data("console.sock")).unwrap();
    assert!(socket.file_type().is_socket());
    server.stop();
    assert!(!home.data("console.sock").exists());

    let again = home.serve();
    assert_eq!(again.said, Vec::<String>::new());
    assert!(lets_in(&again, &token));
    assert!(!again.log().contains(&token));
    assert_eq!(kept(&home), token);
}

#[test]
fn a_preset_token_is_neither_printed_nor_kept() {
    let home = Home::new();
    let server = home.serve();
    assert!(lets_in(&server, ROOT_TOKEN));
    let said = server.said.join("\n");
    assert!(said.contains("TOKENRY_INITIAL_ROOT_TOKEN"), "{said}");
    assert!(!said.contains(ROOT_TOKEN) && !server.log().contains(ROOT_TOKEN));
    assert!(!home.data("initial_root_token").exists());
    server.stop();

    // At the next start it means nothing.
    let mut home = home;
    home.variables[0].1 = "glpat-anotherToken01234567".to_owned();
    let again = home.serve();
    assert!(lets_in(&again, ROOT_TOKEN));
    assert!(!lets_in(&again, "glpat-anotherToken01234567"));
    assert!(again.log().contains("passed over"), "{}", again.log());
}

#[test]
fn a_preset_that_is_no_token_is_refused_and_nothing_is_created() {
    for preset in ["secret", "glpat-short", "glpat-with space 0123456789"] {
        let mut home = Home::new();
        home.variables[0].1 = preset.to_owned();
        let ended = home.run(&["serve", "--listen", "127.0.0.1:0", "--log", "off"]);
        ended.failed(4, &["Initial root token must be"]);
        home.variables.clear();
        assert!(home.serve().said.join("\n").contains("glpat-"));
    }
}

#[test]
fn what_a_start_that_was_cut_off_left_behind_is_replaced() {
    for preset in [None, Some(ROOT_TOKEN)] {
        let home = if preset.is_some() {
            Home::new()
        } else {
            Home::bare()
        };
        fs::create_dir(home.path("tokenry-data")).unwrap();
        for name in ["initial_root_token", ".initial_root_token.new"] {
            fs::write(home.data(name), "glpat-neverIssued000000000\n").unwrap();
        }
        let server = home.serve();
        if let Some(preset) = preset {
            assert!(lets_in(&server, preset));
            assert!(!home.data("initial_root_token").exists());
        } else {
            assert!(lets_in(&server, &kept(&home)));
            assert_eq!(mode(&home.data("initial_root_token")), 0o600);
        }
    }
}

/// Kills the first start as soon as a file is there, at whatever step it then
/// is, and looks whether the next start has a token that works.
#[test]
fn a_first_start_that_is_killed_at_any_step_can_be_repeated() {
    for name in ["lock", "tokenry.sqlite", "keys", "initial_root_token"] {
        for _ in 0..3 {
            let home = Home::bare();
            let mut starting = home.start(&[]);
            wait_for(&home.data(name));
            starting.child.kill().unwrap();
            starting.child.wait().unwrap();
            let server = home.serve();
            assert!(lets_in(&server, &kept(&home)), "killed after {name}");
        }
    }
}

fn wait_for(path: &Path) {
    let start = Instant::now();
    while !path.exists() {
        assert!(
            start.elapsed() < Duration::from_mins(1),
            "{}",
            path.display()
        );
        std::hint::spin_loop();
    }
}
