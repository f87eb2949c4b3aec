//! `DELETE /api/v1/tokens/{id}`, `POST /api/v1/tokens/{id}/revoke` and `/rotate`.

use serde_json::{Value, json};
use tokenry_domain::{Kind, TokenId};
use tokenry_testkit::{App, both_engines};

use super::refused;

const SELF: &str = "personal_access_tokens/self";

fn path(id: TokenId, verb: &str) -> String {
    format!("/api/v1/tokens/{id}{verb}")
}

async fn works(app: &App, text: &str) -> bool {
    app.get(SELF).token(text).send().await.code() == 200
}

/// Actions and reasons since then.
async fn since(app: &App, before: usize) -> Vec<(String, Option<String>)> {
    let trail = app.fixture.trail().await.into_iter().skip(before);
    trail.map(|entry| (entry.action, entry.reason)).collect()
}

fn written(action: &str, reason: Option<&str>) -> (String, Option<String>) {
    (action.to_owned(), reason.map(str::to_owned))
}

both_engines! {
    async fn revoke_keeps_the_row(app: App) {
        let ida = app.user("ida").await;
        let (id, token) = app.token(ida.id, "api").await;
        let before = app.actions().await.len();
        let body = json!({ "reason": "not used any more" });
        let answer = app.post(&path(id, "/revoke")).token(&token).json(body).send().await;
        assert_eq!((answer.code(), &answer.json()["state"]), (200, &json!("revoked")));
        let again = app.post(&path(id, "/revoke")).root().send().await;
        assert_eq!(again.json()["revoked_at"], answer.json()["revoked_at"]);
        assert_eq!(since(&app, before).await, [written("token_revoked", Some("not used any more"))]);
        assert!(!works(&app, &token).await);
    }

    async fn delete_takes_the_row_and_leaves_a_tombstone(app: App) {
        let ida = app.user("ida").await;
        for (query, body, reason) in [
            ("", Value::Null, None),
            ("?reason=in+the+address", Value::Null, Some("in the address")),
            ("?reason=in+the+address", json!({ "reason": "in the body" }), Some("in the body")),
        ] {
            let (id, token) = app.token(ida.id, "api").await;
            let before = app.actions().await.len();
            let request = app.delete(&path(id, query)).token(&token);
            let request = if body.is_null() { request } else { request.json(body) };
            assert_eq!(request.send().await.code(), 204);
            assert_eq!(since(&app, before).await, [written("token_deleted", reason)]);
            assert!(!works(&app, &token).await);
            let again = app.delete(&path(id, "")).root().send().await;
            assert_eq!(refused(&again), (404, "token_not_found".to_owned()));
            let clue = json!({ "tokens": [{ "id": id }] });
            let told = app.post("/api/v1/tokens/identify").root().json(clue).send().await.json();
            let tombstone = &told["results"][0]["tombstone"];
            assert_eq!((&tombstone["deleted_by"]["username"], &tombstone["reason"]), (&json!("ida"), &json!(reason)));
        }
    }

    async fn rotate_hands_over_the_next_one(app: App) {
        let ida = app.user("ida").await;
        let (id, token) = app.token(ida.id, "api").await;
        let before = app.actions().await.len();
        let body = json!({ "expires_at": "2031-04-20", "reason": "yearly" });
        let answer = app.post(&path(id, "/rotate")).token(&token).json(body).send().await;
        let new = answer.json();
        assert_eq!(answer.code(), 200);
        assert_eq!((&new["rotated_from"], &new["expires_at"]), (&json!(id), &json!("2031-04-20T00:00:00.000Z")));
        assert!(!works(&app, &token).await);
        assert!(works(&app, new["token"].as_str().unwrap()).await);
        assert_eq!(since(&app, before).await, [written("token_rotated", Some("yearly"))]);
        let revoked = app.post(&path(id, "/rotate")).root().send().await;
        assert_eq!(refused(&revoked), (409, "already_revoked".to_owned()));
    }

    async fn who_presents_a_revoked_token_to_rotate_ends_its_family(app: App) {
        let ida = app.user("ida").await;
        let (id, token) = app.token(ida.id, "api").await;
        let new = app.post(&path(id, "/rotate")).token(&token).send().await.json();
        let next = new["token"].as_str().unwrap();
        let stolen = app.post(&path(id, "/rotate")).token(&token).send().await;
        assert_eq!(refused(&stolen), (401, "credential_revoked".to_owned()));
        assert!(!works(&app, next).await);
    }

    async fn what_is_not_the_callers_is_not_there(app: App) {
        let (ida, ben) = (app.user("ida").await, app.user("ben").await);
        let (_, token) = app.token(ida.id, "api").await;
        let (foreign, text) = app.token(ben.id, "api").await;
        let (hidden, _) = app.token_of(Kind::Impersonation, ida.id, "x", "api").await;
        let before = app.actions().await;
        for id in [foreign, hidden, TokenId::from_row(0), TokenId::from_row(999_999)] {
            for request in [
                app.delete(&path(id, "")),
                app.post(&path(id, "/revoke")),
                app.post(&path(id, "/rotate")),
            ] {
                let answer = request.token(&token).send().await;
                assert_eq!(refused(&answer), (404, "token_not_found".to_owned()), "{id}");
            }
        }
        let (_, reading) = app.token(ben.id, "read_api").await;
        for request in [app.delete(&path(foreign, "")), app.post(&path(foreign, "/revoke"))] {
            let answer = request.token(&reading).send().await;
            assert_eq!(refused(&answer), (403, "insufficient_scope".to_owned()));
        }
        assert_eq!(app.actions().await.len(), before.len() + 1, "only the last token was issued");
        assert!(works(&app, &text).await);
    }

    async fn bad_input_changes_nothing(app: App) {
        let ida = app.user("ida").await;
        let (id, token) = app.token(ida.id, "api").await;
        let before = app.actions().await;
        for (request, body) in [
            (app.delete(&path(id, "?reason=%0a")), json!({})),
            (app.delete(&path(id, "")), json!({ "reason": "" })),
            (app.delete(&path(id, "")), json!({ "why": "x" })),
            (app.post(&path(id, "/revoke")), json!({ "reason": 1 })),
            (app.post(&path(id, "/revoke")), json!([])),
            (app.post(&path(id, "/rotate")), json!({ "expires_at": "tomorrow" })),
            (app.post(&path(id, "/rotate")), json!({ "expires_at": "2001-01-01" })),
            (app.post(&path(id, "/rotate")), json!({ "reason": "x".repeat(501) })),
            (app.delete("/api/v1/tokens/x"), json!({})),
        ] {
            let answer = request.token(&token).json(body.clone()).send().await;
            assert_eq!(refused(&answer), (400, "invalid".to_owned()), "{body}");
        }
        assert_eq!(app.actions().await, before);
        assert!(works(&app, &token).await);
    }

    async fn of_many_who_delete_at_once_one_does(app: App) {
        let ida = app.user("ida").await;
        let (id, _) = app.token(ida.id, "api").await;
        let before = app.actions().await.len();
        let requests = (0..8).map(|_| app.delete(&path(id, "")).root().send());
        let answers = futures_util::future::join_all(requests).await;
        let mut codes: Vec<_> = answers.iter().map(tokenry_testkit::Answer::code).collect();
        codes.sort_unstable();
        assert_eq!(codes, [204, 404, 404, 404, 404, 404, 404, 404]);
        assert_eq!(since(&app, before).await, [written("token_deleted", None)]);
    }
}
