//! `GET /personal_access_tokens/:id` and `/self`, and `/self/associations`.

use serde_json::json;
use tokenry_domain::{AccessLevel, Kind, UserId};
use tokenry_testkit::{App, both_engines};

use crate::{error, message, unauthorized};

both_engines! {
    async fn the_token_presented_is_shown(app: App) {
        let ida = app.user("ida").await;
        let (_, token) = app.token(ida.id, "read_repository self_rotate").await;
        let answer = app
            .get("personal_access_tokens/self")
            .token(&token)
            .send()
            .await;
        assert_eq!(answer.code(), 200);
        assert_eq!(answer.header("content-type"), "application/json");
        insta::assert_json_snapshot!("self", answer.json());
    }

    async fn what_is_shown_by_id_is_the_same(app: App) {
        let ida = app.user("ida").await;
        let (id, token) = app.token(ida.id, "api").await;
        let own = app
            .get("personal_access_tokens/self")
            .token(&token)
            .send()
            .await;
        app.fixture.authority.flush_last_uses().await.unwrap();
        for by in [token.as_str(), tokenry_testkit::fixture::ROOT_TOKEN] {
            let mut shown = app
                .get(&format!("personal_access_tokens/{id}"))
                .token(by)
                .send()
                .await
                .json();
            assert_eq!(shown["last_used_at"], "2031-04-05T12:00:00.123Z");
            shown["last_used_at"] = json!(null);
            assert_eq!(shown, own.json());
        }
    }

    async fn uses_are_gathered_with_their_addresses(app: App) {
        let ida = app.user("ida").await;
        let (id, token) = app.token(ida.id, "api").await;
        for n in 1..=6 {
            app.fixture.clock.advance(61);
            let address = format!("203.0.113.{n}");
            app.get("personal_access_tokens/self")
                .token(&token)
                .from(&address)
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
        assert_eq!(shown["last_used_at"], "2031-04-05T12:06:06.123Z");
        assert_eq!(
            shown["last_used_ips"],
            json!([
                "203.0.113.2",
                "203.0.113.3",
                "203.0.113.4",
                "203.0.113.5",
                "203.0.113.6"
            ])
        );
    }

    async fn states_are_told_apart(app: App) {
        let (id, _) = app.token(UserId::from_row(1), "api").await;
        let path = format!("personal_access_tokens/{id}");
        let states = |body: serde_json::Value| {
            (
                body["active"].clone(),
                body["revoked"].clone(),
                body["expired"].clone(),
            )
        };
        let shown = app.get(&path).root().send().await.json();
        assert_eq!(states(shown), (json!(true), json!(false), json!(false)));
        app.delete(&path).root().send().await;
        let shown = app.get(&path).root().send().await.json();
        assert_eq!(states(shown), (json!(false), json!(true), json!(false)));
    }

    async fn foreign_and_unknown_tokens_look_alike_to_users(app: App) {
        let ida = app.user("ida").await;
        let (_, token) = app.token(ida.id, "api").await;
        let (hidden, _) = app.token_of(Kind::Impersonation, ida.id, "x", "api").await;
        for id in [
            "1".to_owned(),
            hidden.to_string(),
            "4711".to_owned(),
            "0".to_owned(),
            "-1".to_owned(),
            "9".repeat(30),
        ] {
            let path = format!("personal_access_tokens/{id}");
            assert_eq!(
                app.get(&path).token(&token).send().await.both(),
                unauthorized(),
                "{id}"
            );
        }
        for id in ["4711", "0", "99999999999999999999"] {
            let answer = app
                .get(&format!("personal_access_tokens/{id}"))
                .root()
                .send()
                .await;
            assert_eq!(answer.both(), message(404, "404 Not Found"), "{id}");
        }
        let answer = app
            .get(&format!("personal_access_tokens/{hidden}"))
            .root()
            .send()
            .await;
        assert_eq!(answer.code(), 200);
    }

    async fn an_id_is_a_number(app: App) {
        for id in ["x", "1x", "1.5", "%00", "self%2F"] {
            let answer = app
                .get(&format!("personal_access_tokens/{id}"))
                .root()
                .send()
                .await;
            assert_eq!(answer.both(), error(400, "id is invalid"), "{id}");
        }
        let answer = app.get("personal_access_tokens/%ff").root().send().await;
        assert_eq!(answer.both(), error(400, "the path isn't valid UTF-8"));
    }

    async fn a_token_reaches_what_its_user_is_a_member_of(app: App) {
        let path = "personal_access_tokens/self/associations";
        let ida = app.user("ida").await;
        let (_, token) = app.token(ida.id, "self_rotate").await;
        let group = app.group("team").await;
        let project = app.project("team/app").await;
        app.group("other").await;
        app.member(group.place(), ida.id, AccessLevel::Reporter).await;
        app.member(project.place(), ida.id, AccessLevel::Maintainer).await;
        let reached = app.get(path).token(&token).send().await;
        assert_eq!((reached.code(), reached.header("x-total")), (200, "1"));
        insta::assert_json_snapshot!("associations", reached.json());
        let high = app.get(&format!("{path}?min_access_level=40")).token(&token).send().await.json();
        assert_eq!((&high["groups"], high["projects"][0]["id"].as_i64()), (&json!([]), Some(project.id.get())));
        let all = app.get(&format!("{path}?min_access_level=5")).token(&token).send().await;
        assert_eq!(all.json(), reached.json());
        let next = app.get(&format!("{path}?page=2")).token(&token).send().await;
        assert_eq!(next.json(), json!({ "groups": [], "projects": [] }));
        let answer = app.get(path).root().send().await;
        assert_eq!(
            answer.both(),
            (200, json!({ "groups": [], "projects": [] }))
        );
        assert_eq!(
            (answer.header("x-total"), answer.header("x-total-pages")),
            ("0", "1")
        );
        assert_eq!(
            app.get(&format!("{path}?min_access_level=40"))
                .root()
                .send()
                .await
                .code(),
            200
        );
        for (bad, problem) in [
            ("35", "does not have a valid value"),
            ("x", "is invalid"),
            ("0", "does not have a valid value"),
        ] {
            let answer = app
                .get(&format!("{path}?min_access_level={bad}"))
                .root()
                .send()
                .await;
            assert_eq!(
                answer.both(),
                error(400, &format!("min_access_level {problem}"))
            );
        }
    }
}
