//! `/-/liveness`, `/-/readiness`, `/-/health`.

use serde_json::json;
use tokenry_testkit::{App, both_engines};

both_engines! {
    async fn watchers_need_no_token(app: App) {
        let live = app.get("/-/liveness").send().await;
        assert_eq!(live.both(), (200, json!({ "status": "ok" })));
        let ready = app.get("/-/readiness").send().await;
        assert_eq!(
            ready.both(),
            (
                200,
                json!({ "status": "ok", "master_check": [{ "status": "ok" }] })
            )
        );
        let health = app.get("/-/health").send().await;
        assert_eq!((health.code(), health.text.as_str()), (200, "tokenry OK"));
    }

    async fn a_server_without_its_database_is_alive_but_not_ready(app: App) {
        app.fixture.authority.close().await.unwrap();
        assert_eq!(app.get("/-/liveness").send().await.code(), 200);
        let ready = app.get("/-/readiness").send().await;
        assert_eq!(
            ready.both(),
            (
                503,
                json!({ "status": "failed", "master_check": [{ "status": "failed" }] })
            )
        );
    }

    async fn a_fault_of_ours_names_the_request_and_nothing_else(app: App) {
        app.fixture.authority.close().await.unwrap();
        let answer = app.get("personal_access_tokens").root().send().await;
        assert!(answer.status.is_server_error(), "{}", answer.text);
        let body = answer.json();
        assert_eq!(body["request_id"], answer.header("x-request-id"));
        assert_eq!(body.as_object().unwrap().len(), 2, "{body}");
        assert!(
            body["message"]
                .as_str()
                .unwrap()
                .starts_with(answer.status.as_str())
        );
    }
}
