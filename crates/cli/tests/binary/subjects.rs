//! What a token belongs to is told wherever the console shows it.

use serde_json::{Value, json};

use crate::server::{Home, ROOT_TOKEN, Server};

/// What was asked for; answers what was made.
fn made(server: &Server, path: &str, body: &Value) -> Value {
    let path = format!("/api/v4/{path}");
    let asked = server.client().ask(ROOT_TOKEN, "POST", &path, body);
    let (status, body) = asked.unwrap();
    assert_eq!(status, 201, "{body}");
    body
}

#[test]
fn tokens_tell_what_they_belong_to_with_and_without_a_server() {
    let home = Home::new();
    let server = home.serve();
    let team = made(
        &server,
        "groups",
        &json!({ "name": "Team", "path": "team" }),
    );
    let app = json!({ "name": "App", "path": "app", "namespace_id": team["id"] });
    let app = made(&server, "projects", &app);
    let deploy = json!({ "name": "x", "scopes": ["read_repository"] });
    made(&server, "groups/team/deploy_tokens", &deploy);
    made(&server, "projects/team%2Fapp/deploy_tokens", &deploy);
    let runner = json!({ "runner_type": "instance_type", "description": "big one" });
    let runner = made(&server, "user/runners", &runner);
    let text = runner["token"].as_str().unwrap();

    let check = || {
        let rows = home.json(&["token", "list"]);
        let told: Vec<_> = rows
            .as_array()
            .unwrap()
            .iter()
            .map(|row| &row["subject"])
            .collect();
        assert_eq!(
            told,
            [
                &Value::Null,
                &json!({ "type": "group", "id": team["id"], "name": "team" }),
                &json!({ "type": "project", "id": app["id"], "name": "team/app" }),
                &json!({ "type": "runner", "id": runner["id"], "name": "big one" }),
            ]
        );
        let table = home.run(&["token", "list"]).out;
        let number = format!("runner {}", runner["id"]);
        for short in ["SUBJECT", "group team ", "project team/app ", &number] {
            assert!(table.contains(short), "{short}: {table}");
        }
        let shown = home.run(&["token", "show", "4"]).out;
        assert!(shown.contains(&number), "{shown}");
        let shown = home.run(&["token", "show", "1"]).out;
        assert!(
            !shown.contains("subject"),
            "a person's own tells none: {shown}"
        );
        let identified = home.run_with(
            &["token", "identify", "-", "--format", "json"],
            text.as_bytes(),
        );
        let identified: Value = serde_json::from_str(&identified.out).unwrap();
        assert_eq!(identified["subject"]["type"], "runner");
    };
    check();
    server.stop();
    check();
}
