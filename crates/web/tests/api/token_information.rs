//! `POST` and `DELETE /admin/token` (spec/token-information-api.md sections 1, 4).

use serde_json::{Value, json};
use tokenry_domain::Kind;
use tokenry_testkit::{App, both_engines};

use crate::{error, forbidden, message, unauthorized};

const PATH: &str = "admin/token";
const SELF: &str = "personal_access_tokens/self";

fn not_found() -> (u16, Value) {
    (404, json!({ "message": { "error": "Not found" } }))
}

both_engines! {
    async fn a_text_tells_what_it_is(app: App) {
        let ida = app.user("ida").await;
        let (_, token) = app.token(ida.id, "read_repository").await;
        let answer = app
            .post(PATH)
            .root()
            .json(json!({ "token": token }))
            .send()
            .await;
        assert_eq!(answer.code(), 200);
        insta::assert_json_snapshot!("identified", answer.json());
        let form = app
            .post(PATH)
            .root()
            .body(
                "application/x-www-form-urlencoded",
                format!("token={token}"),
            )
            .send()
            .await;
        assert_eq!(form.both(), answer.both());
    }

    async fn kinds_and_states_are_told(app: App) {
        let ida = app.user("ida").await;
        let (id, token) = app.token_of(Kind::Impersonation, ida.id, "x", "api").await;
        let identify = async || {
            app.post(PATH)
                .root()
                .json(json!({ "token": token }))
                .send()
                .await
                .json()
        };
        let told = identify().await;
        assert_eq!(
            (&told["token_type"], &told["state"], &told["active"]),
            (&json!("impersonation"), &json!("active"), &json!(true))
        );
        app.fixture
            .authority
            .revoke_token(&app.fixture.console(), id)
            .await
            .unwrap();
        let told = identify().await;
        assert_eq!(
            (&told["state"], &told["revoked"], &told["active"]),
            (&json!("revoked"), &json!(true), &json!(false))
        );
    }

    async fn an_expired_token_is_still_known(app: App) {
        let ida = app.user("ida").await;
        let body = json!({ "name": "x", "scopes": "api", "expires_at": "2031-04-06" });
        let issued = app
            .post(&format!("users/{}/personal_access_tokens", ida.id))
            .root()
            .json(body)
            .send()
            .await;
        let token = issued.json()["token"].clone();
        app.fixture.clock.advance(86_400);
        let told = app
            .post(PATH)
            .root()
            .json(json!({ "token": token }))
            .send()
            .await
            .json();
        assert_eq!(
            (&told["state"], &told["expired"], &told["active"]),
            (&json!("expired"), &json!(true), &json!(false))
        );
        assert_eq!(
            app.delete(PATH)
                .root()
                .json(json!({ "token": token }))
                .send()
                .await
                .code(),
            204
        );
    }

    async fn identifying_is_no_use_and_changes_nothing(app: App) {
        let ida = app.user("ida").await;
        let (id, token) = app.token(ida.id, "api").await;
        let before = app.actions().await;
        for _ in 0..3 {
            app.fixture.clock.advance(3_600);
            app.post(PATH)
                .root()
                .json(json!({ "token": token }))
                .send()
                .await;
        }
        app.fixture.authority.flush_last_uses().await.unwrap();
        let shown = app
            .get(&format!("personal_access_tokens/{id}"))
            .root()
            .send()
            .await
            .json();
        assert_eq!(
            (&shown["last_used_at"], &shown["last_used_ips"]),
            (&json!(null), &json!([]))
        );
        assert_eq!(app.actions().await, before);
    }

    async fn a_text_ends_its_token(app: App) {
        let ida = app.user("ida").await;
        let (_, token) = app.token(ida.id, "api").await;
        let (_, hidden) = app.token_of(Kind::Impersonation, ida.id, "x", "api").await;
        let before = app.actions().await.len();
        for text in [&token, &hidden] {
            for _ in 0..2 {
                let answer = app
                    .delete(PATH)
                    .root()
                    .json(json!({ "token": text }))
                    .send()
                    .await;
                assert_eq!((answer.code(), answer.text.as_str()), (204, ""));
            }
            assert_eq!(app.get(SELF).token(text).send().await.code(), 401);
        }
        assert_eq!(
            app.actions().await[before..],
            ["token_revoked", "token_revoked"]
        );
        let in_query = app
            .delete(&format!("{PATH}?token={token}"))
            .root()
            .send()
            .await;
        assert_eq!(in_query.code(), 204);
    }

    async fn what_was_deleted_is_unknown(app: App) {
        let ida = app.user("ida").await;
        let (id, token) = app.token(ida.id, "api").await;
        app.delete(&format!("personal_access_tokens/{id}?hard_delete=true"))
            .root()
            .send()
            .await;
        let answer = app
            .post(PATH)
            .root()
            .json(json!({ "token": token }))
            .send()
            .await;
        assert_eq!(answer.both(), not_found());
    }

    async fn other_texts_are_refused(app: App) {
        let ida = app.user("ida").await;
        let (_, token) = app.token(ida.id, "api").await;
        let before = app.actions().await;
        let unsupported = message(422, "Token type not supported.");
        for (text, expected) in [
            // Named in case 17, ended in case 44.
            (json!(format!("{token}x")), not_found()),
            (json!(format!("{token}\n")), not_found()),
            (json!("glpat-"), not_found()),
            // Case 62: not taken for done, though there is nothing to do.
            (json!("glpat-abcdefghijklmnopqrst"), not_found()),
            (json!(format!("glpat-{}", "a".repeat(10_000))), not_found()),
            (json!("glpat-\u{0}"), not_found()),
            (json!(format!(" {token}")), unsupported.clone()),
            (json!(token.to_uppercase()), unsupported.clone()),
            // Named in case 18, ended in case 45.
            (json!("unsupported"), unsupported.clone()),
            (json!(""), unsupported.clone()),
            (json!("x".repeat(10_000)), unsupported.clone()),
            (json!("gldt-abcdefghijklmnopqrst"), not_found()),
            (json!("glwt-abcdefghijklmnopqrst"), unsupported.clone()),
            (json!(42), unsupported.clone()),
            (json!(true), unsupported),
            (json!(null), error(400, "token is missing")),
            (json!([token]), error(400, "token is invalid")),
            (json!({ "token": token }), error(400, "token is invalid")),
        ] {
            for method in ["POST", "DELETE"] {
                let answer = app
                    .ask(method, PATH)
                    .root()
                    .json(json!({ "token": text }))
                    .send()
                    .await;
                assert_eq!(answer.both(), expected, "{method} {text:.60}");
            }
        }
        assert_eq!(
            app.post(PATH).root().send().await.both(),
            error(400, "token is missing")
        );
        assert_eq!(app.actions().await, before);
    }

    /// Cases 19, 20, 46, 47 and 54: what is asked about doesn't matter.
    async fn only_administrators_ask(app: App) {
        let ida = app.user("ida").await;
        let (_, token) = app.token(ida.id, "api").await;
        for method in ["POST", "DELETE"] {
            let body = json!({ "token": token });
            assert_eq!(
                app.ask(method, PATH).json(body.clone()).send().await.both(),
                unauthorized()
            );
            assert_eq!(
                app.ask(method, PATH)
                    .token(&token)
                    .json(body)
                    .send()
                    .await
                    .both(),
                forbidden()
            );
            assert_eq!(
                app.ask(method, PATH)
                    .token(&token)
                    .json(json!({}))
                    .send()
                    .await
                    .both(),
                forbidden()
            );
        }
        assert_eq!(app.get(SELF).token(&token).send().await.code(), 200);
    }
}
