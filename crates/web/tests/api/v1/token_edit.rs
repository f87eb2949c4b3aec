//! `PATCH /api/v1/tokens/{id}`: another name or description, and nothing else.

use serde_json::{Value, json};
use tokenry_domain::{AccessLevel, Kind, TokenId};
use tokenry_testkit::{Answer, App, both_engines};

use super::refused;
use crate::secret;

async fn edit(app: &App, by: &str, id: TokenId, change: Value) -> Answer {
    let path = format!("/api/v1/tokens/{id}");
    app.ask("PATCH", &path).token(by).json(change).send().await
}

/// Name and description.
fn words(answer: &Answer) -> (Value, Value) {
    assert_eq!(answer.code(), 200, "{}", answer.text);
    let body = answer.json();
    (body["name"].clone(), body["description"].clone())
}

both_engines! {
    async fn words_change_one_by_one_and_each_change_is_told(app: App) {
        let ida = app.user("ida").await;
        let (id, token) = app.token_of(Kind::Personal, ida.id, "laptop", "api").await;
        let before = app.fixture.trail().await.len();
        for (change, name, description) in [
            (json!({ "name": "Desk ✓" }), "Desk ✓", Value::Null),
            (json!({ "description": "the old\none" }), "Desk ✓", json!("the old\none")),
            (json!({ "name": "desk", "reason": "shorter" }), "desk", json!("the old\none")),
            (json!({ "description": null }), "desk", Value::Null),
        ] {
            assert_eq!(words(&edit(&app, &token, id, change).await), (json!(name), description));
        }
        let rows = app.fixture.trail().await.split_off(before);
        let told: Vec<_> = rows.iter().map(|row| (row.action.as_str(), &row.before["name"], &row.after["name"])).collect();
        assert_eq!(told, [
            ("token_updated", &json!("laptop"), &json!("Desk ✓")),
            ("token_updated", &json!("Desk ✓"), &json!("Desk ✓")),
            ("token_updated", &json!("Desk ✓"), &json!("desk")),
            ("token_updated", &json!("desk"), &json!("desk")),
        ]);
        assert_eq!(rows[2].reason.as_deref(), Some("shorter"));
        let found = app.get("/api/v1/tokens?name=DESK").token(&token).send().await;
        assert_eq!(found.json()["tokens"][0]["id"], id.get(), "it is found by its new name");
        let own = app.get("personal_access_tokens/self").token(&token).send().await;
        assert_eq!(own.json()["name"], "desk", "memory knows it");
    }

    async fn what_is_so_already_leaves_no_row(app: App) {
        let ida = app.user("ida").await;
        let (id, token) = app.token_of(Kind::Personal, ida.id, "laptop", "api").await;
        let before = app.actions().await;
        for change in [json!({}), json!({ "name": "laptop" }), json!({ "description": "" }), json!({ "description": null })] {
            assert_eq!(words(&edit(&app, &token, id, change).await), (json!("laptop"), Value::Null));
        }
        assert_eq!(app.actions().await, before);
    }

    async fn nothing_else_is_changed_so(app: App) {
        let ida = app.user("ida").await;
        let (id, token) = app.token_of(Kind::Personal, ida.id, "laptop", "api").await;
        let shown = app.get(&format!("/api/v1/tokens/{id}")).root().send().await.json();
        let before = app.actions().await;
        for (field, value) in [
            ("scopes", json!(["sudo"])), ("expires_at", json!("2100-01-01")), ("expires_at", Value::Null),
            ("owner", json!("root")), ("subject", json!("project:1")), ("kind", json!("impersonation")),
            ("state", json!("active")), ("revoked_at", Value::Null), ("token", json!("glpat-chosen")),
            ("name", Value::Null), ("name", json!("")), ("name", json!("a\nb")), ("name", json!("x".repeat(256))),
            ("name", json!(7)), ("description", json!("x".repeat(256))), ("description", json!("a\u{7}")),
            ("description", json!(["x"])), ("reason", json!("")),
        ] {
            let mut change = json!({ "name": "other" });
            change[field] = value;
            let answer = edit(&app, &token, id, change).await;
            assert_eq!(refused(&answer), (400, "invalid".to_owned()), "{field}: {}", answer.text);
            assert_eq!(answer.json()["errors"][0]["field"], field, "{}", answer.text);
        }
        assert_eq!(app.actions().await, before);
        let after = app.get(&format!("/api/v1/tokens/{id}")).root().send().await.json();
        assert_eq!((&after["name"], &after["scopes"]), (&shown["name"], &shown["scopes"]));
    }

    async fn whoever_manages_a_token_may_name_it(app: App) {
        let (ida, eve) = (app.user("ida").await, app.user("eve").await);
        let (id, token) = app.token(ida.id, "api").await;
        let (_, strange) = app.token(eve.id, "api").await;
        let (_, reading) = app.token(ida.id, "read_api").await;
        let before = app.actions().await;
        let other = || json!({ "name": "other" });
        assert_eq!(refused(&edit(&app, &strange, id, other()).await), (404, "token_not_found".to_owned()));
        assert_eq!(refused(&edit(&app, &reading, id, other()).await), (403, "insufficient_scope".to_owned()));
        assert_eq!(app.actions().await, before);
        assert_eq!(words(&edit(&app, &token, id, other()).await).0, "other");
        let root = tokenry_testkit::fixture::ROOT_TOKEN;
        assert_eq!(words(&edit(&app, root, id, json!({ "name": "root's word" })).await).0, "root's word");
    }

    async fn a_role_is_enough_where_the_kind_says_so(app: App) {
        app.group("team").await;
        let project = app.project("team/app").await;
        let body = json!({ "kind": "pipeline_trigger", "name": "docs", "subject": "project:team/app" });
        let issued = app.post("/api/v1/tokens").root().json(body).send().await;
        secret(&issued);
        let id = TokenId::from_row(issued.json()["id"].as_i64().unwrap());
        let (dev, boss) = (app.user("dev").await.id, app.user("boss").await.id);
        app.member(project.place(), dev, AccessLevel::Developer).await;
        app.member(project.place(), boss, AccessLevel::Maintainer).await;
        let (_, dev) = app.token(dev, "api").await;
        let (_, boss) = app.token(boss, "api").await;
        let change = || json!({ "name": "other docs" });
        assert_eq!(edit(&app, &dev, id, change()).await.code(), 404);
        assert_eq!(words(&edit(&app, &boss, id, change()).await).0, "other docs");
        let trigger = app.get(&format!("projects/{}/triggers/{id}", project.id)).root().send().await.json();
        assert_eq!(trigger["description"], "other docs");
        assert_ne!(trigger["updated_at"], Value::Null);
    }

    async fn a_dead_token_can_still_be_named_and_a_deleted_one_not(app: App) {
        let ida = app.user("ida").await;
        let (id, _) = app.token(ida.id, "api").await;
        let path = format!("/api/v1/tokens/{id}");
        let root = tokenry_testkit::fixture::ROOT_TOKEN;
        assert_eq!(app.post(&format!("{path}/revoke")).root().send().await.code(), 200);
        let answer = edit(&app, root, id, json!({ "description": "found in a repository" })).await;
        assert_eq!((&answer.json()["state"], answer.code()), (&json!("revoked"), 200));
        assert_eq!(app.delete(&path).root().send().await.code(), 204);
        let answer = edit(&app, root, id, json!({ "name": "gone" })).await;
        assert_eq!(refused(&answer), (404, "token_not_found".to_owned()));
    }
}
