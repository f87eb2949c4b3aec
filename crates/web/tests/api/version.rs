//! `GET /version` and `/metadata`.

use serde_json::json;
use tokenry_testkit::{App, both_engines};

both_engines! {
    async fn clients_learn_what_is_spoken(app: App) {
        let ida = app.user("ida").await;
        let (_, token) = app.token(ida.id, "read_api").await;
        let version = json!({ "version": "18.5.0", "revision": env!("CARGO_PKG_VERSION") });
        assert_eq!(
            app.get("version").token(&token).send().await.both(),
            (200, version.clone())
        );
        let metadata = app.get("metadata").token(&token).send().await.json();
        assert_eq!(
            (&metadata["version"], &metadata["revision"]),
            (&version["version"], &version["revision"])
        );
        assert_eq!(metadata["enterprise"], false);
        let kas = json!({ "enabled": false, "externalUrl": null, "externalK8sProxyUrl": null, "version": null });
        assert_eq!(metadata["kas"], kas);
    }
}
