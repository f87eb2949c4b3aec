//! Every kind of token, by its value: one is issued over its own route, named
//! and ended over the one that asks for no kind
//! (spec/token-information-api.md section 4, cases 1 to 48 and 50 to 54).

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tokenry_domain::{
    Kind,
    kind::{Ending, KINDS, Opens},
};
use tokenry_testkit::{App, both_engines, fixture::ROOT_TOKEN};

use crate::{ended, identified, message, unauthorized};

const PROJECT: &str = "projects/team%2Fapp";

/// What a request by root answers with, which must be 200 or 201.
async fn posted(app: &App, path: &str, body: Value) -> Value {
    let answer = app.post(path).root().json(body).send().await;
    assert!(
        [200, 201].contains(&answer.code()),
        "{path}: {}",
        answer.text
    );
    answer.json()
}

fn text(body: &Value, field: &str) -> String {
    body[field].as_str().expect("a secret").to_owned()
}

/// The text of a fresh token of each kind, by the kind's name.
async fn world(app: &App) -> BTreeMap<&'static str, String> {
    app.group("team").await;
    app.project("team/app").await;
    let ida = app.user("ida").await;
    let mut texts = BTreeMap::new();
    texts.insert("personal", app.token(ida.id, "api").await.1);
    let acting = app.token_of(Kind::Impersonation, ida.id, "acting", "api");
    texts.insert("impersonation", acting.await.1);
    let asked = json!({
        "name": "ci", "scopes": ["read_api"], "description": "docs", "ref": "main",
        "redirect_uri": "urn:x", "runner_type": "instance_type", "token": ROOT_TOKEN,
    });
    let deploy = json!({ "name": "mirror", "scopes": ["read_repository"] });
    let application = json!({ "name": "bridge", "redirect_uri": "urn:x", "scopes": "api" });
    let agent = posted(
        app,
        &format!("{PROJECT}/cluster_agents"),
        json!({ "name": "prod" }),
    )
    .await;
    let account = posted(app, "service_accounts", json!({})).await;
    for (kind, path, body) in [
        ("project", format!("{PROJECT}/access_tokens"), &asked),
        ("group", "groups/team/access_tokens".to_owned(), &asked),
        (
            "service_account",
            format!("users/{}/personal_access_tokens", account["id"]),
            &asked,
        ),
        ("deploy", format!("{PROJECT}/deploy_tokens"), &deploy),
        ("feed", "user/feed_token/reset".to_owned(), &asked),
        (
            "incoming_email",
            "user/incoming_email_token/reset".to_owned(),
            &asked,
        ),
        (
            "cluster_agent",
            format!("{PROJECT}/cluster_agents/{}/tokens", agent["id"]),
            &asked,
        ),
        ("runner", "user/runners".to_owned(), &asked),
        ("registered_runner", "runners".to_owned(), &asked),
        ("pipeline_trigger", format!("{PROJECT}/triggers"), &asked),
        ("job", format!("{PROJECT}/jobs"), &asked),
        (
            "feature_flags_client",
            format!("{PROJECT}/feature_flags_clients"),
            &asked,
        ),
        ("scim", "groups/team/scim_tokens".to_owned(), &asked),
    ] {
        texts.insert(kind, text(&posted(app, &path, body.clone()).await, "token"));
    }
    let made = posted(app, "applications", application).await;
    let grant = json!({
        "grant_type": "client_credentials", "scope": "api",
        "client_id": made["application_id"], "client_secret": made["secret"],
    });
    texts.insert("oauth_application_secret", text(&made, "secret"));
    let form = format!(
        "grant_type=client_credentials&scope=api&client_id={}&client_secret={}",
        text(&grant, "client_id"),
        text(&grant, "client_secret"),
    );
    let granted = app
        .post("/oauth/token")
        .body("application/x-www-form-urlencoded", form)
        .send()
        .await;
    texts.insert("oauth_access", text(&granted.json(), "access_token"));
    texts.insert("session", session(app).await);
    texts
}

/// A browser that is signed in, as GitLab's responders paste its cookie.
async fn session(app: &App) -> String {
    let user = json!({
        "username": "eve", "name": "Eve", "email": "eve@example.com", "password": "correct horse",
    });
    posted(app, "users", user).await;
    let pair = json!({ "login": "eve", "password": "correct horse" });
    let answer = app.post("session").json(pair).send().await;
    let cookie = answer.header("set-cookie").split(';').next().unwrap();
    let (_, value) = cookie.split_once('=').unwrap();
    format!("_gitlab_session={value}")
}

/// What the trail says when a token of this kind is ended.
fn ending(name: &str) -> &'static str {
    match Kind::from_name(name).unwrap().descriptor().ending {
        Ending::Revoke => "token_revoked",
        Ending::Reset => "token_reset",
        Ending::Finish => "holder_ended",
    }
}

/// The state of the token itself: a user who is told has one too.
fn state(told: &Value) -> &Value {
    told.get("token_state").unwrap_or(&told["state"])
}

both_engines! {
    async fn each_is_named(app: App) {
        let texts = world(&app).await;
        let names: Vec<_> = KINDS.iter().map(|line| line.name).collect();
        assert_eq!(texts.len(), names.len(), "a kind is missing here");
        let before = app.actions().await;
        let mut shown = BTreeMap::new();
        for name in names {
            let told = identified(&app, &texts[name]).await;
            assert_eq!(told["token_type"], name, "{told}");
            assert_eq!(state(&told), "active", "{told}");
            assert!(!told.to_string().contains(&texts[name]), "{name}: no answer repeats a secret");
            let keys: Vec<&String> = told.as_object().unwrap().keys().collect();
            shown.insert(name, json!({ "fields": keys, "subject": told["subject"] }));
        }
        insta::assert_json_snapshot!("told", shown);
        assert_eq!(app.actions().await, before, "naming is no use");
    }

    async fn each_is_ended_once_and_stays_known(app: App) {
        for (name, text) in world(&app).await {
            let before = app.actions().await.len();
            for _ in 0..2 {
                assert_eq!(ended(&app, &text).await, 204, "{name}");
            }
            assert_eq!(app.actions().await[before..], [ending(name)], "{name}");
            assert_eq!(state(&identified(&app, &text).await), "revoked", "{name}");
        }
    }

    async fn each_ends_the_same_way_by_its_id(app: App) {
        let (authority, console) = (&app.fixture.authority, app.fixture.console());
        for (name, text) in world(&app).await {
            let id = authority.identify_token(&console, &text).await.unwrap().id;
            let before = app.actions().await.len();
            for _ in 0..2 {
                authority.revoke_token(&console, id).await.unwrap();
            }
            assert_eq!(app.actions().await[before..], [ending(name)], "{name}");
            assert_eq!(state(&identified(&app, &text).await), "revoked", "{name}");
        }
    }

    async fn only_access_tokens_are_among_the_personal_ones(app: App) {
        let texts = world(&app).await;
        let (authority, console) = (&app.fixture.authority, app.fixture.console());
        let before = app.actions().await;
        let eve = app.fixture.authority.find_user("eve").await.unwrap();
        let (_, eve) = app.token(eve.id, "api").await;
        for (name, text) in texts {
            let line = Kind::from_name(name).unwrap().descriptor();
            let id = authority.identify_token(&console, &text).await.unwrap().id;
            let path = format!("personal_access_tokens/{id}");
            if line.opens == Opens::Api {
                assert_eq!(app.get(&path).root().send().await.code(), 200, "{name}");
                continue;
            }
            for delete in [path.clone(), format!("{path}?hard_delete=true")] {
                for by in [ROOT_TOKEN, &eve] {
                    let answer = app.delete(&delete).token(by).send().await;
                    assert_eq!(answer.both(), message(404, "404 Not found"), "{name}");
                }
            }
            for asking in [app.get(&path), app.post(&format!("{path}/rotate"))] {
                assert_eq!(asking.root().send().await.both(), message(404, "404 Not Found"), "{name}");
            }
            for asking in [app.get(&path), app.post(&format!("{path}/rotate"))] {
                assert_eq!(asking.token(&eve).send().await.both(), unauthorized(), "{name}");
            }
            authority.show_token(&console, id).await.expect("the console reaches every kind");
        }
        assert_eq!(app.actions().await.len(), before.len() + 1, "eve's token");
    }

    async fn none_is_found_by_a_text_that_is_only_like_it(app: App) {
        let missing = json!({ "message": { "error": "Not found" } });
        for (name, text) in world(&app).await {
            for other in [format!("{text}x"), format!("{text}\n"), text[..text.len() - 1].to_owned()] {
                assert_eq!(identified(&app, &other).await, missing, "{name}: {other}");
            }
            let answer = app.post("admin/token").root().json(json!({ "token": format!(" {text}") })).send().await;
            assert_eq!(answer.both(), message(422, "Token type not supported."), "{name}");
        }
        for empty in ["_gitlab_session=", "_gitlab_session=unknown"] {
            assert_eq!(identified(&app, empty).await, missing, "{empty}");
        }
    }

    async fn each_is_known_under_a_former_prefix(app: App) {
        let set = async |prefix: Value| {
            let body = json!({ "instance_token_prefix": prefix });
            let answer = app.put("application/settings").root().json(body).send().await;
            assert_eq!(answer.code(), 200, "{}", answer.text);
        };
        set(json!("acme")).await;
        let texts = world(&app).await;
        set(json!("other")).await;
        for (name, text) in texts {
            let fixed = ["session", "registered_runner"].contains(&name);
            assert_eq!(text.starts_with("acme-"), !fixed, "{name}: {text}");
            assert_eq!(identified(&app, &text).await["token_type"], name);
            assert_eq!(ended(&app, &text).await, 204, "{name}");
        }
    }
}
