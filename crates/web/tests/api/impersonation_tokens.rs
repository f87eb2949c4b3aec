//! `/users/:user_id/impersonation_tokens`.

use serde_json::json;
use tokenry_domain::Kind;
use tokenry_testkit::{App, both_engines};

use crate::{error, message, without_secret};

both_engines! {
    async fn an_administrator_acts_through_one(app: App) {
        let ida = app.user("ida").await;
        let path = format!("users/{}/impersonation_tokens", ida.id);
        let body = json!({ "name": "support", "scopes": ["api"], "expires_at": "2031-06-01" });
        let answer = app.post(&path).root().json(body).send().await;
        assert_eq!(answer.code(), 201);
        insta::assert_json_snapshot!("issued", without_secret(&answer));
        let token = answer.json()["token"].as_str().unwrap().to_owned();
        assert_eq!(
            app.get("user").token(&token).send().await.json()["username"],
            "ida"
        );
        let id = answer.json()["id"].clone();
        let shown = app.get(&format!("{path}/{id}")).root().send().await;
        insta::assert_json_snapshot!("shown", shown.json());
        assert_eq!(
            app.delete(&format!("{path}/{id}"))
                .root()
                .send()
                .await
                .code(),
            204
        );
        assert_eq!(app.get("user").token(&token).send().await.code(), 401);
        assert_eq!(
            app.get(&format!("{path}/{id}")).root().send().await.json()["revoked"],
            true
        );
        assert_eq!(
            app.actions().await[2..],
            ["user_created", "token_created", "token_revoked"]
        );
    }

    async fn lists_hold_that_users_impersonation_tokens(app: App) {
        let (ida, bo) = (app.user("ida").await, app.user("bo").await);
        app.token(ida.id, "api").await;
        app.token_of(Kind::Impersonation, bo.id, "his", "api").await;
        let (dead, _) = app
            .token_of(Kind::Impersonation, ida.id, "dead", "api")
            .await;
        app.token_of(Kind::Impersonation, ida.id, "alive", "api")
            .await;
        app.fixture
            .authority
            .revoke_token(&app.fixture.console(), dead)
            .await
            .unwrap();
        let path = format!("users/{}/impersonation_tokens", ida.id);
        for (query, names) in [
            ("", vec!["dead", "alive"]),
            ("?state=all", vec!["dead", "alive"]),
            ("?state=active", vec!["alive"]),
            ("?state=inactive", vec!["dead"]),
            ("?per_page=1&page=2", vec!["alive"]),
        ] {
            let answer = app.get(&format!("{path}{query}")).root().send().await;
            assert_eq!(answer.column("name"), names, "{query}");
            assert!(
                answer
                    .column("impersonation")
                    .iter()
                    .all(|flag| *flag == json!(true))
            );
        }
        let answer = app.get(&format!("{path}?state=dead")).root().send().await;
        assert_eq!(
            answer.both(),
            error(400, "state does not have a valid value")
        );
    }

    async fn what_is_not_there_is_said(app: App) {
        let (ida, bo) = (app.user("ida").await, app.user("bo").await);
        let (his, _) = app.token_of(Kind::Impersonation, bo.id, "his", "api").await;
        let (hers, _) = app.token(ida.id, "api").await;
        let before = app.actions().await;
        for id in [
            his.to_string(),
            hers.to_string(),
            "4711".to_owned(),
            "0".to_owned(),
        ] {
            let path = format!("users/{}/impersonation_tokens/{id}", ida.id);
            for method in ["GET", "DELETE"] {
                let answer = app.ask(method, &path).root().send().await;
                assert_eq!(
                    answer.both(),
                    message(404, "404 Impersonation Token Not Found"),
                    "{method} {id}"
                );
            }
        }
        for (method, path) in [
            ("GET", ""),
            ("GET", "/1"),
            ("DELETE", "/1"),
            ("POST", "?name=x&scopes=api"),
        ] {
            let answer = app
                .ask(method, &format!("users/4711/impersonation_tokens{path}"))
                .root()
                .send()
                .await;
            assert_eq!(
                answer.both(),
                message(404, "404 User Not Found"),
                "{method} {path}"
            );
        }
        let answer = app
            .get("users/x/impersonation_tokens/y")
            .root()
            .send()
            .await;
        assert_eq!(
            answer.both(),
            error(400, "user_id is invalid, impersonation_token_id is invalid")
        );
        assert_eq!(app.actions().await, before);
    }

    async fn broken_rules_are_told_by_field(app: App) {
        let ida = app.user("ida").await;
        let path = format!("users/{}/impersonation_tokens", ida.id);
        let before = app.actions().await;
        for (body, fields) in [
            (
                json!({ "name": "", "scopes": "api" }),
                json!({ "name": ["can't be blank"] }),
            ),
            (
                json!({ "name": "x" }),
                json!({ "scopes": ["can't be blank"] }),
            ),
            (
                json!({ "name": "x", "scopes": [] }),
                json!({ "scopes": ["can't be blank"] }),
            ),
            (
                json!({ "name": "x", "scopes": "root" }),
                json!({ "scopes": ["can only contain available scopes"] }),
            ),
            (
                json!({ "name": "x", "scopes": "sudo" }),
                json!({ "scopes": ["can only contain admin scopes for administrators"] }),
            ),
            (
                json!({ "name": "x", "scopes": "api", "expires_at": "2031-04-01" }),
                json!({ "expires_at": ["must be in the future"] }),
            ),
            (
                json!({ "name": "x", "scopes": "api", "expires_at": "9999-12-31" }),
                json!({ "expires_at": ["must be before 2032-04-05"] }),
            ),
            (
                json!({ "name": "a\u{0}", "scopes": "api" }),
                json!({ "name": ["can't contain control characters"] }),
            ),
        ] {
            let answer = app.post(&path).root().json(body).send().await;
            assert_eq!(answer.both(), (400, json!({ "message": fields })));
        }
        for (body, problem) in [
            (json!({ "scopes": "api" }), "name is missing"),
            (json!({ "name": "x", "scopes": {} }), "scopes is invalid"),
            (
                json!({ "name": "x", "scopes": "api", "expires_at": "x" }),
                "expires_at is invalid",
            ),
        ] {
            assert_eq!(
                app.post(&path).root().json(body).send().await.both(),
                error(400, problem)
            );
        }
        assert_eq!(app.actions().await, before);
    }
}
