//! Users who are no people: bots, service accounts, and the one that stands for
//! users who are gone. Nobody gets further by them than by themselves.

use serde_json::{Value, json};
use tokenry_domain::AccessLevel;
use tokenry_testkit::{Answer, App, both_engines};

use crate::message;

/// A group with its owner, and the owner's token.
async fn owned_group(app: &App) -> (i64, i64, String) {
    let group = app.group("team").await;
    let owner = app.user("ida").await.id;
    app.member(group.place(), owner, AccessLevel::Owner).await;
    (group.id.get(), owner.get(), app.token(owner, "api").await.1)
}

/// The token of a bot that owns the group, and the bot's id.
async fn owning_bot(app: &App, group: i64, token: &str) -> (String, i64) {
    let body = json!({ "name": "ci", "scopes": ["api"], "access_level": 50 });
    let path = format!("groups/{group}/access_tokens");
    let made = app.post(&path).token(token).json(body).send().await;
    assert_eq!(made.code(), 201, "{}", made.text);
    let made = made.json();
    (
        made["token"].as_str().unwrap().to_owned(),
        made["user_id"].as_i64().unwrap(),
    )
}

async fn change(app: &App, user: i64, change: Value) -> Answer {
    app.put(&format!("users/{user}"))
        .root()
        .json(change)
        .send()
        .await
}

/// The user that stands for those who are gone: one was, who had issued a deploy
/// token.
async fn ghost(app: &App) -> i64 {
    let (group, owner, token) = owned_group(app).await;
    let body = json!({ "name": "pull", "scopes": ["read_repository"] });
    let path = format!("groups/{group}/deploy_tokens");
    assert_eq!(
        app.post(&path).token(&token).json(body).send().await.code(),
        201
    );
    let gone = app
        .delete(&format!("users/{owner}?hard_delete=false"))
        .root()
        .send()
        .await;
    assert_eq!(gone.code(), 204, "{}", gone.text);
    let found = app.get("users?username=ghost").root().send().await;
    found.json()[0]["id"].as_i64().unwrap()
}

both_engines! {
    async fn a_bot_makes_nothing_that_outlives_its_token(app: App) {
        let (group, _, token) = owned_group(&app).await;
        let (bot, _) = owning_bot(&app, group, &token).await;
        let before = app.actions().await.len();
        let body = json!({ "name": "door", "redirect_uri": "https://x.example/", "scopes": "api" });
        let refused = app.post("user/applications").token(&bot).json(body).send().await;
        assert_eq!(refused.both(), message(403, "403 Forbidden - not permitted to create"));
        assert_eq!(app.actions().await.len(), before);
    }

    async fn who_acts_by_tokens_gets_neither_password_nor_the_instance(app: App) {
        let (group, _, token) = owned_group(&app).await;
        let (_, bot) = owning_bot(&app, group, &token).await;
        let account = app.post(&format!("groups/{group}/service_accounts")).token(&token).send().await;
        let account = account.json()["id"].as_i64().unwrap();
        let before = app.actions().await.len();
        for user in [bot, account] {
            for (field, value) in [("admin", json!(true)), ("password", json!("correct horse 7"))] {
                let refused = change(&app, user, json!({ field: value })).await;
                assert_eq!(refused.code(), 400, "{}", refused.text);
                assert!(refused.json()["message"][field].is_array(), "{}", refused.text);
            }
        }
        assert_eq!(app.actions().await.len(), before);
        assert_eq!(change(&app, bot, json!({ "name": "Builder" })).await.code(), 200);
    }

    async fn the_ghost_is_nobody_to_act_as(app: App) {
        let ghost = ghost(&app).await;
        let before = app.actions().await.len();
        let body = json!({ "name": "x", "scopes": ["api"] });
        for kind in ["personal_access_tokens", "impersonation_tokens"] {
            let made = app.post(&format!("users/{ghost}/{kind}")).root().json(body.clone()).send().await;
            assert!(matches!(made.code(), 403 | 422), "{}", made.text);
        }
        for changed in [json!({ "admin": true }), json!({ "username": "casper" }), json!({ "password": "correct horse 7" })] {
            assert_eq!(change(&app, ghost, changed).await.code(), 403);
        }
        for state in ["block", "ban", "deactivate"] {
            let asked = app.post(&format!("users/{ghost}/{state}")).root().send().await;
            assert_eq!(asked.code(), 403, "{state}: {}", asked.text);
        }
        assert_eq!(app.actions().await.len(), before);
    }

    async fn a_bot_is_no_owner_to_leave_a_group_to(app: App) {
        let (group, owner, token) = owned_group(&app).await;
        owning_bot(&app, group, &token).await;
        let member = format!("groups/{group}/members/{owner}");
        assert_eq!(app.delete(&member).token(&token).send().await.code(), 403);
        let lower = app.put(&member).token(&token).json(json!({ "access_level": 40 })).send().await;
        assert_eq!(lower.code(), 403, "{}", lower.text);
        assert_eq!(app.get(&member).token(&token).send().await.json()["access_level"], 50);
    }
}
