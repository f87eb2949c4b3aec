//! `GET /api/v1/audit`.

use serde_json::{Value, json};
use tokenry_testkit::{App, both_engines};

use super::refused;

const PATH: &str = "/api/v1/audit";

async fn asked(app: &App, query: &str) -> Value {
    let answer = app.get(&format!("{PATH}?{query}")).root().send().await;
    assert_eq!(answer.code(), 200, "{query}: {}", answer.text);
    answer.json()
}

/// What was done, the newest first.
pub(super) async fn actions(app: &App, query: &str) -> Vec<String> {
    let body = asked(app, query).await;
    let events = body["events"].as_array().unwrap().iter();
    let name = |event: &Value| event["action"].as_str().unwrap().to_owned();
    events.map(name).collect()
}

/// The same, put together of pages of this size.
pub(super) async fn pages(app: &App, query: &str, per_page: usize) -> Vec<String> {
    let (mut parts, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = format!("{query}&per_page={per_page}&cursor={cursor}");
        let body = asked(app, &page).await;
        let events = body["events"].as_array().unwrap().iter();
        parts.extend(events.map(|event| event["action"].as_str().unwrap().to_owned()));
        match body["next_cursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => return parts,
        }
    }
}

both_engines! {
    async fn an_entry_tells_who_did_what_to_what_and_why(app: App) {
        let ida = app.user("ida").await;
        let (id, text) = app.token(ida.id, "api").await;
        let reason = json!({ "reason": "found in a log" });
        let path = format!("/api/v1/tokens/{id}/revoke");
        let revoked = app.post(&path).root().json(reason).send().await;
        assert_eq!(revoked.code(), 200, "{}", revoked.text);
        let body = asked(&app, &format!("token={id}&per_page=1")).await;
        let event = &body["events"][0];
        assert_eq!(event["action"], "token_revoked");
        assert_eq!(event["reason"], "found in a log");
        assert_eq!(event["request_id"], revoked.header("x-request-id"));
        assert_eq!(event["target"], json!({ "type": "token", "id": id }));
        assert_eq!(event["actor"]["user"]["username"], "root");
        assert_eq!(event["before"]["revoked_at"], Value::Null);
        assert_ne!(event["after"]["revoked_at"], Value::Null);
        assert!(!body.to_string().contains(&text));
    }

    async fn conditions_narrow_it_down(app: App) {
        let ida = app.user("ida").await;
        let (id, text) = app.token(ida.id, "api").await;
        let own = json!({ "name": "own", "scopes": ["k8s_proxy"] });
        app.post("user/personal_access_tokens").token(&text).json(own).send().await;
        app.delete(&format!("personal_access_tokens/{id}")).root().send().await;
        let token = format!("token={id}");
        assert_eq!(
            actions(&app, &token).await,
            ["token_revoked", "token_created", "token_created"],
            "to it, with it, and its beginning"
        );
        let by_ida = format!("actor={}", ida.id);
        assert_eq!(actions(&app, &by_ida).await, ["token_created"]);
        assert_eq!(actions(&app, "action=token_revoked&kind=personal").await.len(), 1);
        assert_eq!(actions(&app, "kind=deploy").await, [""; 0]);
        assert_eq!(actions(&app, "before=2001-01-01T00:00:00Z").await, [""; 0]);
        let all = actions(&app, "after=2001-01-01T00:00:00Z&per_page=1000").await;
        assert_eq!(all.len(), app.actions().await.len());
    }

    async fn its_parts_put_together_are_the_trail(app: App) {
        for name in ["a", "b", "c", "d", "e"] {
            app.user(name).await;
        }
        let whole = actions(&app, "per_page=1000").await;
        for per_page in [1, 2, 3, 5] {
            assert_eq!(pages(&app, "", per_page).await, whole, "{per_page}");
        }
    }

    async fn what_is_wrong_is_said(app: App) {
        let ida = app.user("ida").await;
        let (_, token) = app.token(ida.id, "api").await;
        let other = app.get(PATH).token(&token).send().await;
        assert_eq!(refused(&other), (403, "admin_only".to_owned()));
        for query in [
            "action=nothing", "kind=nothing", "actor=ida", "token=x", "after=yesterday",
            "per_page=0", "per_page=1001", "per_page=x",
        ] {
            let answer = app.get(&format!("{PATH}?{query}")).root().send().await;
            assert_eq!(refused(&answer), (400, "invalid".to_owned()), "{query}");
        }
        let forged = app.get(&format!("{PATH}?cursor=bm90aGluZw")).root().send().await;
        assert_eq!(refused(&forged), (400, "broken_cursor".to_owned()));
    }
}
