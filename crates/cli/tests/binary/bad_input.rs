//! What isn't as it should be: files, standard input, the socket.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::Shutdown,
    os::unix::net::UnixStream,
};

use crate::server::{Home, ROOT_TOKEN};

const SERVE: [&str; 5] = ["serve", "--listen", "127.0.0.1:0", "--log", "off"];

#[test]
fn what_comes_on_standard_input_is_not_trusted() {
    let home = Home::new();
    let _server = home.serve();
    let identify = ["token", "identify", "-"];
    for (input, words) in [
        (Vec::new(), "is empty"),
        (b"\n".to_vec(), "is empty"),
        (vec![b'x'; 1024 * 1024], "longer than any token"),
        (vec![0xff, 0xfe, b'\n'], "is no text"),
    ] {
        home.run_with(&identify, &input)
            .failed(4, &[words, "(invalid)"]);
    }
    for input in [
        &b"glpat-\0\0"[..],
        b"glpat-\x1b[2J",
        b"\xc3\xa4\xc3\xb6",
        b"-",
    ] {
        let ended = home.run_with(&identify, input);
        assert_eq!(ended.code, 3, "{ended:?}");
    }
    assert_eq!(home.run_with(&identify, ROOT_TOKEN.as_bytes()).code, 0);
}

#[test]
fn a_data_directory_that_is_none_is_refused() {
    let home = Home::bare();
    fs::write(home.path("tokenry-data"), "").unwrap();
    for command in [&SERVE[..], &["token", "list"]] {
        home.run(command)
            .failed(5, &["not a directory", "(data_dir_unusable)"]);
    }
    // Nobody can make a directory here, not even root.
    let command = [&SERVE[..], &["--data-dir", "/proc/tokenry"]].concat();
    home.run(&command)
        .failed(5, &["/proc/tokenry can't be made"]);
}

#[test]
fn wrong_missing_and_broken_keys_are_told_apart_and_left_alone() {
    let home = Home::new();
    home.serve().stop();
    let good = fs::read(home.data("keys")).unwrap();
    for (keys, code) in [
        (format!("1 {}\n", "ab".repeat(32)), "(wrong_key)"),
        ("1 abc\n".to_owned(), "(bad_keys)"),
        (String::new(), "(bad_keys)"),
    ] {
        fs::write(home.data("keys"), &keys).unwrap();
        for command in [&SERVE[..], &["token", "list"]] {
            home.run(command).failed(5, &[code]);
        }
        assert_eq!(fs::read_to_string(home.data("keys")).unwrap(), keys);
    }
    fs::remove_file(home.data("keys")).unwrap();
    home.run(&SERVE).failed(5, &["(keys_missing)"]);
    home.run(&["token", "list"]).failed(5, &["(no_data)"]);
    assert!(!home.data("keys").exists());
    fs::write(home.data("keys"), good).unwrap();
    let server = home.serve();
    assert_eq!(server.client().get(ROOT_TOKEN, "/api/v4/user").0, 200);
}

#[test]
fn a_key_that_was_rotated_must_come_along() {
    let home = Home::new();
    home.serve().stop();
    let old = fs::read(home.data("keys")).unwrap();
    assert_eq!(home.run(&["key", "rotate"]).code, 0);
    let new = fs::read(home.data("keys")).unwrap();
    let (_, text) = home.issue("under the new key");
    fs::write(home.data("keys"), old).unwrap();
    home.run(&SERVE).failed(5, &["digest key 2", "(wrong_key)"]);
    fs::write(home.data("keys"), new).unwrap();
    let server = home.serve();
    for token in [&text, ROOT_TOKEN] {
        assert_eq!(server.client().get(token, "/api/v4/user").0, 200);
    }
}

#[test]
fn a_database_that_is_none_is_refused_and_left_alone() {
    let home = Home::new();
    home.serve().stop();
    fs::write(home.data("tokenry.sqlite"), "x".repeat(5000)).unwrap();
    for command in [&SERVE[..], &["token", "list"]] {
        let ended = home.run(command);
        assert_eq!(ended.code, 5, "{ended:?}");
    }
    let kept = fs::read_to_string(home.data("tokenry.sqlite")).unwrap();
    assert_eq!(kept, "x".repeat(5000));
}

#[test]
fn the_socket_answers_garbage_with_a_refusal_or_not_at_all() {
    let home = Home::new();
    let server = home.serve();
    let ask = |bytes: &[u8]| {
        let mut stream = UnixStream::connect(home.data("console.sock")).unwrap();
        // Whoever refuses early doesn't read to the end.
        let _ = stream.write_all(bytes);
        let _ = stream.shutdown(Shutdown::Write);
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer);
        answer
    };
    let version = env!("CARGO_PKG_VERSION");
    let command = |command: &str| {
        let line = format!("{{\"version\":\"{version}\",\"command\":{command}}}\n");
        ask(line.as_bytes())
    };
    for nothing in [&b""[..], b"\n", b"{}\n", b"\xff\n", b"{\"version\":\"0\""] {
        assert_eq!(ask(nothing), "", "{nothing:?}");
    }
    assert_eq!(ask(&vec![b'x'; 2 * 1024 * 1024]), "");
    let other = ask(b"{\"version\":\"9.9.9\",\"command\":\"list_keys\"}\n");
    assert!(other.contains("other_version"), "{other}");
    for bad in [
        "7",
        "\"format_disk\"",
        "{\"show_token\":{\"id\":\"x\"}}",
        "{\"show_token\":{\"id\":1,\"as\":\"root\"}}",
    ] {
        assert!(command(bad).contains("bad_command"), "{bad}");
    }
    let far = "{\"list_tokens\":{\"part\":{\"after\":\"???\",\"most\":9000000}}}";
    assert!(command(far).contains("broken_cursor"), "{}", command(far));
    assert!(command("\"list_keys\"").contains("\"current\":true"));
    assert_eq!(server.client().get(ROOT_TOKEN, "/api/v4/user").0, 200);
}

#[test]
fn wrong_usage_is_told_with_exit_code_2_and_help_with_0() {
    let home = Home::bare();
    for wrong in [&[][..], &["token"], &["toke"], &["serve", "--port", "1"]] {
        let ended = home.run(wrong);
        assert_eq!((ended.code, ended.out.as_str()), (2, ""), "{ended:?}");
        assert!(ended.err.contains("Usage:"), "{ended:?}");
    }
    for right in [
        &["--help"][..],
        &["token", "list", "--help"],
        &["--version"],
    ] {
        let ended = home.run(right);
        assert_eq!((ended.code, ended.err.as_str()), (0, ""), "{ended:?}");
    }
}
