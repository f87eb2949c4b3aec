//! `POST /users`, `PUT` and `DELETE /users/:id`.

use serde_json::{Value, json};
use tokenry_testkit::{App, both_engines};

use crate::{error, message};

fn ida(more: &Value) -> Value {
    let mut body = json!({ "email": "ida@example.com", "username": "ida", "name": "Ida" });
    let more = more.as_object().unwrap().clone();
    body.as_object_mut().unwrap().extend(more);
    body
}

both_engines! {
    async fn a_user_is_created_in_any_of_three_ways(app: App) {
        let before = app.actions().await.len();
        let body =
            ida(&json!({ "password": "correct horse", "admin": true, "skip_confirmation": true }));
        let answer = app.post("users").root().json(body).send().await;
        assert_eq!(answer.code(), 201);
        insta::assert_json_snapshot!("created", answer.json());
        for (name, way) in [("bo", "reset_password"), ("carl", "force_random_password")] {
            let form = format!(
                "email={name}@example.com&username={name}&name={name}&{way}=True&external=1"
            );
            let asking = app
                .post("users")
                .root()
                .body("application/x-www-form-urlencoded", form);
            let answer = asking.send().await;
            assert_eq!(
                (answer.code(), &answer.json()["external"]),
                (201, &json!(true))
            );
        }
        assert_eq!(app.actions().await[before..], ["user_created"; 3]);
    }

    async fn what_is_missing_or_broken_is_named(app: App) {
        let before = app.actions().await;
        let ways = "password, reset_password, force_random_password are missing, at least one parameter must be provided";
        for (body, expected) in [
            (
                json!({}),
                error(
                    400,
                    &format!("email is missing, username is missing, name is missing, {ways}"),
                ),
            ),
            (ida(&json!({})), error(400, ways)),
            (
                ida(&json!({ "password": "correct horse", "admin": "x" })),
                error(400, "admin is invalid"),
            ),
            (
                ida(&json!({ "password": ["correct horse"] })),
                error(400, "password is invalid"),
            ),
            (
                ida(&json!({ "password": "short" })),
                (
                    400,
                    json!({ "message": { "password": ["is too short (minimum is 8 characters)"] } }),
                ),
            ),
            (
                ida(&json!({ "reset_password": true, "email": "x" })),
                (400, json!({ "message": { "email": ["is invalid"] } })),
            ),
            (
                ida(&json!({ "reset_password": true, "name": "a\u{0}" })),
                (
                    400,
                    json!({ "message": { "name": ["can't contain control characters"] } }),
                ),
            ),
            (
                ida(&json!({ "reset_password": true, "name": "x".repeat(10_000) })),
                (
                    400,
                    json!({ "message": { "name": ["is too long (maximum is 255 characters)"] } }),
                ),
            ),
        ] {
            let answer = app.post("users").root().json(body.clone()).send().await;
            assert_eq!(answer.both(), expected, "{body:.100}");
        }
        assert_eq!(app.actions().await, before);
    }

    async fn names_and_addresses_are_taken_once(app: App) {
        app.user("ida").await;
        let before = app.actions().await;
        let same_name = ida(
            &json!({ "email": "other@example.com", "username": "IDA", "reset_password": true }),
        );
        let answer = app.post("users").root().json(same_name).send().await;
        assert_eq!(
            answer.both(),
            message(409, "Username has already been taken")
        );
        let same_address = ida(
            &json!({ "username": "other", "email": "IDA@example.com", "reset_password": true }),
        );
        let answer = app.post("users").root().json(same_address).send().await;
        assert_eq!(answer.both(), message(409, "Email has already been taken"));
        let answer = app
            .put("users/1")
            .root()
            .json(json!({ "username": "ida" }))
            .send()
            .await;
        assert_eq!(
            answer.both(),
            message(409, "Username has already been taken")
        );
        assert_eq!(app.actions().await, before);
    }

    async fn an_edit_leaves_the_rest(app: App) {
        let ida = app.user("ida").await;
        let before = app.actions().await.len();
        let multipart = "--x\r\ncontent-disposition: form-data; name=\"name\"\r\n\r\nIda B.\r\n\
                         --x\r\ncontent-disposition: form-data; name=\"avatar\"; filename=\"a.png\"\r\n\
                         content-type: image/png\r\n\r\n\u{1}\u{2}\r\n--x--\r\n";
        let path = format!("users/{}", ida.id);
        let answer = app
            .put(&path)
            .root()
            .body("multipart/form-data; boundary=x", multipart)
            .send()
            .await;
        assert_eq!(answer.code(), 200, "{}", answer.text);
        assert_eq!(
            (&answer.json()["name"], &answer.json()["email"]),
            (&json!("Ida B."), &json!("ida@example.com"))
        );
        assert_eq!(app.get(&path).root().send().await.json(), answer.json());
        assert_eq!(app.actions().await[before..], ["user_updated"]);
    }

    async fn an_administrator_stays_one(app: App) {
        let before = app.actions().await;
        let answer = app
            .put("users/1")
            .root()
            .json(json!({ "admin": false }))
            .send()
            .await;
        assert_eq!(
            answer.both(),
            message(
                403,
                "403 Forbidden - not permitted to take away your own administrator's rights"
            )
        );
        let answer = app.delete("users/1").root().send().await;
        assert_eq!(
            answer.both(),
            message(403, "403 Forbidden - not permitted to remove yourself")
        );
        assert_eq!(app.actions().await, before);
    }

    async fn a_removed_user_is_gone_with_all_tokens(app: App) {
        let ida = app.user("ida").await;
        let (id, token) = app.token(ida.id, "api").await;
        let before = app.actions().await.len();
        let path = format!("users/{}?hard_delete=true", ida.id);
        assert_eq!(app.delete(&path).root().send().await.code(), 204);
        assert_eq!(app.get("user").token(&token).send().await.code(), 401);
        assert_eq!(
            app.get(&format!("personal_access_tokens/{id}"))
                .root()
                .send()
                .await
                .code(),
            404
        );
        assert_eq!(
            app.delete(&path).root().send().await.both(),
            message(404, "404 User Not Found")
        );
        assert_eq!(app.actions().await[before..], ["user_deleted"]);
    }

    async fn there_must_be_such_a_user(app: App) {
        for (method, id, expected) in [
            ("PUT", "4711", message(404, "404 User Not Found")),
            ("DELETE", "4711", message(404, "404 User Not Found")),
            ("PUT", "x", error(400, "id is invalid")),
            ("DELETE", "x", error(400, "id is invalid")),
        ] {
            let answer = app
                .ask(method, &format!("users/{id}"))
                .root()
                .json(json!({ "name": "x" }))
                .send()
                .await;
            assert_eq!(answer.both(), expected, "{method} {id}");
        }
    }
}
