//! `/projects/:id/triggers`.

use serde_json::{Value, json};
use tokenry_domain::AccessLevel;
use tokenry_testkit::{App, both_engines};

use crate::{
    ended, error, forbidden, identified, message, secret, unauthorized, without_secret_of,
};

const ALL: &str = "projects/team%2Fapp/triggers";

fn missing() -> (u16, Value) {
    message(404, "404 Trigger Not Found")
}

/// A project, and the texts of tokens whose bearers have these roles in it.
async fn world(app: &App, levels: &[AccessLevel]) -> Vec<String> {
    app.group("team").await;
    let project = app.project("team/app").await;
    let mut texts = Vec::new();
    for (number, level) in levels.iter().enumerate() {
        let user = app.user(&format!("user-{number}")).await;
        app.member(project.place(), user.id, *level).await;
        texts.push(app.token(user.id, "api").await.1);
    }
    texts
}

async fn issue(app: &App, token: &str) -> (String, Value, String) {
    let asking = app
        .post(ALL)
        .token(token)
        .json(json!({ "description": "docs build" }));
    let issued = asking.send().await;
    assert_eq!(issued.code(), 201, "{}", issued.text);
    (
        format!("{ALL}/{}", issued.json()["id"]),
        issued.json(),
        secret(&issued),
    )
}

both_engines! {
    async fn one_is_issued_shown_edited_and_deleted(app: App) {
        let texts = world(&app, &[AccessLevel::Maintainer]).await;
        let before = app.actions().await.len();
        let body = json!({ "description": "docs build", "expires_at": "2031-06-01" });
        let issued = app.post(ALL).token(&texts[0]).json(body).send().await;
        assert_eq!(issued.code(), 201, "{}", issued.text);
        insta::assert_json_snapshot!("issued", without_secret_of(&issued, "glptt-"));
        let one = format!("{ALL}/{}", issued.json()["id"]);
        assert_eq!(app.get(&one).token(&texts[0]).send().await.both(), (200, issued.json()), "shown again");
        assert_eq!(app.get(ALL).token(&texts[0]).send().await.both(), (200, json!([issued.json()])));
        app.fixture.clock.advance(60);
        let body = json!({ "description": "nightly" });
        let changed = app.put(&one).token(&texts[0]).json(body).send().await;
        let mut expected = issued.json();
        expected["description"] = json!("nightly");
        expected["updated_at"] = json!("2031-04-05T12:01:00.123Z");
        assert_eq!(changed.both(), (200, expected.clone()));
        let same = app.put(&one).token(&texts[0]).send().await;
        assert_eq!(same.both(), (200, expected), "nothing said, nothing changed");
        assert_eq!(identified(&app, &secret(&issued)).await["description"], "nightly", "the new name is told");
        assert_eq!(app.delete(&one).token(&texts[0]).send().await.both(), (204, Value::Null));
        assert_eq!(app.get(&one).token(&texts[0]).send().await.both(), missing());
        assert_eq!(app.delete(&one).token(&texts[0]).send().await.both(), missing());
        assert_eq!(app.actions().await[before..], ["token_created", "token_updated", "token_deleted"]);
    }

    async fn its_text_is_shown_to_its_owner_alone(app: App) {
        let texts = world(&app, &[AccessLevel::Maintainer, AccessLevel::Owner]).await;
        let (one, _, text) = issue(&app, &texts[0]).await;
        let beginning = text.strip_prefix("glptt-").unwrap()[..4].to_owned();
        let seen = async |path: &str, token: &str| {
            let answer = app.get(path).token(token).send().await.json();
            let trigger = if answer.is_array() { &answer[0] } else { &answer };
            trigger["token"].as_str().unwrap().to_owned()
        };
        for path in [one.as_str(), ALL] {
            assert_eq!(seen(path, &texts[0]).await, text);
            assert_eq!(seen(path, &texts[1]).await, beginning);
            assert_eq!(seen(path, tokenry_testkit::fixture::ROOT_TOKEN).await, beginning);
        }
        let owner = app.get("user").token(&texts[0]).send().await.json()["id"].as_i64().unwrap();
        let (_, reader) = app.token(tokenry_domain::UserId::from_row(owner), "read_api").await;
        assert_eq!(seen(&one, &reader).await, beginning, "the text is good for changes");
        let body = json!({ "description": "x" });
        let changed = app.put(&one).token(&texts[1]).json(body).send().await;
        assert_eq!(changed.json()["token"], json!(beginning));
    }

    async fn an_owner_without_the_role_sees_it_no_more(app: App) {
        let texts = world(&app, &[AccessLevel::Maintainer]).await;
        let (one, trigger, _) = issue(&app, &texts[0]).await;
        let member = format!("projects/team%2Fapp/members/{}", trigger["owner"]["id"]);
        app.put(&member).root().json(json!({ "access_level": 30 })).send().await;
        assert_eq!(app.get(&one).token(&texts[0]).send().await.both(), forbidden());
    }

    async fn another_maintainer_takes_it_over(app: App) {
        let texts = world(&app, &[AccessLevel::Maintainer, AccessLevel::Maintainer]).await;
        let (one, trigger, text) = issue(&app, &texts[0]).await;
        app.fixture.clock.advance(60);
        let before = app.actions().await.len();
        let taken = app.post(&format!("{one}/take_ownership")).token(&texts[1]).send().await;
        assert_eq!(taken.code(), 200, "{}", taken.text);
        let taken = taken.json();
        assert_eq!((&taken["token"], &taken["owner"]["username"]), (&json!(text), &json!("user-1")));
        assert_ne!(taken["updated_at"], trigger["updated_at"]);
        assert_eq!(app.get(&one).token(&texts[0]).send().await.json()["token"], json!(text.strip_prefix("glptt-").unwrap()[..4]));
        assert_eq!(identified(&app, &text).await["owner"]["id"], taken["owner"]["id"], "the new owner is told");
        assert_eq!(app.actions().await[before..], ["token_updated"]);
    }

    async fn one_that_was_found_is_revoked_and_its_text_is_gone(app: App) {
        let texts = world(&app, &[AccessLevel::Maintainer]).await;
        let (one, trigger, text) = issue(&app, &texts[0]).await;
        assert_eq!(app.get("user").token(&text).send().await.both(), unauthorized());
        let told = identified(&app, &text).await;
        assert_eq!((&told["id"], &told["token_type"]), (&trigger["id"], &json!("pipeline_trigger")));
        app.fixture.clock.advance(60);
        let before = app.actions().await.len();
        for _ in 0..2 {
            assert_eq!(ended(&app, &text).await, 204);
        }
        assert_eq!(app.actions().await[before..], ["token_revoked"]);
        let shown = app.get(&one).token(&texts[0]).send().await.json();
        assert_eq!((&shown["token"], &shown["expires_at"]), (&Value::Null, &json!("2031-04-05T12:01:00.123Z")));
        assert_eq!(identified(&app, &text).await["state"], "revoked");
    }

    async fn maintainers_manage_them_and_nobody_below(app: App) {
        let levels = [AccessLevel::Maintainer, AccessLevel::Developer, AccessLevel::Guest];
        let texts = world(&app, &levels).await;
        let (one, ..) = issue(&app, &texts[0]).await;
        let take = format!("{one}/take_ownership");
        let before = app.actions().await;
        for (method, path) in [
            ("GET", ALL), ("POST", ALL), ("GET", &one), ("PUT", &one), ("DELETE", &one), ("POST", &take),
        ] {
            for text in &texts[1..] {
                let asking = app.ask(method, path).token(text).json(json!({ "description": "x" }));
                assert_eq!(asking.send().await.both(), forbidden(), "{method} {path}");
            }
            let anonymous = app.ask(method, path).send().await;
            assert_eq!(anonymous.both(), unauthorized(), "{method} {path}");
        }
        assert_eq!(app.actions().await, before);
    }

    async fn one_is_found_only_where_it_belongs(app: App) {
        world(&app, &[]).await;
        app.project("team/other").await;
        let (_, trigger, _) = issue(&app, tokenry_testkit::fixture::ROOT_TOKEN).await;
        let before = app.actions().await;
        for one in [
            format!("projects/team%2Fother/triggers/{}", trigger["id"]),
            format!("{ALL}/1"),
            format!("{ALL}/4711"),
            format!("{ALL}/0"),
        ] {
            let take = format!("{one}/take_ownership");
            for (method, path) in [("GET", &one), ("PUT", &one), ("DELETE", &one), ("POST", &take)] {
                let asking = app.ask(method, path).root().json(json!({ "description": "x" }));
                assert_eq!(asking.send().await.both(), missing(), "{method} {path}");
            }
        }
        assert_eq!(app.actions().await, before);
    }

    async fn what_is_missing_or_broken_is_named(app: App) {
        world(&app, &[]).await;
        let (one, ..) = issue(&app, tokenry_testkit::fixture::ROOT_TOKEN).await;
        let before = app.actions().await;
        let field = |problem: &str| (400, json!({ "message": { "description": [problem] } }));
        for (body, expected) in [
            (json!({ "description": "" }), field("can't be blank")),
            (json!({ "description": "a\u{0}b" }), field("can't contain control characters")),
            (json!({ "description": "x".repeat(10_240) }), field("is too long (maximum is 255 characters)")),
            (json!({ "description": ["x"] }), error(400, "description is invalid")),
        ] {
            for (method, path) in [("POST", ALL), ("PUT", &one)] {
                let answer = app.ask(method, path).root().json(body.clone()).send().await;
                assert_eq!(answer.both(), expected, "{method} {body:.50}");
            }
        }
        for (body, expected) in [
            (json!({}), error(400, "description is missing")),
            (json!({ "description": "x", "expires_at": "soon" }), error(400, "expires_at is invalid")),
            (json!({ "description": "x", "expires_at": "2031-04-05" }), (400, json!({ "message": { "expires_at": ["must be in the future"] } }))),
        ] {
            assert_eq!(app.post(ALL).root().json(body).send().await.both(), expected);
        }
        let odd = app.get(&format!("{ALL}/x")).root().send().await;
        assert_eq!(odd.both(), error(400, "trigger_id is invalid"));
        assert_eq!(app.actions().await, before);
    }
}
