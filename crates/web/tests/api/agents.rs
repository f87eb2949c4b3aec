//! Cluster agents and their tokens.

use futures_util::future::join_all;
use serde_json::{Value, json};
use tokenry_domain::AccessLevel::{Developer, Maintainer, Reporter};
use tokenry_testkit::{App, both_engines};

use crate::{error, forbidden, message, unauthorized};

/// A project with somebody of each role.
struct Team {
    project: String,
    maintainer: String,
    developer: String,
    reporter: String,
}

async fn team(app: &App) -> Team {
    app.group("team").await;
    let project = app.project("team/app").await;
    let mut tokens = Vec::new();
    for (name, level) in [("max", Maintainer), ("dev", Developer), ("rep", Reporter)] {
        let user = app.user(name).await;
        app.member(project.place(), user.id, level).await;
        tokens.push(app.token(user.id, "api").await.1);
    }
    let [maintainer, developer, reporter] = tokens.try_into().unwrap();
    Team {
        project: format!("projects/{}/cluster_agents", project.id),
        maintainer,
        developer,
        reporter,
    }
}

impl Team {
    async fn agent(&self, app: &App, name: &str) -> (i64, String) {
        let asking = app.post(&self.project).token(&self.maintainer);
        let made = asking.json(json!({ "name": name })).send().await;
        assert_eq!(made.code(), 201, "{}", made.text);
        let id = made.json()["id"].as_i64().unwrap();
        (id, format!("{}/{id}", self.project))
    }
}

both_engines! {
    async fn maintainers_keep_agents_and_developers_see_them(app: App) {
        let team = team(&app).await;
        let before = app.actions().await.len();
        let (id, path) = team.agent(&app, "prod").await;
        let shown = app.get(&path).token(&team.developer).send().await;
        insta::assert_json_snapshot!("agent", shown.json());
        let listed = app.get(&team.project).token(&team.developer).send().await;
        assert_eq!(listed.both(), (200, json!([shown.json()])));
        assert_eq!(listed.header("x-total"), "1");
        for (method, path, token) in [
            ("POST", &team.project, &team.developer), ("DELETE", &path, &team.developer),
            ("GET", &team.project, &team.reporter), ("GET", &path, &team.reporter),
        ] {
            let answer = app.ask(method, path).token(token).json(json!({ "name": "x" })).send().await;
            assert_eq!(answer.both(), forbidden(), "{method} {path}");
        }
        assert_eq!(app.delete(&path).token(&team.maintainer).send().await.both(), (204, Value::Null));
        let missing = message(404, "404 Agent Not Found");
        assert_eq!(app.delete(&path).token(&team.maintainer).send().await.both(), missing);
        assert_eq!(app.get(&path).root().send().await.both(), missing);
        assert_eq!(app.actions().await[before..], ["holder_created", "holder_deleted"]);
        assert_eq!(app.fixture.trail().await.last().unwrap().target, ("cluster_agent".to_owned(), Some(id)));
    }

    async fn agents_of_a_project_have_names_of_their_own(app: App) {
        let team = team(&app).await;
        team.agent(&app, "prod").await;
        let before = app.actions().await;
        for (name, problem) in [
            ("prod", "has already been taken"),
            ("", "can't be blank"),
            ("Prod", "can contain only lowercase letters, digits, and '-', but cannot start or end with '-'"),
            ("a\u{0}", "can contain only lowercase letters, digits, and '-', but cannot start or end with '-'"),
            (&"a".repeat(10_000), "is too long (maximum is 63 characters)"),
        ] {
            let answer = app.post(&team.project).token(&team.maintainer).json(json!({ "name": name })).send().await;
            assert_eq!(answer.both(), (400, json!({ "message": { "name": [problem] } })), "{name:.20}");
        }
        let answer = app.post(&team.project).token(&team.maintainer).json(json!({})).send().await;
        assert_eq!(answer.both(), error(400, "name is missing"));
        assert_eq!(app.actions().await, before);
        let asked = (0..4).map(|_| app.post(&team.project).root().json(json!({ "name": "twin" })).send());
        let mut codes: Vec<_> = join_all(asked).await.iter().map(tokenry_testkit::Answer::code).collect();
        codes.sort_unstable();
        assert_eq!(codes, [201, 400, 400, 400]);
    }

    async fn a_token_is_issued_shown_and_revoked(app: App) {
        let team = team(&app).await;
        let (agent, path) = team.agent(&app, "prod").await;
        let tokens = format!("{path}/tokens");
        let before = app.actions().await.len();
        let issued = app.post(&tokens).token(&team.maintainer).json(json!({ "name": "first", "description": "line" })).send().await;
        assert_eq!(issued.code(), 201);
        let mut body = issued.json();
        let text = body["token"].as_str().unwrap().to_owned();
        assert!(text.starts_with("glagent-"), "{text}");
        body.as_object_mut().unwrap().remove("token");
        let one = format!("{tokens}/{}", body["id"]);
        let shown = app.get(&one).token(&team.developer).send().await;
        assert_eq!(shown.both(), (200, body.clone()));
        let mut row = body.clone();
        row.as_object_mut().unwrap().remove("last_used_at");
        assert_eq!(app.get(&tokens).token(&team.developer).send().await.both(), (200, json!([row])));
        assert_eq!((&body["agent_id"], &body["status"], &body["description"]), (&json!(agent), &json!("active"), &json!("line")));
        assert_eq!(app.get("user").token(&text).send().await.both(), unauthorized(), "it opens nothing here");

        for (method, path, token) in [
            ("GET", &tokens, &team.reporter), ("GET", &one, &team.reporter),
            ("POST", &tokens, &team.developer), ("DELETE", &one, &team.developer),
        ] {
            let answer = app.ask(method, path).token(token).json(json!({ "name": "x" })).send().await;
            assert_eq!(answer.both(), forbidden(), "{method} {path}");
        }
        for _ in 0..2 {
            assert_eq!(app.delete(&one).token(&team.maintainer).send().await.both(), (204, Value::Null));
        }
        assert_eq!(app.get(&one).root().send().await.both(), message(404, "404 Agent Token Not Found"));
        assert_eq!(app.get(&tokens).root().send().await.both(), (200, json!([])));
        assert_eq!(app.actions().await[before..], ["token_created", "token_revoked"]);
        let named = app.post("admin/token").root().json(json!({ "token": text })).send().await.json();
        assert_eq!((&named["token_type"], &named["state"]), (&json!("cluster_agent"), &json!("revoked")));
    }

    async fn two_tokens_work_at_once_and_no_third(app: App) {
        let team = team(&app).await;
        let (_, path) = team.agent(&app, "prod").await;
        let tokens = format!("{path}/tokens");
        let before = app.actions().await.len();
        let asked = (0..6).map(|_| app.post(&tokens).token(&team.maintainer).json(json!({ "name": "x" })).send());
        let answers = join_all(asked).await;
        let mut codes: Vec<_> = answers.iter().map(tokenry_testkit::Answer::code).collect();
        codes.sort_unstable();
        assert_eq!(codes, [201, 201, 400, 400, 400, 400]);
        let refused = answers.iter().find(|answer| answer.code() == 400).unwrap();
        assert_eq!(refused.both(), message(400, "400 Bad request - there may be no more than 2 active tokens at once; revoke one first"));
        assert_eq!(app.actions().await[before..], ["token_created", "token_created"]);
        let ids = app.get(&tokens).root().send().await.column("id");
        app.delete(&format!("{tokens}/{}", ids[0])).root().send().await;
        assert_eq!(app.post(&tokens).root().json(json!({ "name": "x" })).send().await.code(), 201);
    }

    async fn what_belongs_elsewhere_is_not_there(app: App) {
        let team = team(&app).await;
        let (agent, path) = team.agent(&app, "prod").await;
        let (_, other_agent) = team.agent(&app, "test").await;
        let other = app.project("team/other").await;
        let issued = app.post(&format!("{path}/tokens")).root().json(json!({ "name": "x" })).send().await.json();
        let before = app.actions().await;
        for (method, path) in [
            ("GET", format!("projects/{}/cluster_agents/{agent}", other.id)),
            ("DELETE", format!("projects/{}/cluster_agents/{agent}", other.id)),
            ("GET", format!("projects/{}/cluster_agents/{agent}/tokens", other.id)),
            ("GET", format!("projects/{}/cluster_agents/{agent}/tokens/{}", other.id, issued["id"])),
            ("GET", format!("{}/4711/tokens", team.project)),
        ] {
            assert_eq!(app.ask(method, &path).root().send().await.both(), message(404, "404 Agent Not Found"), "{method} {path}");
        }
        for (method, path) in [
            ("GET", format!("{other_agent}/tokens/{}", issued["id"])),
            ("DELETE", format!("{other_agent}/tokens/{}", issued["id"])),
            ("DELETE", format!("{other_agent}/tokens/1")),
            ("GET", format!("{path}/tokens/4711")),
        ] {
            assert_eq!(app.ask(method, &path).root().send().await.both(), message(404, "404 Agent Token Not Found"), "{method} {path}");
        }
        let wrong = app.get(&format!("{}/x/tokens/y", team.project)).root().send().await;
        assert_eq!(wrong.both(), error(400, "agent_id is invalid, token_id is invalid"));
        let blank = app.post(&format!("{path}/tokens")).root().json(json!({ "name": "" })).send().await;
        assert_eq!(blank.both(), message(400, "400 Bad request - Name can't be blank"));
        assert_eq!(app.actions().await, before);
        let removed = app.delete(&path).root().send().await;
        assert_eq!(removed.code(), 204);
        let named = app.post("admin/token").root().json(json!({ "token": issued["token"] })).send().await;
        assert_eq!(named.code(), 404, "tokens go with their agent");
    }
}
