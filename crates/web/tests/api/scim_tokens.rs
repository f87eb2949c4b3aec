//! `/groups/:id/scim_tokens` and `/application/scim_tokens`.

use serde_json::{Value, json};
use tokenry_domain::AccessLevel;
use tokenry_testkit::{App, both_engines};

use crate::{
    ended, error, forbidden, identified, message, secret, unauthorized, without_secret_of,
};

const GROUP: &str = "groups/team/scim_tokens";
const INSTANCE: &str = "application/scim_tokens";

fn missing() -> (u16, Value) {
    message(404, "404 SCIM Token Not Found")
}

both_engines! {
    async fn one_is_issued_listed_and_revoked(app: App) {
        app.group("team").await;
        for (all, name) in [(GROUP, "group"), (INSTANCE, "instance")] {
            let before = app.actions().await.len();
            let issued = app.post(all).root().json(json!({ "name": "okta" })).send().await;
            assert_eq!(issued.code(), 201, "{}", issued.text);
            let mut shown = without_secret_of(&issued, "glsoat-");
            insta::assert_json_snapshot!(name, shown);
            shown.as_object_mut().unwrap().remove("token");
            assert_eq!(app.get(all).root().send().await.both(), (200, json!([shown])));
            let one = format!("{all}/{}", shown["id"]);
            for _ in 0..2 {
                assert_eq!(app.delete(&one).root().send().await.both(), (204, Value::Null));
            }
            let listed = app.get(all).root().send().await;
            assert_eq!((listed.column("revoked"), listed.column("active")), (vec![json!(true)], vec![json!(false)]));
            assert_eq!(identified(&app, &secret(&issued)).await["state"], "revoked");
            let gone = app.delete(&format!("{one}?hard_delete=true")).root().send().await;
            assert_eq!(gone.code(), 204);
            assert_eq!(app.delete(&one).root().send().await.both(), missing());
            assert_eq!(app.get(all).root().send().await.json(), json!([]));
            assert_eq!(app.actions().await[before..], ["token_created", "token_revoked", "token_deleted"]);
        }
    }

    /// Cases 51 and 52: whose it is, is told. Case 53 is refused by GitLab.
    async fn one_that_was_found_is_revoked_though_gitlab_does_not(app: App) {
        let group = app.group("team").await.id;
        for (all, group, organization) in [(GROUP, json!(group), Value::Null), (INSTANCE, Value::Null, json!(1))] {
            let issued = app.post(all).root().send().await;
            let text = secret(&issued);
            assert_eq!(app.get("user").token(&text).send().await.both(), unauthorized());
            let told = identified(&app, &text).await;
            assert_eq!((&told["id"], &told["created_at"]), (&issued.json()["id"], &issued.json()["created_at"]));
            assert_eq!((&told["group_id"], &told["organization_id"]), (&group, &organization));
            assert_eq!(ended(&app, &text).await, 204);
            assert_eq!(identified(&app, &text).await["state"], "revoked");
        }
    }

    async fn owners_of_a_group_at_the_top_have_them(app: App) {
        let group = app.group("team").await;
        app.group("team/sub").await;
        let mut texts = Vec::new();
        for level in [AccessLevel::Owner, AccessLevel::Maintainer] {
            let user = app.user(&format!("level-{}", level.number())).await;
            app.member(group.place(), user.id, level).await;
            texts.push(app.token(user.id, "api").await.1);
        }
        let one = format!("{GROUP}/{}", app.post(GROUP).token(&texts[0]).send().await.json()["id"]);
        let before = app.actions().await;
        for (method, path) in [("GET", GROUP), ("POST", GROUP), ("DELETE", &one)] {
            assert_eq!(app.ask(method, path).token(&texts[1]).send().await.both(), forbidden());
        }
        let beneath = app.post("groups/team%2Fsub/scim_tokens").token(&texts[0]).send().await;
        let refused = "403 Forbidden - not permitted to issue these tokens beneath a group";
        assert_eq!(beneath.both(), message(403, refused));
        assert_eq!(app.actions().await, before);
    }

    async fn one_is_found_only_where_it_belongs(app: App) {
        app.group("team").await;
        app.group("other").await;
        let group = app.post(GROUP).root().send().await.json()["id"].clone();
        let instance = app.post(INSTANCE).root().send().await.json()["id"].clone();
        let before = app.actions().await;
        for path in [
            format!("{GROUP}/{instance}"),
            format!("{INSTANCE}/{group}"),
            format!("groups/other/scim_tokens/{group}"),
            format!("{INSTANCE}/1"),
            format!("{INSTANCE}/4711"),
            format!("{GROUP}/0"),
        ] {
            assert_eq!(app.delete(&path).root().send().await.both(), missing(), "{path}");
        }
        for all in [GROUP, INSTANCE] {
            let blank = app.post(all).root().json(json!({ "name": " " })).send().await;
            assert_eq!(blank.both(), (400, json!({ "message": { "name": ["can't be blank"] } })));
            let odd = app.post(all).root().json(json!({ "name": {} })).send().await;
            assert_eq!(odd.both(), error(400, "name is invalid"));
            let odd = app.delete(&format!("{all}/x")).root().send().await;
            assert_eq!(odd.both(), error(400, "token_id is invalid"));
        }
        assert_eq!(app.actions().await, before);
    }
}
