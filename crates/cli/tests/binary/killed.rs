//! What was answered stays so when the server is killed in the middle.

use std::{
    io,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use serde_json::{Value, json};

use crate::{
    database::in_sqlite,
    http::{Client, request},
    server::{Home, ROOT_TOKEN, Server},
};

const THREADS: usize = 8;
const SELF: &str = "/api/v4/personal_access_tokens/self";
const ISSUE: &str = "/api/v4/users/1/personal_access_tokens";

/// Has threads ask for one thing after another until the server is killed,
/// after so many answers; then starts it again. `next` asks once, and tells
/// whether it was answered.
fn kill_after(
    home: &Home,
    server: Server,
    answers: usize,
    next: impl Fn(&mut Client, usize) -> bool + Sync,
) -> Server {
    let answered = AtomicUsize::new(0);
    let clients: Vec<_> = (0..THREADS).map(|_| server.client()).collect();
    let server = Mutex::new(Some(server));
    std::thread::scope(|scope| {
        for (thread, mut client) in clients.into_iter().enumerate() {
            let (next, answered, server) = (&next, &answered, &server);
            scope.spawn(move || {
                while next(&mut client, thread) {
                    if answered.fetch_add(1, Ordering::Relaxed) + 1 == answers {
                        server.lock().unwrap().take().unwrap().kill();
                    }
                }
            });
        }
    });
    assert!(server.into_inner().unwrap().is_none(), "it was killed");
    home.serve()
}

#[test]
fn every_token_that_was_answered_works_after_a_kill() {
    let home = Home::new();
    let mut server = home.serve();
    let issued = Mutex::new(Vec::new());
    for round in 1..=3 {
        server = kill_after(&home, server, 150 * round, |client, _| {
            let body = json!({ "name": "load", "scopes": ["api"] });
            match client.ask(ROOT_TOKEN, "POST", ISSUE, &body) {
                Ok((201, body)) => issued.lock().unwrap().push(body),
                Ok(other) => panic!("{other:?}"),
                Err(_) => return false,
            }
            true
        });
        let issued = issued.lock().unwrap();
        assert!(issued.len() >= 150 * round);
        let mut client = server.client();
        let listed = home.json(&["token", "list"]);
        let listed: Vec<_> = listed.as_array().unwrap().iter().map(id).collect();
        for token in issued.iter() {
            let text = token["token"].as_str().unwrap();
            let (status, own) = client.get(text, SELF);
            assert_eq!((status, id(&own)), (200, id(token)));
            assert!(listed.contains(&id(token)));
        }
        let mut once = listed.clone();
        once.dedup();
        assert_eq!(once, listed, "each once, in order");
    }
    server.stop();
    is_sound(&home);
}

#[test]
fn every_revocation_that_was_answered_holds_after_a_kill() {
    let home = Home::new();
    let server = home.serve();
    let with_text = |token: &Value| (id(token), token["token"].as_str().unwrap().to_owned());
    let waiting = Mutex::new(
        issued(&mut server.client())
            .iter()
            .map(with_text)
            .collect::<Vec<_>>(),
    );
    let revoked = Mutex::new(Vec::new());
    let server = kill_after(&home, server, 300, |client, _| {
        let Some((id, text)) = waiting.lock().unwrap().pop() else {
            return false;
        };
        let path = format!("/api/v4/personal_access_tokens/{id}");
        match client.ask(ROOT_TOKEN, "DELETE", &path, &Value::Null) {
            Ok((204, _)) => revoked.lock().unwrap().push(text),
            Ok(other) => panic!("{other:?}"),
            Err(_) => return false,
        }
        true
    });
    let mut client = server.client();
    let revoked = revoked.into_inner().unwrap();
    assert!(revoked.len() >= 300);
    for text in &revoked {
        assert_eq!(client.get(text, SELF).0, 401);
    }
    // Those nobody came to work still.
    for (_, text) in waiting.into_inner().unwrap() {
        assert_eq!(client.get(&text, SELF).0, 200);
    }
    server.stop();
    is_sound(&home);
}

/// More tokens than anybody comes to before the kill.
fn issued(client: &mut Client) -> Vec<Value> {
    let body = json!({ "name": "load", "scopes": ["api"] });
    let answers = (0..600).map(|_| client.ask(ROOT_TOKEN, "POST", ISSUE, &body).unwrap());
    answers.map(|(_, token)| token).collect()
}

#[test]
fn every_deletion_leaves_its_tombstone_whenever_the_server_is_killed() {
    let home = Home::new();
    let server = home.serve();
    let waiting = Mutex::new(
        issued(&mut server.client())
            .iter()
            .map(id)
            .collect::<Vec<_>>(),
    );
    let deleted = Mutex::new(Vec::new());
    let server = kill_after(&home, server, 300, |client, _| {
        let Some(id) = waiting.lock().unwrap().pop() else {
            return false;
        };
        let path = format!("/api/v1/tokens/{id}");
        let body = json!({ "reason": "the test is over" });
        match client.ask(ROOT_TOKEN, "DELETE", &path, &body) {
            Ok((204, _)) => deleted.lock().unwrap().push(id),
            Ok(other) => panic!("{other:?}"),
            Err(_) => return false,
        }
        true
    });
    let deleted = deleted.into_inner().unwrap();
    assert!(deleted.len() >= 300);
    let clues: Vec<_> = deleted.iter().map(|id| json!({ "id": id })).collect();
    let body = json!({ "tokens": clues });
    let mut client = server.client();
    let (_, told) = client
        .ask(ROOT_TOKEN, "POST", "/api/v1/tokens/identify", &body)
        .unwrap();
    for (told, id) in told["results"].as_array().unwrap().iter().zip(&deleted) {
        assert_eq!(told["tombstone"]["id"], *id);
        assert_eq!(told["tombstone"]["reason"], "the test is over");
    }
    server.stop();
    is_sound(&home);
}

/// Rotates a token, by a key of the request's own.
fn rotate(client: &mut Client, token: i64) -> io::Result<(u16, Value)> {
    let path = format!("/api/v1/tokens/{token}/rotate");
    let plain = request(ROOT_TOKEN, "POST", &path, &Value::Null);
    let key = format!("\r\nidempotency-key: rotate-{token}\r\n\r\n");
    client.send(&plain.replacen("\r\n\r\n", &key, 1))?;
    client.answer()
}

#[test]
fn every_rotation_is_done_once_and_answered_whenever_the_server_is_killed() {
    let home = Home::new();
    let server = home.serve();
    let waiting = Mutex::new(
        issued(&mut server.client())
            .iter()
            .map(id)
            .collect::<Vec<_>>(),
    );
    let asked = Mutex::new(Vec::new());
    let server = kill_after(&home, server, 300, |client, _| {
        let Some(id) = waiting.lock().unwrap().pop() else {
            return false;
        };
        let told = rotate(client, id);
        let text = told.as_ref().ok().map(|(_, body)| body["token"].clone());
        asked.lock().unwrap().push((id, text));
        told.is_ok()
    });
    let asked = asked.into_inner().unwrap();
    let answered = asked.iter().filter(|(_, text)| text.is_some()).count();
    assert!((300..asked.len()).contains(&answered), "some heard nothing");
    let mut client = server.client();
    for (id, text) in &asked {
        let (status, again) = rotate(&mut client, *id).unwrap();
        assert_eq!(status, 200, "{again}");
        assert!(text.as_ref().is_none_or(|text| *text == again["token"]));
        let text = again["token"].as_str().unwrap();
        assert_eq!(client.get(text, SELF).0, 200);
    }
    server.stop();
    let done = in_sqlite(
        &home.data("tokenry.sqlite"),
        "SELECT (SELECT COUNT(*) FROM tokens WHERE rotated_from IS NOT NULL) || ' ' || \
         (SELECT COUNT(*) FROM audit_events WHERE action = 'token_rotated')",
    );
    assert_eq!(done, format!("{0} {0}", asked.len()), "each once");
}

#[test]
fn a_console_command_that_is_killed_leaves_all_or_nothing() {
    let home = Home::new();
    home.serve().stop();
    for turn in 0..20_u32 {
        let create = [
            "token", "create", "--user", "root", "--scopes", "api", "--name", "x",
        ];
        let mut child = home
            .tokenry(&create)
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        // Not a wait for anything: a different moment each time.
        for _ in 0..turn * 200 {
            std::thread::yield_now();
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let tokens = home.json(&["token", "list"]).as_array().unwrap().len();
    assert!((1..=21).contains(&tokens));
    is_sound(&home);
    home.serve().stop();
}

fn id(token: &Value) -> i64 {
    token["id"].as_i64().unwrap()
}

/// Lets SQLite itself look, and holds tokens against the audit trail.
fn is_sound(home: &Home) {
    let problems = in_sqlite(
        &home.data("tokenry.sqlite"),
        "SELECT (SELECT group_concat(integrity_check, '; ') FROM pragma_integrity_check)",
    );
    assert_eq!(problems, "ok");
    let unexplained = in_sqlite(
        &home.data("tokenry.sqlite"),
        "SELECT CAST(COUNT(*) AS TEXT) FROM tokens WHERE id NOT IN \
         (SELECT target_id FROM audit_events WHERE action = 'token_created')",
    );
    assert_eq!(unexplained, "0", "a token without its audit row");
    let unexplained = in_sqlite(
        &home.data("tokenry.sqlite"),
        "SELECT CAST(COUNT(*) AS TEXT) FROM tokens WHERE (revoked_at IS NOT NULL) <> (id IN \
         (SELECT target_id FROM audit_events WHERE action = 'token_revoked'))",
    );
    assert_eq!(
        unexplained, "0",
        "a revocation without its audit row, or the reverse"
    );
    let torn = in_sqlite(
        &home.data("tokenry.sqlite"),
        "SELECT CAST(COUNT(*) AS TEXT) FROM audit_events WHERE action = 'token_created' AND \
         (target_id IN (SELECT id FROM tokens)) = (target_id IN (SELECT token_id FROM tombstones))",
    );
    assert_eq!(torn, "0", "both a row and a tombstone, or neither");
    let unexplained = in_sqlite(
        &home.data("tokenry.sqlite"),
        "SELECT CAST(COUNT(*) AS TEXT) FROM tombstones WHERE token_id NOT IN \
         (SELECT target_id FROM audit_events WHERE action = 'token_deleted')",
    );
    assert_eq!(unexplained, "0", "a deletion without its audit row");
}
