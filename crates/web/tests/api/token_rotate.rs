//! `POST /personal_access_tokens/:id/rotate` and `/self/rotate`, and what
//! happens to families (spec/rest.md sections 2.8, 2.9).

use serde_json::{Value, json};
use tokenry_domain::UserId;
use tokenry_testkit::{App, both_engines};

use crate::{error, message, unauthorized, without_secret};

const SELF: &str = "personal_access_tokens/self";
const ROTATE_SELF: &str = "personal_access_tokens/self/rotate";

/// Rotates the token presented and answers the new text.
async fn rotate(app: &App, token: &str) -> String {
    let answer = app
        .post(ROTATE_SELF)
        .token(token)
        .json(json!({}))
        .send()
        .await;
    assert_eq!(answer.code(), 200, "{}", answer.text);
    answer.json()["token"].as_str().unwrap().to_owned()
}

both_engines! {
    async fn a_token_takes_anothers_place(app: App) {
        let ida = app.user("ida").await;
        let (id, old) = app.token(ida.id, "api read_user").await;
        let before = app.actions().await.len();
        let answer = app
            .post(&format!("personal_access_tokens/{id}/rotate"))
            .root()
            .send()
            .await;
        assert_eq!(answer.code(), 200);
        insta::assert_json_snapshot!("rotated", without_secret(&answer));
        let new = answer.json()["token"].as_str().unwrap().to_owned();
        assert_eq!(app.get(SELF).token(&old).send().await.code(), 401);
        assert_eq!(app.get(SELF).token(&new).send().await.code(), 200);
        assert_eq!(app.actions().await[before..], ["token_rotated"]);
    }

    async fn the_token_presented_rotates_itself(app: App) {
        let ida = app.user("ida").await;
        for scopes in ["api", "self_rotate"] {
            let (_, token) = app.token(ida.id, scopes).await;
            let answer = app
                .post(ROTATE_SELF)
                .token(&token)
                .json(json!({ "expires_at": "2031-08-01" }))
                .send()
                .await;
            assert_eq!(
                (answer.code(), &answer.json()["expires_at"]),
                (200, &json!("2031-08-01"))
            );
            assert_eq!(
                (&answer.json()["active"], &answer.json()["last_used_at"]),
                (&json!(true), &json!(null))
            );
        }
        let (_, narrow) = app.token(ida.id, "read_api").await;
        let answer = app.post(ROTATE_SELF).token(&narrow).send().await;
        assert_eq!(
            (answer.code(), &answer.json()["scope"]),
            (403, &json!("api read_api self_rotate"))
        );
        let (id, narrow) = app.token(ida.id, "self_rotate").await;
        let answer = app
            .post(&format!("personal_access_tokens/{id}/rotate"))
            .token(&narrow)
            .send()
            .await;
        assert_eq!(
            (answer.code(), &answer.json()["error"]),
            (403, &json!("insufficient_scope"))
        );
    }

    async fn without_a_date_a_week_or_for_ever(app: App) {
        let (_, token) = app.token(UserId::from_row(1), "api").await;
        let answer = app
            .post(ROTATE_SELF)
            .token(&token)
            .body("application/json", "")
            .send()
            .await;
        assert_eq!(answer.json()["expires_at"], "2031-04-12");
        app.put("application/settings")
            .root()
            .json(json!({ "require_personal_access_token_expiry": false }))
            .send()
            .await;
        let (_, token) = app.token(UserId::from_row(1), "api").await;
        let answer = app.post(ROTATE_SELF).token(&token).send().await;
        assert_eq!(answer.json()["expires_at"], Value::Null);
    }

    async fn refusals_leave_the_old_token(app: App) {
        let ida = app.user("ida").await;
        let (id, token) = app.token(ida.id, "api").await;
        let before = app.actions().await;
        let path = format!("personal_access_tokens/{id}/rotate");
        for (body, expected) in [
            (
                json!({ "expires_at": "2031-04-05" }),
                message(
                    400,
                    "400 Bad request - Expiration date must be in the future",
                ),
            ),
            (
                json!({ "expires_at": "9999-12-31" }),
                message(
                    400,
                    "400 Bad request - Expiration date must be before 2032-04-05",
                ),
            ),
            (
                json!({ "expires_at": "soon" }),
                error(400, "expires_at is invalid"),
            ),
            (
                json!({ "expires_at": ["2031-08-01"] }),
                error(400, "expires_at is invalid"),
            ),
        ] {
            assert_eq!(
                app.post(&path)
                    .token(&token)
                    .json(body.clone())
                    .send()
                    .await
                    .both(),
                expected
            );
            assert_eq!(
                app.post(ROTATE_SELF)
                    .token(&token)
                    .json(body)
                    .send()
                    .await
                    .both(),
                expected
            );
        }
        for foreign in ["1", "4711", "0"] {
            let path = format!("personal_access_tokens/{foreign}/rotate");
            assert_eq!(
                app.post(&path).token(&token).send().await.both(),
                unauthorized(),
                "{foreign}"
            );
        }
        let answer = app
            .post("personal_access_tokens/4711/rotate")
            .root()
            .send()
            .await;
        assert_eq!(answer.both(), message(404, "404 Not Found"));
        let answer = app
            .post("personal_access_tokens/x/rotate")
            .root()
            .send()
            .await;
        assert_eq!(answer.both(), error(400, "id is invalid"));
        assert_eq!(app.get(SELF).token(&token).send().await.code(), 200);
        assert_eq!(app.actions().await, before);
    }

    async fn a_revoked_token_has_no_successor(app: App) {
        let (id, _) = app.token(UserId::from_row(1), "api").await;
        app.delete(&format!("personal_access_tokens/{id}"))
            .root()
            .send()
            .await;
        let answer = app
            .post(&format!("personal_access_tokens/{id}/rotate"))
            .root()
            .send()
            .await;
        assert_eq!(
            answer.both(),
            message(400, "400 Bad request - Token already revoked")
        );
    }

    async fn an_expired_token_may_have_one(app: App) {
        let ida = app.user("ida").await;
        let (id, _) = app.token(ida.id, "api").await;
        let (root, _) = app.token(UserId::from_row(1), "api").await;
        app.fixture.clock.advance(200 * 86_400);
        let fresh = app
            .post(&format!("personal_access_tokens/{root}/rotate"))
            .root()
            .json(json!({ "expires_at": "2032-10-01" }))
            .send()
            .await;
        let fresh = fresh.json()["token"].as_str().unwrap().to_owned();
        app.fixture.clock.advance(200 * 86_400);
        let answer = app
            .post(&format!("personal_access_tokens/{id}/rotate"))
            .token(&fresh)
            .send()
            .await;
        assert_eq!(
            (answer.code(), &answer.json()["active"]),
            (200, &json!(true))
        );
    }

    async fn a_revoked_token_at_a_rotating_route_ends_its_family(app: App) {
        let ida = app.user("ida").await;
        let (id, stolen) = app.token(ida.id, "api").await;
        let (_, other) = app.token(ida.id, "api").await;
        for path in [
            ROTATE_SELF.to_owned(),
            format!("personal_access_tokens/{id}/rotate"),
        ] {
            let (_, stolen) = app.token(ida.id, "api").await;
            let second = rotate(&app, &stolen).await;
            let third = rotate(&app, &second).await;
            let answer = app.post(&path).token(&stolen).send().await;
            assert_eq!(
                (answer.code(), &answer.json()["error"]),
                (401, &json!("invalid_token"))
            );
            assert_eq!(
                app.get(SELF).token(&third).send().await.code(),
                401,
                "{path}"
            );
            assert_eq!(app.actions().await.pop().unwrap(), "token_family_revoked");
        }
        let new = rotate(&app, &stolen).await;
        assert_eq!(app.get(SELF).token(&stolen).send().await.code(), 401);
        assert_eq!(
            app.get(SELF).token(&new).send().await.code(),
            200,
            "other routes end nothing"
        );
        assert_eq!(
            app.get(SELF).token(&other).send().await.code(),
            200,
            "other families live"
        );
    }

    async fn an_expired_token_ends_no_family(app: App) {
        app.put("application/settings")
            .root()
            .json(json!({ "require_personal_access_token_expiry": false }))
            .send()
            .await;
        let ida = app.user("ida").await;
        let body = json!({ "name": "x", "scopes": "api", "expires_at": "2031-04-07" });
        let issued = app
            .post(&format!("users/{}/personal_access_tokens", ida.id))
            .root()
            .json(body)
            .send()
            .await;
        let first = issued.json()["token"].as_str().unwrap().to_owned();
        let second = rotate(&app, &first).await;
        app.fixture.clock.advance(3 * 86_400);
        let answer = app.post(ROTATE_SELF).token(&first).send().await;
        assert!(
            answer.json()["error_description"]
                .as_str()
                .unwrap()
                .contains("expired")
        );
        assert_eq!(app.get(SELF).token(&second).send().await.code(), 200);
    }
}
