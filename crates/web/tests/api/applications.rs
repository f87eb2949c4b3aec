//! `/applications` and `/user/applications`.

use futures_util::future::join_all;
use serde_json::{Value, json};
use tokenry_testkit::{Answer, App, both_engines};

use crate::{error, forbidden, message};

fn form() -> Value {
    json!({ "name": "Chat bridge", "redirect_uri": "https://chat.example/cb", "scopes": "api openid" })
}

/// The body, with what differs each time taken out.
fn settled(answer: &Answer) -> Value {
    let mut body = answer.json();
    let secret = body["secret"].as_str().expect("a secret");
    assert!(
        secret.starts_with("gloas-") && secret.len() > 40,
        "{secret}"
    );
    body["secret"] = json!("[secret]");
    let uid = body["application_id"].as_str().expect("an id");
    assert!(
        uid.len() == 64 && uid.bytes().all(|c| c.is_ascii_hexdigit()),
        "{uid}"
    );
    body["application_id"] = json!("[uid]");
    body
}

fn unknown() -> (u16, Value) {
    message(404, "404 Application Not Found")
}

both_engines! {
    async fn administrators_keep_those_of_the_instance(app: App) {
        let created = app.post("applications").root().json(form()).send().await;
        assert_eq!(created.code(), 201);
        insta::assert_json_snapshot!("created", settled(&created));
        let body = created.json();
        let mut shown = body.clone();
        shown.as_object_mut().unwrap().remove("secret");
        let listed = app.get("applications").root().send().await;
        assert_eq!(listed.both(), (200, json!([shown])));
        assert_eq!(listed.header("x-total"), "", "it has no pages");

        let path = format!("applications/{}", body["id"]);
        let renewed = app.post(&format!("{path}/renew-secret")).root().send().await;
        assert_eq!(renewed.code(), 201);
        assert_ne!(renewed.json()["secret"], body["secret"]);
        assert_eq!(renewed.json()["application_id"], body["application_id"]);
        assert_eq!(app.delete(&path).root().send().await.both(), (204, Value::Null));
        assert_eq!(app.delete(&path).root().send().await.both(), unknown());
        assert_eq!(app.get("applications").root().send().await.both(), (200, json!([])));
        let actions = app.actions().await;
        let expected = ["holder_created", "token_reset", "holder_deleted"];
        assert_eq!(actions[actions.len() - 3..], expected);
        let trail = app.fixture.trail().await;
        let entry = trail.iter().find(|entry| entry.action == "holder_created").unwrap();
        assert_eq!(entry.target, ("application".to_owned(), body["id"].as_i64()));
        assert_eq!(entry.after["token"]["kind"], "oauth_application_secret");
        for entry in &trail {
            let text = format!("{} {}", entry.before, entry.after);
            assert!(!text.contains(body["secret"].as_str().unwrap()), "{text}");
        }
    }

    async fn a_users_go_with_the_user(app: App) {
        let ida = app.user("ida").await;
        let (_, token) = app.token(ida.id, "api").await;
        let made = app.post("user/applications").token(&token).json(form()).send().await.json();
        let removed = app.delete(&format!("users/{}", ida.id)).root().send().await;
        assert_eq!(removed.both(), (204, Value::Null));
        let found = json!({ "token": made["secret"] });
        let told = app.post("admin/token").root().json(found).send().await;
        assert_eq!(told.code(), 404, "{}", told.text);
    }

    async fn a_secret_is_named_by_its_text_and_dies_with_it(app: App) {
        let created = app.post("applications").root().json(form()).send().await.json();
        let found = json!({ "token": created["secret"] });
        let named = app.post("admin/token").root().json(found.clone()).send().await;
        assert_eq!((named.code(), &named.json()["token_type"]), (200, &json!("oauth_application_secret")));
        assert_eq!(app.get("user").token(created["secret"].as_str().unwrap()).send().await.code(), 401);
        let path = format!("applications/{}", created["id"]);
        app.post(&format!("{path}/renew-secret")).root().send().await;
        let named = app.post("admin/token").root().json(found.clone()).send().await;
        assert_eq!(named.json()["state"], "revoked");
        app.delete(&path).root().send().await;
        assert_eq!(app.post("admin/token").root().json(found).send().await.code(), 404);
    }

    async fn everybody_keeps_their_own(app: App) {
        let (ida, ben) = (app.user("ida").await, app.user("ben").await);
        let (_, idas) = app.token(ida.id, "api").await;
        let (_, bens) = app.token(ben.id, "api").await;
        let mine = app.post("user/applications").token(&idas).json(form()).send().await;
        assert_eq!(mine.code(), 201);
        settled(&mine);
        let id = mine.json()["id"].as_i64().unwrap();
        let path = format!("user/applications/{id}");
        let other = app.post("user/applications").token(&bens).json(form()).send().await;
        let instance = app.post("applications").root().json(form()).send().await.json();
        assert_eq!(app.get("user/applications").token(&idas).send().await.column("id"), [id]);
        assert_eq!(app.get("applications").root().send().await.column("id"), [instance["id"].clone()]);

        let edit = json!({ "name": "Bot", "scopes": "read_api" });
        let edited = app.put(&path).token(&idas).json(edit).send().await;
        let shown = app.get(&path).token(&idas).send().await;
        assert_eq!(edited.both(), shown.both());
        assert_eq!(shown.json()["application_name"], "Bot");
        assert_eq!(shown.json()["scopes"], json!(["read_api"]));
        assert_eq!(shown.json()["secret"], Value::Null);
        let before = app.actions().await;
        app.put(&path).token(&idas).json(json!({})).send().await;
        assert_eq!(app.actions().await, before, "nothing changed, nothing is written");

        for token in [&bens, tokenry_testkit::fixture::ROOT_TOKEN] {
            for (method, rest) in [("GET", ""), ("PUT", ""), ("DELETE", ""), ("POST", "/renew-secret")] {
                let answer = app.ask(method, &format!("{path}{rest}")).token(token).send().await;
                assert_eq!(answer.both(), forbidden(), "{method} {rest}");
                for id in [4_711, instance["id"].as_i64().unwrap()] {
                    let answer = app.ask(method, &format!("user/applications/{id}{rest}")).token(token).send().await;
                    assert_eq!(answer.both(), unknown(), "{method} {id}");
                }
            }
        }
        assert_eq!(app.delete(&format!("applications/{id}")).root().send().await.both(), unknown());
        assert_eq!(app.actions().await, before);
        assert_eq!(app.post(&format!("{path}/renew-secret")).token(&idas).send().await.code(), 201);
        assert_eq!(app.delete(&path).token(&idas).send().await.code(), 204);
        assert_eq!(app.get(&path).token(&idas).send().await.both(), unknown());
        assert_eq!(app.get("user/applications").token(&bens).send().await.column("id"), [other.json()["id"].clone()]);
    }

    async fn broken_rules_are_told_by_field(app: App) {
        let ida = app.user("ida").await;
        let (_, token) = app.token(ida.id, "api").await;
        let before = app.actions().await;
        for (field, value, problem) in [
            ("name", json!(""), "can't be blank"),
            ("name", json!("x".repeat(10_000)), "is too long (maximum is 255 characters)"),
            ("name", json!("a\u{0}"), "can't contain control characters"),
            ("redirect_uri", json!(""), "can't be blank"),
            ("redirect_uri", json!("chat"), "must be an absolute URI."),
            ("redirect_uri", json!("javascript:x"), "is forbidden by the server."),
            ("redirect_uri", json!("https://a.example/#b"), "cannot contain a fragment."),
            ("scopes", json!(" "), "can't be blank"),
            ("scopes", json!("root"), "doesn't match configured on the server."),
        ] {
            for path in ["applications", "user/applications"] {
                let mut body = form();
                body[field] = value.clone();
                let token = if path == "applications" { tokenry_testkit::fixture::ROOT_TOKEN } else { &token };
                let answer = app.post(path).token(token).json(body).send().await;
                assert_eq!(answer.both(), (400, json!({ "message": { field: [problem] } })), "{path}");
            }
        }
        let empty = app.post("applications").root().json(json!({})).send().await;
        assert_eq!(empty.both(), error(400, "name is missing, redirect_uri is missing, scopes is missing"));
        let odd = json!({ "name": [], "redirect_uri": {}, "scopes": {}, "confidential": "maybe" });
        let odd = app.post("applications").root().json(odd).send().await;
        assert_eq!(odd.both(), error(400, "name is invalid, redirect_uri is invalid, scopes is invalid, confidential is invalid"));
        assert_eq!(app.delete("applications/x").root().send().await.both(), error(400, "id is invalid"));
        assert_eq!(app.actions().await, before);
    }

    async fn only_administrators_give_an_administrators_scopes(app: App) {
        let ida = app.user("ida").await;
        let (_, token) = app.token(ida.id, "api").await;
        let mut body = form();
        body["scopes"] = json!("api sudo");
        let before = app.actions().await;
        let refused = app.post("user/applications").token(&token).json(body.clone()).send().await;
        assert_eq!(refused.both(), message(403, "403 Forbidden - not permitted to give an administrator's scopes"));
        assert_eq!(app.actions().await, before);
        let own = app.post("user/applications").token(&token).json(form()).send().await.json();
        let path = format!("user/applications/{}", own["id"]);
        let refused = app.put(&path).token(&token).json(json!({ "scopes": "admin_mode" })).send().await;
        assert_eq!(refused.code(), 403);
        assert_eq!(app.get(&path).token(&token).send().await.json()["scopes"], json!(["api", "openid"]));
        assert_eq!(app.post("user/applications").root().json(body).send().await.code(), 201);
    }

    async fn of_several_renewals_at_once_the_last_secret_works_alone(app: App) {
        let created = app.post("applications").root().json(form()).send().await.json();
        let path = format!("applications/{}/renew-secret", created["id"]);
        let answers = join_all((0..5).map(|_| app.post(&path).root().send())).await;
        let mut secrets = vec![created["secret"].clone()];
        secrets.extend(answers.iter().filter(|answer| answer.code() == 201).map(|answer| answer.json()["secret"].clone()));
        let mut working = 0;
        for secret in &secrets {
            let named = app.post("admin/token").root().json(json!({ "token": secret })).send().await;
            working += usize::from(named.json()["state"] == "active");
        }
        assert_eq!((secrets.len(), working), (6, 1));
    }

    async fn lists_of_ones_own_have_pages(app: App) {
        let ida = app.user("ida").await;
        let (_, token) = app.token(ida.id, "api").await;
        for _ in 0..3 {
            app.post("user/applications").token(&token).json(form()).send().await;
        }
        let first = app.get("user/applications?per_page=2").token(&token).send().await;
        assert_eq!((first.column("id").len(), first.header("x-total"), first.header("x-next-page")), (2, "3", "2"));
        let keyset = app.get("user/applications?per_page=2&pagination=keyset&sort=desc").token(&token).send().await;
        assert_eq!(keyset.column("id").len(), 2);
        assert!(keyset.header("link").contains("cursor="), "{}", keyset.header("link"));
        let wrong = app.get("user/applications?page=x&sort=up").token(&token).send().await;
        assert_eq!(wrong.both(), error(400, "page is invalid, sort does not have a valid value"));
    }
}
