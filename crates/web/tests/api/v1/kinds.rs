//! `GET /api/v1/kinds`.

use serde_json::json;
use tokenry_domain::kind::KINDS;
use tokenry_testkit::{App, both_engines};

both_engines! {
    async fn every_kind_is_there_under_the_prefix_in_force(app: App) {
        let ida = app.user("ida").await;
        let (_, token) = app.token(ida.id, "read_api").await;
        let set = json!({ "instance_token_prefix": "acme" });
        app.put("application/settings").root().json(set).send().await;
        let answer = app.get("/api/v1/kinds").token(&token).send().await;
        assert_eq!(answer.code(), 200);
        let kinds = answer.json()["kinds"].as_array().unwrap().clone();
        assert_eq!(kinds.len(), KINDS.len());
        let trigger = kinds.iter().find(|kind| kind["kind"] == "pipeline_trigger");
        assert_eq!(
            trigger.unwrap(),
            &json!({
                "kind": "pipeline_trigger", "title": "pipeline trigger token",
                "prefix": "acme-glptt-", "opens": "elsewhere", "scopes": [],
                "ending": "revoke", "shown_again": true,
            })
        );
    }
}
