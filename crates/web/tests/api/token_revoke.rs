//! `DELETE /personal_access_tokens/:id` and `/self`.

use serde_json::json;
use tokenry_domain::Kind;
use tokenry_testkit::{App, both_engines};

use crate::{error, message};

const SELF: &str = "personal_access_tokens/self";

both_engines! {
    async fn a_revoked_token_is_over_and_still_listed(app: App) {
        let ida = app.user("ida").await;
        let (id, token) = app.token(ida.id, "api").await;
        let (other, _) = app.token(ida.id, "api").await;
        let before = app.actions().await.len();
        for path in [
            format!("personal_access_tokens/{other}"),
            format!("personal_access_tokens/{id}"),
        ] {
            let answer = app.delete(&path).token(&token).send().await;
            assert_eq!((answer.code(), answer.text.as_str()), (204, ""));
        }
        assert_eq!(app.get(SELF).token(&token).send().await.code(), 401);
        let listed = app
            .get("personal_access_tokens?revoked=true")
            .root()
            .send()
            .await;
        assert_eq!(listed.column("id"), [json!(id), json!(other)]);
        assert_eq!(
            app.actions().await[before..],
            ["token_revoked", "token_revoked"]
        );
    }

    async fn twice_is_no_mistake_and_written_once(app: App) {
        let ida = app.user("ida").await;
        let (id, _) = app.token(ida.id, "api").await;
        let before = app.actions().await.len();
        for _ in 0..2 {
            let answer = app
                .delete(&format!("personal_access_tokens/{id}"))
                .root()
                .send()
                .await;
            assert_eq!(answer.code(), 204);
        }
        assert_eq!(app.actions().await[before..], ["token_revoked"]);
    }

    async fn any_scope_is_enough_for_oneself(app: App) {
        let ida = app.user("ida").await;
        for scope in ["read_registry", "k8s_proxy", "api"] {
            let (_, token) = app.token(ida.id, scope).await;
            assert_eq!(
                app.delete(SELF).token(&token).send().await.code(),
                204,
                "{scope}"
            );
            assert_eq!(
                app.get(SELF).token(&token).send().await.code(),
                401,
                "{scope}"
            );
        }
        let (_, token) = app.token_of(Kind::Impersonation, ida.id, "x", "api").await;
        assert_eq!(app.delete(SELF).token(&token).send().await.code(), 204);
    }

    async fn foreign_and_unknown_tokens_are_told_apart_here(app: App) {
        let ida = app.user("ida").await;
        let (_, token) = app.token(ida.id, "api").await;
        let (hidden, _) = app.token_of(Kind::Impersonation, ida.id, "x", "api").await;
        let before = app.actions().await;
        for id in [1, hidden.get()] {
            let answer = app
                .delete(&format!("personal_access_tokens/{id}"))
                .token(&token)
                .send()
                .await;
            assert_eq!(
                answer.both(),
                message(400, "400 Bad request - Not permitted to revoke")
            );
            let answer = app
                .delete(&format!("personal_access_tokens/{id}?hard_delete=1"))
                .token(&token)
                .send()
                .await;
            assert_eq!(
                answer.both(),
                message(400, "400 Bad request - Not permitted to delete")
            );
        }
        for by in [token.as_str(), tokenry_testkit::fixture::ROOT_TOKEN] {
            for id in ["4711", "0", "99999999999999999999"] {
                let answer = app
                    .delete(&format!("personal_access_tokens/{id}"))
                    .token(by)
                    .send()
                    .await;
                assert_eq!(answer.both(), message(404, "404 Not found"), "{id}");
            }
        }
        assert_eq!(
            app.delete("personal_access_tokens/x")
                .root()
                .send()
                .await
                .both(),
            error(400, "id is invalid")
        );
        let answer = app
            .delete("personal_access_tokens/1?hard_delete=perhaps")
            .root()
            .send()
            .await;
        assert_eq!(answer.both(), error(400, "hard_delete is invalid"));
        assert_eq!(app.actions().await, before);
    }

    async fn delete_can_delete(app: App) {
        let ida = app.user("ida").await;
        let (id, token) = app.token(ida.id, "api").await;
        let (_, own) = app.token(ida.id, "api").await;
        let (_, narrow) = app.token(ida.id, "read_api").await;
        let before = app.actions().await.len();
        let path = format!("personal_access_tokens/{id}");
        assert_eq!(
            app.delete(&format!("{path}?hard_delete=true"))
                .root()
                .send()
                .await
                .code(),
            204
        );
        assert_eq!(
            app.delete(SELF)
                .json(json!({ "hard_delete": true }))
                .token(&own)
                .send()
                .await
                .code(),
            204
        );
        for text in [&token, &own] {
            let answer = app.get(SELF).token(text).send().await;
            assert_eq!(answer.both(), message(401, "401 Unauthorized"));
        }
        assert_eq!(app.get(&path).root().send().await.code(), 404);
        let refused = app
            .delete(&format!("{SELF}?hard_delete=true"))
            .token(&narrow)
            .send()
            .await;
        assert_eq!(refused.json()["error"], "insufficient_scope");
        assert_eq!(app.get(SELF).token(&narrow).send().await.code(), 200);
        let listed = app.get("personal_access_tokens").root().send().await;
        assert_eq!(listed.column("id").len(), 2, "root's and the narrow one");
        assert_eq!(
            app.actions().await[before..],
            ["token_deleted", "token_deleted"]
        );
    }
}
