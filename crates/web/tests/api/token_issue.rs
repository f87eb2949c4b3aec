//! `POST /users/:user_id/personal_access_tokens` and
//! `POST /user/personal_access_tokens`.

use serde_json::json;
use tokenry_testkit::{App, both_engines};

use crate::{error, message, without_secret};

const FOR_ROOT: &str = "users/1/personal_access_tokens";

both_engines! {
    async fn a_token_is_issued_and_works(app: App) {
        let ida = app.user("ida").await;
        let before = app.actions().await.len();
        let body = json!({ "name": "nightly", "scopes": ["api", "read_user"], "description": "for cron", "expires_at": "2031-06-01" });
        let answer = app
            .post(&format!("users/{}/personal_access_tokens", ida.id))
            .root()
            .json(body)
            .send()
            .await;
        assert_eq!(answer.code(), 201);
        insta::assert_json_snapshot!("issued", without_secret(&answer));
        let token = answer.json()["token"].as_str().unwrap().to_owned();
        let own = app.get("user").token(&token).send().await;
        assert_eq!(own.json()["username"], "ida");
        assert_eq!(app.actions().await[before..], ["token_created"]);
    }

    async fn users_give_themselves_narrow_tokens(app: App) {
        let ida = app.user("ida").await;
        let (_, token) = app.token(ida.id, "api").await;
        let body = json!({ "name": "agent", "scopes": ["k8s_proxy", "self_rotate"] });
        let answer = app
            .post("user/personal_access_tokens")
            .token(&token)
            .json(body)
            .send()
            .await;
        assert_eq!(answer.code(), 201);
        insta::assert_json_snapshot!("own", without_secret(&answer));
        let wider = json!({ "name": "agent", "scopes": ["k8s_proxy", "api"] });
        let answer = app
            .post("user/personal_access_tokens")
            .token(&token)
            .json(wider)
            .send()
            .await;
        assert_eq!(
            answer.both(),
            error(400, "scopes does not have a valid value")
        );
    }

    async fn bodies_come_in_every_form(app: App) {
        let multipart = "--x\r\ncontent-disposition: form-data; name=\"name\"\r\n\r\nthe name\r\n\
                         --x\r\ncontent-disposition: form-data; name=\"scopes[]\"\r\n\r\napi\r\n\
                         --x\r\ncontent-disposition: form-data; name=\"scopes[]\"\r\n\r\nread_api\r\n--x--\r\n";
        for (form, asking) in [
            (
                "json",
                app.post(FOR_ROOT)
                    .json(json!({ "name": "the name", "scopes": ["api", "read_api"] })),
            ),
            (
                "comma list",
                app.post(FOR_ROOT)
                    .json(json!({ "name": "the name", "scopes": "api, read_api" })),
            ),
            (
                "typed json",
                app.post(FOR_ROOT).body(
                    "Application/JSON; charset=utf-8",
                    r#"{"name":"the name","scopes":["api","read_api"]}"#,
                ),
            ),
            (
                "form",
                app.post(FOR_ROOT)
                    .form("name=the+name&scopes[]=api&scopes[]=read_api"),
            ),
            (
                "comma form",
                app.post(FOR_ROOT)
                    .form("name=the%20name&scopes=api%2Cread_api"),
            ),
            (
                "multipart",
                app.post(FOR_ROOT)
                    .body("multipart/form-data; boundary=x", multipart),
            ),
            (
                "query",
                app.post(&format!("{FOR_ROOT}?name=the+name&scopes=api,read_api")),
            ),
            (
                "empty json",
                app.post(&format!("{FOR_ROOT}?name=the+name&scopes=api,read_api"))
                    .body("application/json", ""),
            ),
        ] {
            let answer = asking.root().send().await;
            assert_eq!(answer.code(), 201, "{form}: {}", answer.text);
            assert_eq!(answer.json()["name"], "the name", "{form}");
            assert_eq!(
                answer.json()["scopes"],
                json!(["api", "read_api"]),
                "{form}"
            );
        }
    }

    async fn without_a_date_a_token_lives_as_long_as_allowed(app: App) {
        let body = json!({ "name": "x", "scopes": "api" });
        let answer = app.post(FOR_ROOT).root().json(body.clone()).send().await;
        assert_eq!(answer.json()["expires_at"], "2032-04-04");
        app.put("application/settings")
            .root()
            .json(json!({ "require_personal_access_token_expiry": "False" }))
            .send()
            .await;
        let answer = app.post(FOR_ROOT).root().json(body).send().await;
        assert_eq!(answer.json()["expires_at"], json!(null));
        let dated =
            json!({ "name": "x", "scopes": "api", "expires_at": "2031-05-01T23:30:00-08:00" });
        let answer = app.post(FOR_ROOT).root().json(dated).send().await;
        assert_eq!(answer.json()["expires_at"], "2031-05-01");
    }

    async fn bad_parameters_are_named_all_at_once(app: App) {
        let before = app.actions().await;
        for (body, problems) in [
            (json!({}), "name is missing, scopes is missing"),
            (
                json!({ "name": null, "scopes": null }),
                "name is missing, scopes is missing",
            ),
            (json!({ "name": ["x"], "scopes": "api" }), "name is invalid"),
            (
                json!({ "name": {}, "scopes": {} }),
                "name is invalid, scopes is invalid",
            ),
            (
                json!({ "name": "x", "scopes": "root" }),
                "scopes does not have a valid value",
            ),
            (
                json!({ "name": "x", "scopes": ["api", "API"] }),
                "scopes does not have a valid value",
            ),
            (
                json!({ "name": "x", "scopes": [["api"]] }),
                "scopes is invalid",
            ),
            (
                json!({ "name": "x", "scopes": [null] }),
                "scopes is invalid",
            ),
            (
                json!({ "scopes": "api", "expires_at": "tomorrow" }),
                "name is missing, expires_at is invalid",
            ),
            (
                json!({ "name": "x", "scopes": "api", "expires_at": "2031-02-29" }),
                "expires_at is invalid",
            ),
            (
                json!({ "name": "x", "scopes": "api", "expires_at": 20_310_501 }),
                "expires_at is invalid",
            ),
            (
                json!({ "name": "x", "scopes": "api", "description": [] }),
                "description is invalid",
            ),
        ] {
            let answer = app.post(FOR_ROOT).root().json(body.clone()).send().await;
            assert_eq!(answer.both(), error(400, problems), "{body}");
        }
        assert_eq!(app.actions().await, before);
    }

    async fn broken_rules_are_told_as_a_sentence(app: App) {
        let ida = app.user("ida").await;
        let path = format!("users/{}/personal_access_tokens", ida.id);
        let before = app.actions().await;
        for (body, sentence) in [
            (
                json!({ "name": "", "scopes": "api" }),
                "Name can't be blank",
            ),
            (
                json!({ "name": " \t", "scopes": "" }),
                "Name can't be blank, Scopes can't be blank",
            ),
            (
                json!({ "name": "x".repeat(10_000), "scopes": "api" }),
                "Name is too long (maximum is 255 characters)",
            ),
            (
                json!({ "name": "a\u{0}b", "scopes": "api" }),
                "Name can't contain control characters",
            ),
            (
                json!({ "name": "a\u{1b}[2J", "scopes": "api" }),
                "Name can't contain control characters",
            ),
            (
                json!({ "name": "x", "scopes": [] }),
                "Scopes can't be blank",
            ),
            (
                json!({ "name": "x", "scopes": "sudo" }),
                "Scopes can only contain admin scopes for administrators",
            ),
            (
                json!({ "name": "x", "scopes": "api", "description": "x".repeat(256) }),
                "Description is too long (maximum is 255 characters)",
            ),
            (
                json!({ "name": "x", "scopes": "api", "description": "a\u{0}b" }),
                "Description can't contain control characters",
            ),
            (
                json!({ "name": "x", "scopes": "api", "expires_at": "2031-04-05" }),
                "Expiration date must be in the future",
            ),
            (
                json!({ "name": "x", "scopes": "api", "expires_at": "0001-01-01" }),
                "Expiration date must be in the future",
            ),
            (
                json!({ "name": "x", "scopes": "api", "expires_at": "2032-04-05" }),
                "Expiration date must be before 2032-04-05",
            ),
            (
                json!({ "name": "x", "scopes": "api", "expires_at": "9999-12-31" }),
                "Expiration date must be before 2032-04-05",
            ),
        ] {
            let answer = app.post(&path).root().json(body).send().await;
            assert_eq!(answer.both(), message(422, sentence));
        }
        assert_eq!(app.actions().await, before);
    }

    async fn there_must_be_such_a_user(app: App) {
        let body = json!({ "name": "x", "scopes": "api" });
        for unknown in ["4711", "0", "-1", "99999999999999999999"] {
            let answer = app
                .post(&format!("users/{unknown}/personal_access_tokens"))
                .root()
                .json(body.clone())
                .send()
                .await;
            assert_eq!(
                answer.both(),
                message(404, "404 User Not Found"),
                "{unknown}"
            );
        }
        let answer = app
            .post("users/root/personal_access_tokens")
            .root()
            .json(json!({}))
            .send()
            .await;
        assert_eq!(
            answer.both(),
            error(
                400,
                "user_id is invalid, name is missing, scopes is missing"
            )
        );
    }
}
