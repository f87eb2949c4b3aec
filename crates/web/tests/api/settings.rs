//! `GET` and `PUT /application/settings`.

use serde_json::{Value, json};
use tokenry_domain::UserId;
use tokenry_testkit::{App, both_engines};

use crate::{error, unauthorized};

const SETTINGS: &str = "application/settings";

both_engines! {
    async fn administrators_see_the_settings(app: App) {
        let answer = app.get(SETTINGS).root().send().await;
        assert_eq!(answer.code(), 200);
        insta::assert_json_snapshot!("settings", answer.json());
    }

    async fn a_change_leaves_the_rest_and_is_written_down(app: App) {
        let before = app.actions().await.len();
        let change = json!({ "max_personal_access_token_lifetime": 30, "unheard_of": 1 });
        let answer = app.put(SETTINGS).root().json(change).send().await;
        assert_eq!(
            (
                answer.code(),
                &answer.json()["max_personal_access_token_lifetime"]
            ),
            (200, &json!(30))
        );
        assert_eq!(answer.json()["personal_access_token_prefix"], "glpat-");
        assert_eq!(app.actions().await[before..], ["settings_changed"]);
        for clearing in [
            json!({ "max_personal_access_token_lifetime": null }),
            json!({ "max_personal_access_token_lifetime": "" }),
        ] {
            app.put(SETTINGS)
                .root()
                .form("max_personal_access_token_lifetime=9")
                .send()
                .await;
            let answer = app.put(SETTINGS).root().json(clearing).send().await;
            assert_eq!(
                answer.json()["max_personal_access_token_lifetime"],
                Value::Null
            );
        }
    }

    async fn bad_settings_change_nothing(app: App) {
        let before = (
            app.actions().await,
            app.get(SETTINGS).root().send().await.text,
        );
        for (body, expected) in [
            (
                json!({}),
                "personal_access_token_prefix, instance_token_prefix, \
                         require_personal_access_token_expiry, max_personal_access_token_lifetime, \
                         service_access_tokens_expiration_enforced, disable_personal_access_tokens, \
                         admin_mode, delete_means are missing, at least one parameter must be provided",
            ),
            (
                json!({ "admin_mode": "perhaps", "max_personal_access_token_lifetime": "x" }),
                "max_personal_access_token_lifetime is invalid, admin_mode is invalid",
            ),
            (
                json!({ "personal_access_token_prefix": ["a"] }),
                "personal_access_token_prefix is invalid",
            ),
        ] {
            let answer = app.put(SETTINGS).root().json(body).send().await;
            assert_eq!(answer.both(), error(400, expected));
        }
        for bad in [
            json!({ "personal_access_token_prefix": "a b" }),
            json!({ "personal_access_token_prefix": "x".repeat(21) }),
            json!({ "personal_access_token_prefix": "a\u{0}" }),
            json!({ "instance_token_prefix": "gl" }),
            json!({ "max_personal_access_token_lifetime": 0 }),
            json!({ "max_personal_access_token_lifetime": 100_000 }),
            json!({ "max_personal_access_token_lifetime": "99999999999999999999", "admin_mode": true }),
        ] {
            let answer = app.put(SETTINGS).root().json(bad.clone()).send().await;
            assert_eq!(answer.code(), 400, "{bad}");
            assert!(
                answer.json()["message"].is_object(),
                "{bad}: {}",
                answer.text
            );
        }
        assert_eq!(
            (
                app.actions().await,
                app.get(SETTINGS).root().send().await.text
            ),
            before
        );
    }

    async fn tokens_under_a_former_prefix_still_work(app: App) {
        let body = json!({ "name": "old", "scopes": "api" });
        let mut texts = Vec::new();
        for prefix in ["lab-", "shop_", "glpat-"] {
            let change = json!({ "personal_access_token_prefix": prefix });
            app.put(SETTINGS).root().json(change).send().await;
            let issued = app
                .post("users/1/personal_access_tokens")
                .root()
                .json(body.clone())
                .send()
                .await;
            let text = issued.json()["token"].as_str().unwrap().to_owned();
            assert!(text.starts_with(prefix), "{text}");
            texts.push(text);
        }
        app.put(SETTINGS)
            .root()
            .json(json!({ "instance_token_prefix": "acme" }))
            .send()
            .await;
        for text in &texts {
            assert_eq!(
                app.get("personal_access_tokens/self")
                    .token(text)
                    .send()
                    .await
                    .code(),
                200
            );
            let found = app
                .post("admin/token")
                .root()
                .json(json!({ "token": text }))
                .send()
                .await;
            assert_eq!(found.code(), 200, "{text}");
            let ended = app
                .delete("admin/token")
                .root()
                .json(json!({ "token": text }))
                .send()
                .await;
            assert_eq!(ended.code(), 204, "{text}");
            assert_eq!(
                app.get("personal_access_tokens/self")
                    .token(text)
                    .send()
                    .await
                    .code(),
                401
            );
        }
    }

    async fn a_shorter_life_holds_for_new_tokens(app: App) {
        app.put(SETTINGS)
            .root()
            .json(json!({ "max_personal_access_token_lifetime": 30 }))
            .send()
            .await;
        let body = json!({ "name": "x", "scopes": "api" });
        let issued = app
            .post("users/1/personal_access_tokens")
            .root()
            .json(body)
            .send()
            .await;
        assert_eq!(issued.json()["expires_at"], "2031-05-05");
        let (_, reader) = app.token(UserId::from_row(1), "read_api").await;
        assert_eq!(app.get(SETTINGS).token(&reader).send().await.code(), 200);
        assert_eq!(app.put(SETTINGS).send().await.both(), unauthorized());
    }
}
