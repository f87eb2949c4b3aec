//! `GET /users` and `GET /users/:id`.

use serde_json::{Value, json};
use tokenry_domain::{UserType, user::StateChange};
use tokenry_testkit::{App, both_engines};

use crate::{error, message};

async fn usernames(app: &App, query: &str) -> Vec<Value> {
    app.get(&format!("users?{query}"))
        .root()
        .send()
        .await
        .column("username")
}

both_engines! {
    async fn administrators_are_told_more(app: App) {
        let ida = app.user("ida").await;
        let (_, token) = app.token(ida.id, "read_user").await;
        let basic = app.get("users?username=IDA").token(&token).send().await;
        insta::assert_json_snapshot!("basic", basic.json());
        let full = app.get("users?username=ida").root().send().await;
        insta::assert_json_snapshot!("full", full.json());
        let path = format!("users/{}", ida.id);
        assert_eq!(
            app.get(&path).token(&token).send().await.json(),
            basic.json()[0]
        );
        assert_eq!(app.get(&path).root().send().await.json(), full.json()[0]);
    }

    async fn filters_all_hold(app: App) {
        let ida = app.user("ida").await;
        let bo = app.user("bo").await;
        app.admin("chief").await;
        app.fixture
            .authority
            .change_user_state(&app.fixture.console(), bo.id, StateChange::Block)
            .await
            .unwrap();
        app.put(&format!("users/{}", ida.id))
            .root()
            .json(json!({ "external": true }))
            .send()
            .await;
        for (query, expected) in [
            ("", vec!["chief", "bo", "ida", "root"]),
            ("username=Ida", vec!["ida"]),
            ("username=id", vec![]),
            ("search=TEST", vec!["chief", "bo", "ida"]),
            ("search=bo@example.com", vec!["bo"]),
            ("search=%25", vec![]),
            ("blocked=true", vec!["bo"]),
            ("active=true", vec!["chief", "ida", "root"]),
            ("active=false", vec!["chief", "bo", "ida", "root"]),
            ("admins=true", vec!["chief", "root"]),
            ("external=true", vec!["ida"]),
            ("exclude_external=true&active=1", vec!["chief", "root"]),
            (
                "humans=true&without_project_bots=true",
                vec!["chief", "bo", "ida", "root"],
            ),
            ("created_after=2031-04-06", vec![]),
            ("created_before=2031-04-06&search=ida", vec!["ida"]),
            (
                "order_by=username&sort=asc",
                vec!["bo", "chief", "ida", "root"],
            ),
        ] {
            assert_eq!(usernames(&app, query).await, expected, "{query}");
        }
        let (_, token) = app.token(ida.id, "api").await;
        let answer = app.get("users?admins=true").token(&token).send().await;
        assert_eq!(
            answer.column("username").len(),
            4,
            "others aren't told who administers"
        );
    }

    async fn bad_filters_are_named(app: App) {
        for (query, problem) in [
            ("username=%00", "username is invalid"),
            ("username=a&username=b", "username is invalid"),
            ("search=a%1Fb", "search is invalid"),
            ("active=perhaps", "active is invalid"),
            ("created_after=x", "created_after is invalid"),
            ("order_by=email", "order_by does not have a valid value"),
            ("sort=created_desc", "sort does not have a valid value"),
            ("per_page=0", "per_page is invalid"),
        ] {
            let answer = app.get(&format!("users?{query}")).root().send().await;
            assert_eq!(answer.both(), error(400, problem), "{query}");
        }
    }

    async fn there_must_be_such_a_user(app: App) {
        for unknown in ["4711", "0", "-5", "99999999999999999999"] {
            let answer = app.get(&format!("users/{unknown}")).root().send().await;
            assert_eq!(
                answer.both(),
                message(404, "404 User Not Found"),
                "{unknown}"
            );
        }
        assert_eq!(
            app.get("users/root").root().send().await.both(),
            error(400, "id is invalid")
        );
    }

    async fn bots_are_told_from_people(app: App) {
        app.user("ida").await;
        app.fixture.bot("robot", UserType::ProjectBot).await;
        app.fixture.bot("service", UserType::ServiceAccount).await;
        for (query, expected) in [
            ("humans=true", vec!["ida", "root"]),
            ("exclude_humans=true", vec!["service", "robot"]),
            ("without_project_bots=true", vec!["service", "ida", "root"]),
        ] {
            let answer = app.get(&format!("users?{query}")).root().send().await;
            assert_eq!(answer.column("username"), expected, "{query}");
            assert!(answer.column("bot").iter().zip(expected).all(|(bot, name)| *bot == json!(name == "robot" || name == "service")));
        }
    }
}
