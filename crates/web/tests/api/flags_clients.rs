//! `/projects/:id/feature_flags_clients`.

use serde_json::{Value, json};
use tokenry_domain::AccessLevel;
use tokenry_testkit::{App, both_engines};

use crate::{
    ended, error, forbidden, identified, message, secret, unauthorized, without_secret_of,
};

const ALL: &str = "projects/team%2Fapp/feature_flags_clients";

fn missing() -> (u16, Value) {
    message(404, "404 Feature flags client Not Found")
}

async fn state(app: &App, text: &str) -> Value {
    identified(app, text).await["state"].clone()
}

both_engines! {
    async fn one_is_made_listed_reset_and_deleted(app: App) {
        app.group("team").await;
        app.project("team/app").await;
        let before = app.actions().await.len();
        let made = app.post(ALL).root().json(json!({ "name": "unleash" })).send().await;
        assert_eq!(made.code(), 201, "{}", made.text);
        let mut shown = without_secret_of(&made, "glffct-");
        insta::assert_json_snapshot!("made", shown);
        shown.as_object_mut().unwrap().remove("token");
        assert_eq!(app.get(ALL).root().send().await.both(), (200, json!([shown])));
        let one = format!("{ALL}/{}", shown["id"]);
        let reset = app.post(&format!("{one}/reset")).root().send().await;
        assert_eq!((reset.code(), &reset.json()["id"]), (201, &shown["id"]));
        assert_eq!(state(&app, &secret(&made)).await, "revoked");
        assert_eq!(state(&app, &secret(&reset)).await, "active");
        assert_eq!(app.delete(&one).root().send().await.both(), (204, Value::Null));
        assert_eq!(app.delete(&one).root().send().await.both(), missing());
        assert_eq!(app.post(&format!("{one}/reset")).root().send().await.both(), missing());
        assert_eq!(state(&app, &secret(&reset)).await, Value::Null, "its tokens went with it");
        assert_eq!(app.get(ALL).root().send().await.json(), json!([]));
        assert_eq!(app.actions().await[before..], ["holder_created", "token_reset", "holder_deleted"]);
    }

    async fn one_that_was_found_is_reset_and_nobody_is_told_the_next(app: App) {
        app.group("team").await;
        app.project("team/app").await;
        let made = app.post(ALL).root().send().await;
        let text = secret(&made);
        assert_eq!(app.get("user").token(&text).send().await.both(), unauthorized());
        let before = app.actions().await.len();
        for _ in 0..2 {
            assert_eq!(ended(&app, &text).await, 204);
        }
        assert_eq!(app.actions().await[before..], ["token_reset"]);
        assert_eq!(state(&app, &text).await, "revoked");
        let reset = format!("{ALL}/{}/reset", made.json()["id"]);
        let next = app.post(&reset).root().send().await;
        assert_eq!((next.code(), state(&app, &secret(&next)).await), (201, json!("active")));
        assert_eq!(app.actions().await[before..], ["token_reset", "token_reset"], "it had another");
    }

    async fn maintainers_manage_them_and_nobody_below(app: App) {
        app.group("team").await;
        let project = app.project("team/app").await;
        let mut texts = Vec::new();
        for level in [AccessLevel::Maintainer, AccessLevel::Developer] {
            let user = app.user(&format!("level-{}", level.number())).await;
            app.member(project.place(), user.id, level).await;
            texts.push(app.token(user.id, "api").await.1);
        }
        let made = app.post(ALL).token(&texts[0]).send().await;
        let one = format!("{ALL}/{}", made.json()["id"]);
        let reset = format!("{one}/reset");
        let before = app.actions().await;
        for (method, path) in [("GET", ALL), ("POST", ALL), ("POST", &reset), ("DELETE", &one)] {
            let answer = app.ask(method, path).token(&texts[1]).send().await;
            assert_eq!(answer.both(), forbidden(), "{method} {path}");
            assert_eq!(app.ask(method, path).send().await.both(), unauthorized());
        }
        assert_eq!(app.actions().await, before);
        assert_eq!(app.get(ALL).token(&texts[0]).send().await.column("name"), ["feature flags client"]);
    }

    async fn one_is_found_only_where_it_belongs(app: App) {
        app.group("team").await;
        app.project("team/app").await;
        let other = app.project("team/other").await;
        let ida = app.user("ida").await;
        app.member(other.place(), ida.id, AccessLevel::Maintainer).await;
        let (_, token) = app.token(ida.id, "api").await;
        let id = app.post(ALL).root().send().await.json()["id"].clone();
        let before = app.actions().await;
        let elsewhere = "projects/team%2Fother/feature_flags_clients";
        for one in [format!("{elsewhere}/{id}"), format!("{elsewhere}/4711"), format!("{elsewhere}/0")] {
            let reset = format!("{one}/reset");
            for (method, path) in [("DELETE", &one), ("POST", &reset)] {
                for asking in [app.ask(method, path).root(), app.ask(method, path).token(&token)] {
                    assert_eq!(asking.send().await.both(), missing(), "{method} {path}");
                }
            }
        }
        for (body, expected) in [
            (json!({ "name": {} }), error(400, "name is invalid")),
            (json!({ "name": " " }), (400, json!({ "message": { "name": ["can't be blank"] } }))),
            (json!({ "name": "a\u{0}" }), (400, json!({ "message": { "name": ["can't contain control characters"] } }))),
            (json!({ "name": "x".repeat(10_240) }), (400, json!({ "message": { "name": ["is too long (maximum is 255 characters)"] } }))),
        ] {
            assert_eq!(app.post(ALL).root().json(body).send().await.both(), expected);
        }
        let odd = app.delete(&format!("{ALL}/x")).root().send().await;
        assert_eq!(odd.both(), error(400, "client_id is invalid"));
        assert_eq!(app.actions().await, before);
    }
}
