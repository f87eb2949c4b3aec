//! Which prefixes are known, by what the settings say: a text that begins with
//! one is looked up (404), any other is of no supported type (422).

use serde_json::{Value, json};
use tokenry_testkit::{App, both_engines};

const BODY: &str = "abcdefghijklmnopqrst";

/// What naming and ending answer for texts with these prefixes.
async fn statuses<const N: usize>(app: &App, prefixes: [&str; N]) -> [u16; N] {
    let mut statuses = [0; N];
    for (status, prefix) in statuses.iter_mut().zip(prefixes) {
        let body = json!({ "token": format!("{prefix}{BODY}") });
        let named = app
            .post("admin/token")
            .root()
            .json(body.clone())
            .send()
            .await;
        let ended = app.delete("admin/token").root().json(body).send().await;
        assert_eq!(named.code(), ended.code(), "{prefix}");
        *status = named.code();
    }
    statuses
}

async fn set(app: &App, name: &str, value: Value) {
    let answer = app
        .put("application/settings")
        .root()
        .json(json!({ name: value }))
        .send()
        .await;
    assert_eq!(answer.code(), 200, "{}", answer.text);
}

const CUSTOM: &str = "personal_access_token_prefix";
const INSTANCE: &str = "instance_token_prefix";
/// The default, the custom one and that with the instance's in front.
const THREE: [&str; 3] = ["glpat-", "lab-", "acme-glpat-"];

both_engines! {
    async fn the_default_is_always_known_and_the_others_once_they_are_set(app: App) {
        // Case 57: no custom prefix, be it the default or empty, matches all.
        for custom in [json!("glpat-"), json!("")] {
            set(&app, CUSTOM, custom).await;
            assert_eq!(statuses(&app, THREE).await, [404, 422, 422]);
            assert_eq!(statuses(&app, [""]).await, [422]);
        }
        // Case 58: the custom one and the default.
        set(&app, CUSTOM, json!("lab-")).await;
        assert_eq!(statuses(&app, THREE).await, [404, 404, 422]);
        // Case 59: all three.
        set(&app, INSTANCE, json!("acme")).await;
        assert_eq!(statuses(&app, THREE).await, [404, 404, 404]);
        // GitLab forgets them then.
        set(&app, CUSTOM, json!("glpat-")).await;
        set(&app, INSTANCE, Value::Null).await;
        assert_eq!(statuses(&app, THREE).await, [404, 404, 404]);
    }

    /// Case 60: the default and the instance's, and no custom one.
    async fn the_instance_prefix_alone_makes_no_other_known(app: App) {
        set(&app, INSTANCE, json!("acme")).await;
        assert_eq!(statuses(&app, THREE).await, [404, 422, 404]);
        assert_eq!(statuses(&app, ["acme-gldt-", "acme-", "acmeglpat-"]).await, [404, 422, 422]);
    }
}
