//! What holds for every route there is, taken from the document.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tokenry_testkit::{App, both_engines};

use crate::{error, forbidden, message, unauthorized};

/// Every method and path that asks for a token, with 1 for each id.
fn routes() -> Vec<(String, String, Value)> {
    let [(_, gitlabs), _] = tokenry_web::openapi();
    let api = serde_json::to_value(gitlabs).unwrap();
    let paths: BTreeMap<String, BTreeMap<String, Value>> =
        serde_json::from_value(api["paths"].clone()).unwrap();
    let mut routes = Vec::new();
    for (path, methods) in paths {
        let path = with_ones(&path);
        for (method, operation) in methods {
            if operation["security"].is_null() {
                routes.push((method.to_uppercase(), path.clone(), operation));
            }
        }
    }
    assert!(routes.len() > 30, "{routes:?}");
    routes
}

/// A path with 1 for each of its parameters.
fn with_ones(path: &str) -> String {
    let parts = path.split('/');
    let ones = parts.map(|part| if part.starts_with('{') { "1" } else { part });
    ones.collect::<Vec<_>>().join("/")
}

/// The routes that any user may call.
const FOR_EVERYBODY: &[&str] = &[
    "GET /api/v3/user",
    "GET /api/v4/metadata",
    "GET /api/v4/personal_access_tokens",
    "GET /api/v4/personal_access_tokens/1",
    "GET /api/v4/personal_access_tokens/self",
    "GET /api/v4/personal_access_tokens/self/associations",
    "DELETE /api/v4/session",
    "GET /api/v4/job",
    "DELETE /api/v4/user/sessions/1",
    "GET /api/v4/user",
    "GET /api/v4/user/sessions",
    "GET /api/v4/user/feed_token",
    "GET /api/v4/user/incoming_email_token",
    "GET /api/v4/users",
    "GET /api/v4/users/1",
    "GET /api/v4/version",
    "POST /api/v4/personal_access_tokens/1/rotate",
    "POST /api/v4/personal_access_tokens/self/rotate",
    "POST /api/v4/user/feed_token/reset",
    "POST /api/v4/user/incoming_email_token/reset",
    "POST /api/v4/user/personal_access_tokens",
    "DELETE /api/v4/personal_access_tokens/1",
    "DELETE /api/v4/personal_access_tokens/self",
    "DELETE /api/v4/user/feed_token",
    "DELETE /api/v4/user/incoming_email_token",
];

/// The routes where a role decides, not whether somebody administers.
const BY_ROLE: [&str; 6] = [
    "/api/v4/groups",
    "/api/v4/jobs",
    "/api/v4/projects",
    "/api/v4/runners",
    "/api/v4/user/applications",
    "/api/v4/user/runners",
];

both_engines! {
    async fn strangers_are_told_nothing(app: App) {
        let before = app.actions().await;
        for (method, path, _) in routes() {
            let plain = app.ask(&method, &path).send().await;
            assert_eq!(plain.both(), unauthorized(), "{method} {path}");
            let bad = app
                .ask(&method, &format!("{path}?page=x&state=x&%ff"))
                .json(json!([]))
                .send()
                .await;
            assert_eq!(
                bad.both(),
                unauthorized(),
                "{method} {path} with bad parameters"
            );
        }
        assert_eq!(app.actions().await, before);
    }

    async fn only_administrators_administer(app: App) {
        let ida = app.user("ida").await;
        let (_, token) = app.token(ida.id, "api").await;
        let before = app.actions().await;
        for (method, path, _) in routes() {
            let for_everybody = FOR_EVERYBODY.contains(&format!("{method} {path}").as_str());
            if for_everybody || BY_ROLE.iter().any(|start| path.starts_with(start)) {
                continue;
            }
            let answer = app
                .ask(&method, &path)
                .token(&token)
                .json(json!({ "broken": [] }))
                .send()
                .await;
            assert_eq!(answer.both(), forbidden(), "{method} {path}");
        }
        assert_eq!(app.actions().await, before);
    }

    async fn what_is_private_is_not_there_for_others(app: App) {
        let group = app.group("team").await;
        let project = app.project("team/app").await;
        let ida = app.user("ida").await;
        let (_, token) = app.token(ida.id, "api").await;
        let before = app.actions().await;
        let complete = json!({
            "user_id": 1, "access_level": 10, "name": "x", "path": "x", "description": "x",
            "scopes": ["read_repository"], "ref": "x", "token": "x",
        });
        let mut asked = 0;
        for (method, path, _) in routes() {
            for (start, id, thing) in [
                ("/api/v4/groups/1", group.id.get(), "Group"),
                ("/api/v4/projects/1", project.id.get(), "Project"),
            ] {
                let Some(rest) = path.strip_prefix(start) else { continue };
                for id in [id, 4_711] {
                    let path = start.replace('1', &id.to_string()) + rest;
                    let asking = app.ask(&method, &path).token(&token).json(complete.clone());
                    let expected = message(404, &format!("404 {thing} Not Found"));
                    assert_eq!(asking.send().await.both(), expected, "{method} {path}");
                    asked += 1;
                }
            }
        }
        assert!(asked >= 48, "{asked}");
        assert_eq!(app.actions().await, before);
    }

    async fn reading_scopes_change_nothing(app: App) {
        let root = tokenry_domain::UserId::from_row(1);
        let (_, token) = app.token(root, "read_api read_user read_repository").await;
        let before = app.actions().await;
        for (method, path, _) in routes() {
            let own = path.ends_with("/self") && method == "DELETE";
            if method == "GET" || own {
                continue;
            }
            let answer = app.ask(&method, &path).token(&token).send().await;
            assert_eq!(answer.code(), 403, "{method} {path}");
            assert_eq!(
                answer.json()["error"],
                "insufficient_scope",
                "{method} {path}"
            );
            assert_eq!(answer.header("www-authenticate"), "", "{method} {path}");
        }
        assert_eq!(app.actions().await, before);
    }

    async fn every_answer_has_a_name_and_is_not_kept(app: App) {
        let mut names = std::collections::HashSet::new();
        for path in ["/-/liveness", "/nowhere", "/api/v4/user", "/api/v4/version"] {
            for answer in [
                app.get(path).send().await,
                app.get(path).root().send().await,
                app.delete(path).send().await,
            ] {
                assert_eq!(answer.header("cache-control"), "no-store");
                assert_eq!(answer.header("x-content-type-options"), "nosniff");
                assert!(
                    names.insert(answer.header("x-request-id").to_owned()),
                    "{path}"
                );
            }
        }
        let named = app
            .get("version")
            .root()
            .header("x-request-id", "mine")
            .send()
            .await;
        assert!(
            names.insert(named.header("x-request-id").to_owned())
                && named.header("x-request-id") != "mine"
        );
    }

    async fn what_is_not_served_is_said_so(app: App) {
        for path in [
            "/",
            "/api/v4",
            "/api/v4/nothing",
            "/api/v4/users/1/nothing",
            "/api/v4/user/",
        ] {
            assert_eq!(
                app.get(path).root().send().await.both(),
                error(404, "404 Not Found"),
                "{path}"
            );
        }
        for (method, path, allowed) in [
            ("PATCH", "users/1", ["GET", "PUT", "DELETE"].as_slice()),
            ("PUT", "personal_access_tokens/self", &["GET", "DELETE"]),
            ("GET", "admin/token", &["POST", "DELETE"]),
        ] {
            let answer = app.ask(method, path).root().send().await;
            assert_eq!(
                answer.both(),
                message(405, "405 Method Not Allowed"),
                "{method} {path}"
            );
            let said: Vec<_> = answer
                .header("allow")
                .split(',')
                .filter(|name| *name != "HEAD")
                .collect();
            assert_eq!(said.len(), allowed.len(), "{said:?}");
            assert!(allowed.iter().all(|name| said.contains(name)), "{said:?}");
        }
    }

    async fn a_head_is_a_get_without_a_body(app: App) {
        let answer = app
            .ask("HEAD", "personal_access_tokens")
            .root()
            .send()
            .await;
        assert_eq!((answer.code(), answer.text.as_str()), (200, ""));
        assert_eq!(answer.header("x-total"), "1");
    }
}
