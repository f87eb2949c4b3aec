//! `POST /users/:id/block` and its kin.

use serde_json::json;
use tokenry_testkit::{App, both_engines};

use crate::{error, message};

both_engines! {
    async fn a_change_answers_true_and_is_written_once(app: App) {
        let ida = app.user("ida").await;
        let (_, token) = app.token(ida.id, "api").await;
        for (verb, state, code) in [
            ("block", "blocked", 403),
            ("unblock", "active", 200),
            ("ban", "banned", 403),
            ("unban", "active", 200),
            ("deactivate", "deactivated", 403),
            ("activate", "active", 200),
        ] {
            let before = app.actions().await.len();
            for _ in 0..2 {
                let answer = app
                    .post(&format!("users/{}/{verb}", ida.id))
                    .root()
                    .body("application/json", "")
                    .send()
                    .await;
                assert_eq!(answer.both(), (201, json!(true)), "{verb}");
            }
            assert_eq!(
                app.actions().await[before..],
                ["user_state_changed"],
                "{verb}"
            );
            let shown = app.get(&format!("users/{}", ida.id)).root().send().await;
            assert_eq!(shown.json()["state"], state);
            assert_eq!(
                app.get("user").token(&token).send().await.code(),
                code,
                "{verb}"
            );
        }
    }

    async fn the_wrong_verb_is_refused(app: App) {
        let ida = app.user("ida").await;
        let path = |verb| format!("users/{}/{verb}", ida.id);
        app.post(&path("block")).root().send().await;
        let before = app.actions().await;
        for (verb, reason) in [
            (
                "activate",
                "A blocked user must be unblocked to be activated",
            ),
            (
                "deactivate",
                "A blocked user cannot be deactivated by the API",
            ),
            ("unban", "A blocked user can't be subject to unban"),
        ] {
            let answer = app.post(&path(verb)).root().send().await;
            assert_eq!(
                answer.both(),
                message(403, &format!("403 Forbidden - {reason}")),
                "{verb}"
            );
        }
        let answer = app.post("users/1/block").root().send().await;
        assert_eq!(
            answer.both(),
            message(
                403,
                "403 Forbidden - not permitted to change your own state"
            )
        );
        let answer = app.post("users/4711/block").root().send().await;
        assert_eq!(answer.both(), message(404, "404 User Not Found"));
        assert_eq!(
            app.post("users/x/block").root().send().await.both(),
            error(400, "id is invalid")
        );
        assert_eq!(app.actions().await, before);
    }
}
