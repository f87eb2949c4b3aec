//! `POST /api/v1/tokens?if_exists=…`: one call a login, and nothing piles up.

use futures_util::future::join_all;
use serde_json::{Value, json};
use tokenry_domain::UserId;
use tokenry_testkit::{Answer, App, both_engines, fixture::ROOT_TOKEN};

use super::refused;
use crate::{identified, secret};

const TOKENS: &str = "/api/v1/tokens";

async fn issue(app: &App, by: &str, body: &Value, if_exists: &str) -> Answer {
    let mut body = body.clone();
    body["if_exists"] = json!(if_exists);
    app.post(TOKENS).token(by).json(body).send().await
}

/// The ids of the tokens of this kind and name that aren't revoked.
async fn there(app: &App, kind: &str, name: &str) -> Vec<i64> {
    let path = format!("{TOKENS}?kind={kind}&state=active,expired&name={name}");
    let listed = app.get(&path).root().send().await.json();
    let rows = listed["tokens"].as_array().unwrap().iter();
    rows.filter(|row| row["name"] == name)
        .map(|row| row["id"].as_i64().unwrap())
        .collect()
}

/// Ways to ask for one of each kind that can be replaced.
async fn asked(app: &App) -> Vec<Value> {
    let group = app.group("team").await.id.get();
    let project = app.project("team/app").await.id.get();
    let made = async |path: String, body: Value| {
        let answer = app.post(&path).root().json(body).send().await;
        answer.json()["id"].clone()
    };
    let robot = made(format!("groups/{group}/service_accounts"), json!({})).await;
    let agent = made(
        format!("projects/{project}/cluster_agents"),
        json!({ "name": "prod" }),
    )
    .await;
    vec![
        json!({ "kind": "personal", "name": "login", "scopes": ["api"] }),
        json!({ "kind": "impersonation", "name": "login", "scopes": ["api"], "owner": "root" }),
        json!({ "kind": "project", "name": "login", "scopes": ["api"], "subject": "project:team/app" }),
        json!({ "kind": "group", "name": "login", "scopes": ["api"], "subject": "group:team" }),
        json!({ "kind": "service_account", "name": "login", "scopes": ["api"], "owner": robot }),
        json!({ "kind": "deploy", "name": "login", "scopes": ["read_repository"], "subject": "group:team" }),
        json!({ "kind": "cluster_agent", "name": "login", "subject": { "type": "cluster_agent", "id": agent } }),
        json!({ "kind": "pipeline_trigger", "name": "login", "subject": "project:team/app" }),
        json!({ "kind": "scim", "name": "login", "subject": "group:team" }),
        json!({ "kind": "scim", "name": "login" }),
    ]
}

both_engines! {
    async fn a_token_that_is_kept_is_answered_without_its_text(app: App) {
        for body in asked(&app).await {
            let first = issue(&app, ROOT_TOKEN, &body, "keep").await;
            assert_eq!(first.code(), 201, "{body}: {}", first.text);
            let before = app.actions().await;
            let again = issue(&app, ROOT_TOKEN, &body, "keep").await;
            let mut expected = first.json();
            expected.as_object_mut().unwrap().remove("token");
            assert_eq!(again.both(), (200, expected), "{body}");
            let refusal = refused(&issue(&app, ROOT_TOKEN, &body, "refuse").await);
            assert_eq!(refusal, (409, "token_exists".to_owned()), "{body}");
            assert_eq!(app.actions().await, before, "{body}");
        }
    }

    async fn what_is_replaced_is_gone_and_one_row_names_both(app: App) {
        for body in asked(&app).await {
            let (kind, before) = (body["kind"].as_str().unwrap(), app.fixture.trail().await.len());
            let already = there(&app, kind, "login").await;
            let first = issue(&app, ROOT_TOKEN, &body, "replace").await;
            assert_eq!(first.code(), 201, "{body}: {}", first.text);
            let second = issue(&app, ROOT_TOKEN, &body, "replace").await;
            assert_eq!(second.code(), 201, "{body}: {}", second.text);
            let (old, new) = (first.json()["id"].clone(), second.json()["id"].clone());
            let now = there(&app, kind, "login").await;
            assert_eq!(now.iter().filter(|id| !already.contains(id)).collect::<Vec<_>>(), [&new.as_i64().unwrap()], "{body}");
            let rows = app.fixture.trail().await.split_off(before);
            let actions: Vec<_> = rows.iter().map(|row| row.action.as_str()).collect();
            assert_eq!(actions, ["token_created", "token_replaced"], "{body}");
            assert_eq!((&rows[1].before["id"], &rows[1].after["id"]), (&old, &new), "{body}");
            assert_eq!(identified(&app, &secret(&first)).await, json!({ "message": { "error": "Not found" } }));
            assert_eq!(identified(&app, &secret(&second)).await["token_type"], kind);
            let clue = json!({ "tokens": [{ "value": secret(&first) }] });
            let told = app.post("/api/v1/tokens/identify").root().json(clue).send().await;
            assert!(told.text.contains(&format!("replaced by token {new}")), "{}", told.text);
        }
    }

    async fn the_bot_of_what_is_replaced_goes_with_it(app: App) {
        app.group("team").await;
        let project = app.project("team/app").await;
        let body = json!({ "kind": "project", "name": "login", "scopes": ["api"], "subject": "project:team/app" });
        let mut bots = Vec::new();
        for _ in 0..3 {
            bots.push(issue(&app, ROOT_TOKEN, &body, "replace").await.json()["owner"]["id"].clone());
        }
        let members = app.get(&format!("projects/{}/members", project.id)).root().send().await;
        assert_eq!(members.column("id"), [bots[2].clone()]);
        let gone = app.get(&format!("users/{}", bots[0])).root().send().await;
        assert_eq!(gone.code(), 404);
    }

    async fn others_and_dead_ones_are_left_alone(app: App) {
        let (ida, eve) = (app.user("ida").await.id, app.user("eve").await.id);
        let token = |owner: UserId, name: &str, kind: &str| json!({ "kind": kind, "name": name, "scopes": ["api"], "owner": owner });
        let mut others = Vec::new();
        for body in [token(eve, "login", "personal"), token(ida, "Login", "personal"), token(ida, "login2", "personal"), token(ida, "login", "impersonation")] {
            others.push(secret(&issue(&app, ROOT_TOKEN, &body, "add").await));
        }
        let mine = token(ida, "login", "personal");
        let revoked = issue(&app, ROOT_TOKEN, &mine, "add").await;
        let path = format!("{TOKENS}/{}/revoke", revoked.json()["id"]);
        assert_eq!(app.post(&path).root().send().await.code(), 200);
        let (one, two) = (issue(&app, ROOT_TOKEN, &mine, "add").await, issue(&app, ROOT_TOKEN, &mine, "add").await);
        let before = app.fixture.trail().await.len();
        let new = issue(&app, ROOT_TOKEN, &mine, "replace").await;
        let rows = app.fixture.trail().await.split_off(before);
        let [row] = rows.as_slice() else { panic!("{rows:?}") };
        assert_eq!(row.before[0]["id"], one.json()["id"]);
        assert_eq!(row.before[1]["id"], two.json()["id"], "all that stood there");
        assert_eq!(row.after["id"], new.json()["id"]);
        for other in others {
            assert_eq!(identified(&app, &other).await["state"], "active");
        }
        assert_eq!(identified(&app, &secret(&revoked)).await["state"], "revoked");
    }

    async fn the_query_says_it_too_and_the_body_wins(app: App) {
        let body = json!({ "kind": "personal", "name": "login", "scopes": ["api"] });
        let ask = async |query: &str, body: &Value| app.post(&format!("{TOKENS}{query}")).root().json(body.clone()).send().await;
        assert_eq!(ask("?if_exists=keep", &body).await.code(), 201);
        assert_eq!(ask("?if_exists=keep", &body).await.code(), 200);
        let mut other = body.clone();
        other["if_exists"] = json!("refuse");
        assert_eq!(ask("?if_exists=keep", &other).await.code(), 409);
        let wrong = ask("?if_exists=whatever", &body).await;
        assert_eq!(refused(&wrong), (400, "invalid".to_owned()));
        assert_eq!(wrong.json()["errors"][0]["field"], "if_exists");
    }

    async fn what_comes_with_its_holder_is_not_told_by_name(app: App) {
        app.group("team").await;
        app.project("team/app").await;
        for body in [
            json!({ "kind": "runner", "name": "a" }),
            json!({ "kind": "job", "name": "a", "ref": "main", "subject": "project:team/app" }),
            json!({ "kind": "feature_flags_client", "name": "a", "subject": "project:team/app" }),
        ] {
            let answer = issue(&app, ROOT_TOKEN, &body, "replace").await;
            assert_eq!(refused(&answer), (400, "invalid".to_owned()), "{}", answer.text);
            assert_eq!(answer.json()["errors"][0]["field"], "if_exists");
        }
    }

    async fn of_what_there_is_one_the_one_is_meant(app: App) {
        let body = json!({ "kind": "feed" });
        let first = issue(&app, ROOT_TOKEN, &body, "keep").await;
        assert_eq!(first.code(), 201, "{}", first.text);
        assert_eq!(issue(&app, ROOT_TOKEN, &body, "keep").await.code(), 200);
        let second = issue(&app, ROOT_TOKEN, &body, "replace").await;
        assert_eq!(identified(&app, &secret(&first)).await, json!({ "message": { "error": "Not found" } }));
        let shown = app.get("user/feed_token").root().send().await;
        assert_eq!(shown.json()["token"], second.json()["token"]);
    }

    async fn an_agent_that_has_its_two_may_replace_one(app: App) {
        let body = asked(&app).await.into_iter().find(|body| body["kind"] == "cluster_agent").unwrap();
        let mut other = body.clone();
        other["name"] = json!("other");
        for body in [&body, &other] {
            assert_eq!(issue(&app, ROOT_TOKEN, body, "add").await.code(), 201);
        }
        assert_eq!(refused(&issue(&app, ROOT_TOKEN, &body, "add").await), (409, "too_many_tokens".to_owned()));
        assert_eq!(issue(&app, ROOT_TOKEN, &body, "replace").await.code(), 201);
    }

    async fn nobody_learns_or_replaces_what_they_may_not_issue(app: App) {
        let ida = app.user("ida").await.id;
        let (_, token) = app.token(ida, "api").await;
        for body in asked(&app).await {
            let mut body = body;
            if body["kind"] == "personal" {
                body["owner"] = json!("root");
            }
            assert_eq!(issue(&app, ROOT_TOKEN, &body, "add").await.code(), 201);
            let before = app.actions().await;
            for way in ["keep", "replace", "refuse"] {
                let answer = issue(&app, &token, &body, way).await;
                assert!([403, 404].contains(&refused(&answer).0), "{body}: {}", answer.text);
            }
            assert_eq!(app.actions().await, before, "{body}");
        }
    }

    async fn of_several_logins_at_once_one_token_is_left(app: App) {
        for body in asked(&app).await {
            let kind = body["kind"].as_str().unwrap().to_owned();
            let already = there(&app, &kind, "login").await.len();
            let answers = join_all((0..4).map(|_| issue(&app, ROOT_TOKEN, &body, "replace"))).await;
            let mut working = 0;
            for answer in &answers {
                assert_eq!(answer.code(), 201, "{body}: {}", answer.text);
                working += usize::from(identified(&app, &secret(answer)).await["token_type"] == kind);
            }
            assert_eq!(working, 1, "{body}");
            assert_eq!(there(&app, &kind, "login").await.len(), already + 1, "{body}");
        }
    }

    async fn of_several_who_keep_one_issues_it(app: App) {
        for body in asked(&app).await {
            let answers = join_all((0..4).map(|_| issue(&app, ROOT_TOKEN, &body, "keep"))).await;
            let mut codes: Vec<_> = answers.iter().map(Answer::code).collect();
            codes.sort_unstable();
            assert_eq!(codes, [200, 200, 200, 201], "{body}");
        }
    }
}
