//! Acting as another user (spec/rest.md section 1.9).

use serde_json::json;
use tokenry_domain::{UserId, user::StateChange};
use tokenry_testkit::{App, both_engines};

use crate::{error, message, unauthorized};

both_engines! {
    async fn an_administrator_acts_as_another(app: App) {
        let ida = app.user("ida").await;
        let by_id = format!("user?sudo={}", ida.id);
        for asking in [
            app.get("user?sudo=ida"),
            app.get("user?sudo=IDA"),
            app.get(&by_id),
            app.get("user").header("Sudo", "ida"),
        ] {
            let body = asking.root().send().await.json();
            assert_eq!(
                (&body["username"], &body["is_admin"]),
                (&json!("ida"), &json!(null))
            );
        }
    }

    async fn the_trail_names_both(app: App) {
        let ida = app.user("ida").await;
        let body = json!({ "name": "x", "scopes": ["k8s_proxy"] });
        let answer = app
            .post("user/personal_access_tokens?sudo=ida")
            .root()
            .json(body)
            .send()
            .await;
        assert_eq!(answer.json()["user_id"], ida.id.get());
        let last = app.fixture.trail().await.pop().unwrap();
        assert_eq!(
            (last.actor_user, last.actor_token, last.on_behalf),
            (Some(ida.id.get()), Some(1), Some(1))
        );
    }

    async fn whoever_is_acted_as_has_their_own_rights(app: App) {
        app.user("ida").await;
        let answer = app.get("application/settings?sudo=ida").root().send().await;
        assert_eq!(answer.both(), message(403, "403 Forbidden"));
    }

    async fn not_everybody_may(app: App) {
        let ida = app.user("ida").await;
        let (_, hers) = app.token(ida.id, "api").await;
        let (_, narrow) = app.token(UserId::from_row(1), "api").await;
        assert_eq!(
            app.get("user?sudo=root").send().await.both(),
            unauthorized()
        );
        let answer = app.get("user?sudo=root").token(&hers).send().await;
        assert_eq!(
            answer.both(),
            message(403, "403 Forbidden - Must be admin to use sudo")
        );
        let answer = app.get("user?sudo=ida").token(&narrow).send().await;
        assert_eq!(
            (answer.code(), &answer.json()["scope"]),
            (403, &json!("sudo"))
        );
    }

    async fn there_must_be_such_a_user_who_may_come_in(app: App) {
        let ida = app.user("ida").await;
        for nobody in [
            "",
            "nobody",
            "4711",
            "999999999999999999999",
            "-1",
            "a%00b",
            "%F0%9F%92%A9",
        ] {
            let answer = app.get(&format!("user?sudo={nobody}")).root().send().await;
            assert_eq!(answer.code(), 404, "{nobody}");
            let text = answer.json()["message"].as_str().unwrap().to_owned();
            assert!(
                text.starts_with("404 User with ID or username '") && text.ends_with("' Not Found"),
                "{text}"
            );
        }
        let answer = app.get("user?sudo[]=ida").root().send().await;
        assert_eq!(answer.both(), error(400, "sudo is invalid"));
        let console = app.fixture.console();
        app.fixture
            .authority
            .change_user_state(&console, ida.id, StateChange::Block)
            .await
            .unwrap();
        let answer = app.get("user?sudo=ida").root().send().await;
        assert_eq!(
            answer.both(),
            message(403, "403 Forbidden - Your account has been blocked.")
        );
    }
}
