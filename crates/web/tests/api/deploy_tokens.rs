//! `/deploy_tokens`, and those of a project or group.

use serde_json::{Value, json};
use tokenry_domain::AccessLevel;
use tokenry_testkit::{App, both_engines};

use crate::{
    ended, error, forbidden, identified, message, secret, unauthorized, without_secret_of,
};

const PLACES: [&str; 2] = ["groups/team", "projects/team%2Fapp"];

fn missing() -> (u16, Value) {
    message(404, "404 Deploy Token Not Found")
}

/// A group and a project in it, and the texts of tokens whose bearers have
/// these roles in them.
async fn world(app: &App, levels: &[AccessLevel]) -> Vec<String> {
    let group = app.group("team").await;
    app.project("team/app").await;
    let mut texts = Vec::new();
    for level in levels {
        let user = app.user(&format!("level-{}", level.number())).await;
        app.member(group.place(), user.id, *level).await;
        texts.push(app.token(user.id, "api").await.1);
    }
    texts
}

both_engines! {
    async fn one_is_issued_shown_listed_and_destroyed(app: App) {
        let texts = world(&app, &[AccessLevel::Owner]).await;
        for place in PLACES {
            let all = format!("{place}/deploy_tokens");
            let before = app.actions().await.len();
            let body = json!({
                "name": "mirror", "scopes": ["read_repository", "read_registry"],
                "expires_at": "2031-06-01T06:07:08Z", "username": "mirror+1",
            });
            let issued = app.post(&all).token(&texts[0]).json(body).send().await;
            assert_eq!(issued.code(), 201, "{}", issued.text);
            let mut shown = without_secret_of(&issued, "gldt-");
            insta::assert_json_snapshot!(place.replace(['/', '%'], "_"), shown);
            shown.as_object_mut().unwrap().remove("token");
            let one = format!("{all}/{}", shown["id"]);
            assert_eq!(app.get(&one).token(&texts[0]).send().await.both(), (200, shown.clone()));
            assert_eq!(app.get(&all).token(&texts[0]).send().await.both(), (200, json!([shown])));
            assert_eq!(app.delete(&one).token(&texts[0]).send().await.both(), (204, Value::Null));
            for method in ["GET", "DELETE"] {
                assert_eq!(app.ask(method, &one).token(&texts[0]).send().await.both(), missing());
            }
            assert_eq!(app.get(&all).token(&texts[0]).send().await.json(), json!([]));
            assert_eq!(identified(&app, &secret(&issued)).await["message"]["error"], "Not found");
            assert_eq!(app.actions().await[before..], ["token_created", "token_deleted"]);
        }
    }

    async fn what_is_not_said_has_a_default(app: App) {
        world(&app, &[]).await;
        for place in PLACES {
            let all = format!("{place}/deploy_tokens");
            let asking = app.post(&all).root().form("name=x&scopes[]=read_repository&username=&expires_at=");
            let issued = asking.send().await.json();
            let username = format!("gitlab+deploy-token-{}", issued["id"]);
            assert_eq!((&issued["username"], &issued["expires_at"]), (&json!(username), &Value::Null));
            assert_eq!((&issued["revoked"], &issued["expired"]), (&json!(false), &json!(false)));
        }
    }

    async fn it_is_identified_and_revoked_by_its_text_and_opens_nothing(app: App) {
        world(&app, &[]).await;
        for place in PLACES {
            let all = format!("{place}/deploy_tokens");
            let body = json!({ "name": "x", "scopes": "read_repository" });
            let issued = app.post(&all).root().json(body).send().await;
            let text = secret(&issued);
            for route in ["user", "personal_access_tokens/self", &all] {
                assert_eq!(app.get(route).token(&text).send().await.both(), unauthorized());
            }
            let told = identified(&app, &text).await;
            assert_eq!((&told["id"], &told["token_type"]), (&issued.json()["id"], &json!("deploy")));
            for _ in 0..2 {
                assert_eq!(ended(&app, &text).await, 204);
            }
            let one = format!("{all}/{}", issued.json()["id"]);
            assert_eq!(app.get(&one).root().send().await.json()["revoked"], true, "the row stays");
        }
    }

    async fn lists_show_those_that_work_where_asked(app: App) {
        world(&app, &[]).await;
        for place in PLACES {
            let all = format!("{place}/deploy_tokens");
            for (name, expires) in [("dead", None), ("late", Some("2031-04-06")), ("works", None)] {
                let body = json!({ "name": name, "scopes": "read_repository", "expires_at": expires });
                let issued = app.post(&all).root().json(body).send().await;
                if name == "dead" {
                    assert_eq!(ended(&app, &secret(&issued)).await, 204);
                }
            }
        }
        app.fixture.clock.advance(86_400);
        for all in ["groups/team/deploy_tokens", "projects/team%2Fapp/deploy_tokens"] {
            for (query, names) in [
                ("", vec!["dead", "late", "works"]),
                ("?active=false", vec!["dead", "late", "works"]),
                ("?active=true", vec!["works"]),
                ("?per_page=1&page=2", vec!["late"]),
            ] {
                assert_eq!(app.get(&format!("{all}{query}")).root().send().await.column("name"), names);
            }
        }
        let answer = app.get("deploy_tokens").root().send().await;
        assert_eq!(answer.column("name"), ["dead", "late", "works", "dead", "late", "works"]);
        assert_eq!(answer.column("expired"), [false, true, false, false, true, false]);
        assert_eq!(app.get("deploy_tokens?active=1").root().send().await.column("name"), ["works", "works"]);
    }

    async fn maintainers_manage_those_of_a_project_and_owners_those_of_a_group(app: App) {
        let levels = [AccessLevel::Developer, AccessLevel::Maintainer, AccessLevel::Owner];
        let texts = world(&app, &levels).await;
        let body = json!({ "name": "x", "scopes": "read_repository" });
        for (place, least) in [("groups/team", 2), ("projects/team%2Fapp", 1)] {
            let all = format!("{place}/deploy_tokens");
            let issued = app.post(&all).root().json(body.clone()).send().await;
            let one = format!("{all}/{}", issued.json()["id"]);
            let before = app.actions().await;
            for text in &texts[..least] {
                for (method, path) in [("GET", &all), ("GET", &one), ("POST", &all), ("DELETE", &one)] {
                    let answer = app.ask(method, path).token(text).json(body.clone()).send().await;
                    assert_eq!(answer.both(), forbidden(), "{method} {path}");
                }
            }
            assert_eq!(app.actions().await, before);
            for text in &texts[least..] {
                assert_eq!(app.get(&one).token(text).send().await.code(), 200);
                assert_eq!(app.post(&all).token(text).json(body.clone()).send().await.code(), 201);
            }
        }
    }

    async fn a_token_is_found_only_where_it_belongs(app: App) {
        world(&app, &[]).await;
        app.project("team/other").await;
        let body = json!({ "name": "x", "scopes": "read_repository" });
        let issued = app.post("projects/team%2Fapp/deploy_tokens").root().json(body).send().await;
        let personal = app.token(app.user("ida").await.id, "api").await.0;
        let before = app.actions().await;
        for path in [
            format!("groups/team/deploy_tokens/{}", issued.json()["id"]),
            format!("projects/team%2Fother/deploy_tokens/{}", issued.json()["id"]),
            format!("projects/team%2Fapp/deploy_tokens/{personal}"),
            "projects/team%2Fapp/deploy_tokens/4711".to_owned(),
            "groups/team/deploy_tokens/0".to_owned(),
            "groups/team/deploy_tokens/99999999999999999999".to_owned(),
        ] {
            for method in ["GET", "DELETE"] {
                assert_eq!(app.ask(method, &path).root().send().await.both(), missing(), "{path}");
            }
        }
        assert_eq!(app.actions().await, before);
    }

    async fn what_is_missing_or_broken_is_named(app: App) {
        world(&app, &[]).await;
        let before = app.actions().await;
        let field = |name: &str, problem: &str| (400, json!({ "message": { name: [problem] } }));
        let letters = "can contain only letters, digits, '_', '-', '+', and '.'";
        let long = "x".repeat(10_240);
        for (body, expected) in [
            (json!({}), error(400, "name is missing, scopes is missing")),
            (json!({ "name": "x", "scopes": "api" }), error(400, "scopes does not have a valid value")),
            (json!({ "name": "x", "scopes": ["read_repository", "root"] }), error(400, "scopes does not have a valid value")),
            (json!({ "name": "x", "scopes": { "a": 1 } }), error(400, "scopes is invalid")),
            (json!({ "name": ["x"], "scopes": "read_repository" }), error(400, "name is invalid")),
            (json!({ "name": "x", "scopes": "read_repository", "expires_at": "soon" }), error(400, "expires_at is invalid")),
            (json!({ "name": "x", "scopes": [] }), field("scopes", "can't be blank")),
            (json!({ "name": "", "scopes": "read_repository" }), field("name", "can't be blank")),
            (json!({ "name": "a\u{7}", "scopes": "read_repository" }), field("name", "can't contain control characters")),
            (json!({ "name": long, "scopes": "read_repository" }), field("name", "is too long (maximum is 255 characters)")),
            (json!({ "name": "x", "scopes": "read_repository", "username": "a b" }), field("username", letters)),
            (json!({ "name": "x", "scopes": "read_repository", "username": long }), field("username", "is too long (maximum is 255 characters)")),
            (json!({ "name": "x", "scopes": "read_repository", "expires_at": "2031-04-05" }), field("expires_at", "must be in the future")),
        ] {
            for place in PLACES {
                let answer = app.post(&format!("{place}/deploy_tokens")).root().json(body.clone()).send().await;
                assert_eq!(answer.both(), expected, "{body:.99}");
            }
        }
        for (path, expected) in [
            ("groups/team/deploy_tokens/x", error(400, "token_id is invalid")),
            ("groups/team/deploy_tokens?active=perhaps", error(400, "active is invalid")),
            ("deploy_tokens?page=0", error(400, "page is invalid")),
            ("projects/4711/deploy_tokens", message(404, "404 Project Not Found")),
            ("groups/nobody/deploy_tokens", message(404, "404 Group Not Found")),
        ] {
            assert_eq!(app.get(path).root().send().await.both(), expected, "{path}");
        }
        assert_eq!(app.actions().await, before);
    }
}
