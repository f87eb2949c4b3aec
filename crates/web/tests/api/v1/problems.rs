//! Refusals of tokenry's own API.

use serde_json::json;
use tokenry_testkit::{App, both_engines};

use super::refused;

both_engines! {
    async fn strangers_hear_a_problem(app: App) {
        let answer = app.get("/api/v1/kinds").send().await;
        assert_eq!(refused(&answer), (401, "credential_missing".to_owned()));
        assert_eq!(answer.header("www-authenticate"), r#"Bearer realm="tokenry""#);
        assert_eq!(
            answer.json(),
            json!({
                "type": "/-/errors/credential_missing",
                "title": "no token was presented",
                "status": 401,
                "detail": "no token was presented; send one in the PRIVATE-TOKEN header",
                "code": "credential_missing",
            })
        );
        let unknown = app.get("/api/v1/kinds").token("glpat-nothing").send().await;
        assert_eq!(refused(&unknown), (401, "credential_unknown".to_owned()));
        assert!(!unknown.text.contains("glpat-nothing"));
    }

    async fn what_is_not_served_is_a_problem(app: App) {
        let nowhere = app.get("/api/v1/nothing").root().send().await;
        assert_eq!(refused(&nowhere), (404, "not_found".to_owned()));
        let method = app.delete("/api/v1/kinds").root().send().await;
        assert_eq!(refused(&method), (405, "method_not_allowed".to_owned()));
        assert!(method.header("allow").contains("GET"));
        let huge = app.get("/api/v1/kinds?%ff").root().send().await;
        assert_eq!(refused(&huge), (400, "invalid".to_owned()));
    }

    async fn the_handbook_tells_what_a_code_means(app: App) {
        let page = app.get("/-/errors/admin_only").send().await;
        assert_eq!(page.code(), 200);
        assert!(page.text.starts_with("# admin_only\n\nonly administrators may do this"));
        assert!(app.get("/-/errors").send().await.text.contains("| `admin_only` |"));
        assert_eq!(app.get("/-/errors/nothing").send().await.code(), 404);
    }
}
