//! Runners: created, verified, reset, listed, changed and removed.

use futures_util::future::join_all;
use serde_json::{Value, json};
use tokenry_domain::AccessLevel::{Developer, Maintainer, Owner};
use tokenry_testkit::{Answer, App, both_engines};

use crate::{error, forbidden, message, secret, unauthorized};

const VERIFY: &str = "runners/verify";
const RESET: &str = "runners/reset_authentication_token";

/// The payload of a token's text.
fn payload(token: &str, prefix: &str) -> String {
    let rest = token.strip_prefix(prefix).expect("the prefix");
    let body = rest.split('.').next().unwrap();
    let bytes = data_encoding::BASE64URL_NOPAD
        .decode(body.as_bytes())
        .unwrap();
    String::from_utf8(bytes[16..bytes.len() - 1].to_vec()).unwrap()
}

/// A runner that was created: its id and its token.
fn made(answer: &Answer) -> (i64, String) {
    assert_eq!(answer.code(), 201, "{}", answer.text);
    let body = answer.json();
    assert_eq!(body["token_expires_at"], Value::Null);
    (
        body["id"].as_i64().unwrap(),
        body["token"].as_str().unwrap().to_owned(),
    )
}

async fn instance(app: &App, values: Value) -> (i64, String) {
    let mut body = json!({ "runner_type": "instance_type" });
    for (name, value) in values.as_object().unwrap() {
        body[name] = value.clone();
    }
    made(&app.post("user/runners").root().json(body).send().await)
}

async fn shown(app: &App, token: &str) -> (u16, Value) {
    app.post(VERIFY)
        .json(json!({ "token": token }))
        .send()
        .await
        .both()
}

both_engines! {
    async fn each_type_is_created_by_whoever_keeps_the_place(app: App) {
        let (ida, ben) = (app.user("ida").await, app.user("ben").await);
        let (_, idas) = app.token(ida.id, "create_runner").await;
        let (_, bens) = app.token(ben.id, "api").await;
        let (group, project) = (app.group("team").await, app.project("team/app").await);
        app.member(group.place(), ida.id, Owner).await;
        app.member(project.place(), ben.id, Maintainer).await;
        let of_group = json!({ "runner_type": "group_type", "group_id": group.id });
        let of_project = json!({ "runner_type": "project_type", "project_id": project.id, "description": "linux-a" });
        let of_instance = json!({ "runner_type": "instance_type" });
        let before = app.actions().await.len();
        let (_, one) = made(&app.post("user/runners").token(&idas).json(of_group.clone()).send().await);
        assert_eq!(payload(&one, "glrt-"), format!("g:{}\no:1\nt:2\nu:{}", group.id, ida.id));
        let (_, two) = made(&app.post("user/runners").token(&bens).json(of_project).send().await);
        assert_eq!(payload(&two, "glrt-"), format!("o:1\np:{}\nt:3\nu:{}", project.id, ben.id));
        let (_, three) = made(&app.post("user/runners").root().json(of_instance.clone()).send().await);
        assert_eq!(payload(&three, "glrt-"), "o:1\nt:1\nu:1");
        assert_eq!(app.actions().await[before..], ["holder_created", "holder_created", "holder_created"]);
        for (token, body) in [(&bens, of_group), (&bens, of_instance.clone()), (&idas, of_instance)] {
            let refused = app.post("user/runners").token(token).json(body).send().await;
            assert_eq!(refused.both(), message(403, "403 Forbidden - Insufficient permissions"));
        }
        assert_eq!(app.get("user").token(&one).send().await.both(), unauthorized(), "it opens nothing here");
    }

    async fn what_is_asked_for_is_checked(app: App) {
        let before = app.actions().await;
        let post = async |body: Value| app.post("user/runners").root().json(body).send().await.both();
        assert_eq!(post(json!({})).await, error(400, "runner_type is missing"));
        assert_eq!(post(json!({ "runner_type": "x" })).await, error(400, "runner_type does not have a valid value"));
        assert_eq!(post(json!({ "runner_type": "group_type" })).await, error(400, "group_id is missing"));
        assert_eq!(post(json!({ "runner_type": "instance_type", "project_id": 1 })).await, error(400, "project_id is not for a runner of this type"));
        assert_eq!(post(json!({ "runner_type": "project_type", "project_id": 4711 })).await, message(404, "404 Project Not Found"));
        assert_eq!(post(json!({ "runner_type": "group_type", "group_id": "x" })).await, error(400, "group_id is invalid"));
        let with = async |values: Value| {
            let mut body = json!({ "runner_type": "instance_type" });
            for (name, value) in values.as_object().unwrap() {
                body[name] = value.clone();
            }
            post(body).await
        };
        assert_eq!(with(json!({ "maintenance_note": "x".repeat(1_025) })).await, message(400, "400 Bad request - Maintenance note is too long (maximum is 1024 characters)"));
        assert_eq!(with(json!({ "description": "x".repeat(10_000) })).await.0, 400);
        assert_eq!(with(json!({ "description": "a\u{0}" })).await, message(400, "400 Bad request - Description can't contain control characters"));
        assert_eq!(with(json!({ "run_untagged": false })).await.0, 400);
        assert_eq!(with(json!({ "maximum_timeout": 599 })).await.0, 400);
        assert_eq!(with(json!({ "access_level": "x", "paused": "maybe", "tag_list": {} })).await.0, 400);
        assert_eq!(with(json!({ "active": true, "paused": true })).await, error(400, "active, paused are mutually exclusive"));
        assert_eq!(app.actions().await, before);
    }

    async fn a_runner_is_heard_of_when_it_verifies_itself(app: App) {
        let (id, token) = instance(&app, json!({ "description": "linux-a", "tag_list": "linux,arm", "maximum_timeout": 3600, "maintenance_note": "in the cellar", "locked": true })).await;
        let path = format!("runners/{id}");
        let fresh = app.get(&path).root().send().await;
        insta::assert_json_snapshot!("fresh", fresh.json());
        let before = app.actions().await;
        let verified = json!({ "id": id, "token": token, "token_expires_at": null });
        assert_eq!(shown(&app, &token).await, (200, verified));
        let online = app.get(&path).root().send().await.json();
        assert_eq!((&online["status"], &online["online"]), (&json!("online"), &json!(true)));
        assert_eq!(online["contacted_at"], "2031-04-05T12:00:00.123Z");
        app.fixture.clock.advance(7_200);
        let offline = app.get(&path).root().send().await.json();
        assert_eq!((&offline["status"], &offline["online"]), (&json!("offline"), &json!(false)));
        app.fixture.clock.advance(90 * 86_400);
        assert_eq!(app.get(&path).root().send().await.json()["status"], "stale");
        assert_eq!(app.actions().await, before, "a check writes nothing into the trail");
        let without = app.get(&format!("{path}?include_projects=false")).root().send().await.json();
        assert_eq!(without.get("projects"), None);
    }

    async fn what_is_no_runners_token_is_refused_alike(app: App) {
        let (_, token) = instance(&app, json!({})).await;
        let before = app.actions().await;
        let root = tokenry_testkit::fixture::ROOT_TOKEN;
        for bad in [root, "rubbish", "", "glrt-unknown", &format!("{token}x"), "\u{0}"] {
            for (method, path) in [("POST", VERIFY), ("POST", RESET), ("DELETE", "runners")] {
                let answer = app.ask(method, path).json(json!({ "token": bad })).send().await;
                assert_eq!(answer.both(), forbidden(), "{method} {path} {bad}");
            }
        }
        for (method, path) in [("POST", VERIFY), ("POST", RESET), ("DELETE", "runners")] {
            assert_eq!(app.ask(method, path).send().await.both(), error(400, "token is missing"));
        }
        assert_eq!(app.actions().await, before);
    }

    async fn a_token_is_reset_by_its_bearer_and_by_whoever_keeps_the_runner(app: App) {
        let (id, first) = instance(&app, json!({})).await;
        let before = app.actions().await.len();
        let reset = app.post(RESET).json(json!({ "token": first })).send().await;
        assert_eq!(reset.code(), 201);
        assert_eq!(reset.json().as_object().unwrap().keys().collect::<Vec<_>>(), ["token", "token_expires_at"]);
        let second = reset.json()["token"].as_str().unwrap().to_owned();
        assert_eq!(shown(&app, &first).await, forbidden());
        assert_eq!(shown(&app, &second).await.0, 200);
        assert_eq!(payload(&second, "glrt-"), "o:1\nt:1\nu:1");
        let reset = app.post(&format!("runners/{id}/reset_authentication_token")).root().send().await;
        let third = reset.json()["token"].as_str().unwrap().to_owned();
        assert_eq!((reset.code(), shown(&app, &second).await, shown(&app, &third).await.0), (201, forbidden(), 200));
        assert_eq!(app.actions().await[before..], ["token_reset", "token_reset"]);
        let trail = app.fixture.trail().await;
        assert_eq!(trail[before].actor_user, None, "the runner itself");

        let killed = app.delete("admin/token").root().json(json!({ "token": third })).send().await;
        assert_eq!((killed.code(), shown(&app, &third).await), (204, forbidden()));
        assert_eq!(app.get(&format!("runners/{id}")).root().send().await.code(), 200, "the runner stays");
        assert_eq!(app.delete("runners").json(json!({ "token": third })).send().await.both(), forbidden());
    }

    async fn of_several_resets_with_one_token_one_wins(app: App) {
        for _ in 0..3 {
            let (_, token) = instance(&app, json!({})).await;
            let before = app.actions().await.len();
            let asked = (0..5).map(|_| app.post(RESET).json(json!({ "token": token })).send());
            let mut codes: Vec<_> = join_all(asked).await.iter().map(Answer::code).collect();
            codes.sort_unstable();
            assert_eq!(codes, [201, 403, 403, 403, 403]);
            assert_eq!(app.actions().await[before..], ["token_reset"]);
        }
    }

    async fn a_runner_removes_itself_or_is_removed(app: App) {
        let (id, token) = instance(&app, json!({})).await;
        let before = app.actions().await.len();
        assert_eq!(app.delete(&format!("runners?token={token}")).send().await.both(), (204, Value::Null));
        assert_eq!(shown(&app, &token).await, forbidden());
        let missing = message(404, "404 Runner Not Found");
        assert_eq!(app.get(&format!("runners/{id}")).root().send().await.both(), missing);
        let (id, _) = instance(&app, json!({})).await;
        assert_eq!(app.delete(&format!("runners/{id}")).root().send().await.code(), 204);
        assert_eq!(app.delete(&format!("runners/{id}")).root().send().await.both(), missing);
        assert_eq!(app.actions().await[before..], ["holder_deleted", "holder_created", "holder_deleted"]);
    }

    async fn a_runner_with_many_former_tokens_removes_itself(app: App) {
        let (_, mut token) = instance(&app, json!({})).await;
        // With the first, one step is full: the token presented goes with it.
        for _ in 0..499 {
            let reset = app.post(RESET).json(json!({ "token": token })).send().await;
            token = secret(&reset);
        }
        let before = app.actions().await.len();
        assert_eq!(app.delete("runners").json(json!({ "token": token })).send().await.both(), (204, Value::Null));
        assert_eq!(app.actions().await[before..], ["holder_partly_deleted", "holder_deleted"]);
    }

    async fn a_runner_is_changed_by_whoever_keeps_it(app: App) {
        let (ida, ben) = (app.user("ida").await, app.user("ben").await);
        app.group("team").await;
        let project = app.project("team/app").await;
        app.member(project.place(), ida.id, Maintainer).await;
        app.member(project.place(), ben.id, Developer).await;
        let (_, idas) = app.token(ida.id, "manage_runner").await;
        let (_, bens) = app.token(ben.id, "api").await;
        let new = json!({ "runner_type": "project_type", "project_id": project.id });
        let (id, _) = made(&app.post("user/runners").root().json(new).send().await);
        let path = format!("runners/{id}");
        let edit = json!({ "description": "new", "paused": true, "tag_list": ["a", "b"], "run_untagged": false, "locked": true,
            "access_level": "ref_protected", "maximum_timeout": 600, "maintenance_note": "note" });
        let before = app.actions().await.len();
        let changed = app.put(&path).token(&idas).json(edit).send().await;
        assert_eq!(changed.both(), app.get(&path).token(&idas).send().await.both());
        insta::assert_json_snapshot!("changed", changed.json());
        let nothing = app.put(&path).token(&idas).json(json!({ "paused": true })).send().await;
        assert_eq!(nothing.code(), 200);
        assert_eq!(app.actions().await[before..], ["holder_updated"]);
        let cleared = app.put(&path).token(&idas).json(json!({ "maximum_timeout": null, "active": true })).send().await.json();
        assert_eq!((&cleared["maximum_timeout"], &cleared["active"]), (&Value::Null, &json!(true)));

        let before = app.actions().await;
        let none = app.put(&path).token(&idas).json(json!({})).send().await;
        assert!(none.text.contains("are missing, at least one parameter must be provided"), "{}", none.text);
        let broken = app.put(&path).token(&idas).json(json!({ "maximum_timeout": 1, "tag_list": [] })).send().await;
        assert_eq!(broken.code(), 400, "{}", broken.text);
        let denied = message(403, "403 Forbidden - No access granted");
        for (method, rest) in [("GET", ""), ("PUT", "?paused=true"), ("DELETE", ""), ("POST", "/reset_authentication_token")] {
            let refused = app.ask(method, &format!("{path}{rest}")).token(&bens).send().await;
            assert_eq!(refused.both(), denied, "{method} {rest}");
            let unknown = app.ask(method, &format!("runners/4711{rest}")).token(&bens).send().await;
            assert_eq!(unknown.both(), message(404, "404 Runner Not Found"), "{method} {rest}");
            let wrong = app.ask(method, &format!("runners/x{rest}")).root().send().await;
            assert_eq!(wrong.both(), error(400, "id is invalid"), "{method} {rest}");
        }
        assert_eq!(app.post("user/runners").token(&idas).json(json!({})).send().await.code(), 403, "manage_runner creates none");
        assert_eq!(app.actions().await, before);
    }

    async fn lists_show_whose_they_are_and_what_meets_the_filter(app: App) {
        let ida = app.user("ida").await;
        let (group, project) = (app.group("team").await, app.project("team/app").await);
        app.member(project.place(), ida.id, Maintainer).await;
        let (_, idas) = app.token(ida.id, "api").await;
        let post = async |body: Value| made(&app.post("user/runners").root().json(body).send().await);
        let (shared, token) = instance(&app, json!({ "tag_list": "linux,arm" })).await;
        let (of_group, _) = post(json!({ "runner_type": "group_type", "group_id": group.id, "paused": true })).await;
        let (of_project, _) = post(json!({ "runner_type": "project_type", "project_id": project.id, "tag_list": "linux" })).await;
        shown(&app, &token).await;
        let list = async |path: &str| app.get(path).root().send().await.column("id");
        assert_eq!(list("runners/all").await, [shared, of_group, of_project]);
        assert_eq!(list(&format!("projects/{}/runners", project.id)).await, [of_project]);
        assert_eq!(list("groups/team/runners").await, [of_group]);
        assert_eq!(app.get("runners").token(&idas).send().await.column("id"), [of_project]);
        assert!(list("runners").await.is_empty(), "an administrator keeps nothing by being one");
        for (query, expected) in [
            ("type=group_type", vec![of_group]),
            ("status=online", vec![shared]),
            ("status=never_contacted", vec![of_group, of_project]),
            ("status=paused", vec![of_group]),
            ("paused=false", vec![shared, of_project]),
            ("tag_list=linux", vec![shared, of_project]),
            ("tag_list=linux,arm", vec![shared]),
            ("scope=shared", vec![shared]),
            ("scope=paused", vec![of_group]),
            ("tag_list=linux&per_page=1&page=2", vec![of_project]),
            ("tag_list=linux&per_page=1&sort=desc", vec![of_project]),
        ] {
            assert_eq!(list(&format!("runners/all?{query}")).await, expected, "{query}");
        }
        let paged = app.get("runners/all?tag_list=linux&per_page=1").root().send().await;
        assert_eq!((paged.header("x-total"), paged.header("x-next-page")), ("2", "2"));
        let keyset = app.get("runners/all?tag_list=linux&per_page=1&pagination=keyset").root().send().await;
        assert!(keyset.header("link").contains("cursor="), "{}", keyset.header("link"));
        let bad = app.get("runners/all?scope=x").root().send().await;
        assert_eq!(bad.both(), message(400, "Scope contains invalid value"));
        let bad = app.get("runners/all?status=x&type=y&paused=z").root().send().await;
        assert_eq!(bad.code(), 400);
        assert_eq!(app.get("runners/all").token(&idas).send().await.both(), forbidden());
        assert_eq!(app.get("groups/team/runners").token(&idas).send().await.both(), forbidden());
        let row = app.get("runners/all?type=instance_type").root().send().await;
        insta::assert_json_snapshot!("row", row.json());
    }

    async fn its_projects_are_listed_to_whoever_sees_it(app: App) {
        let (ida, ben) = (app.user("ida").await, app.user("ben").await);
        let (group, project) = (app.group("team").await, app.project("team/app").await);
        app.project("team/other").await;
        app.member(project.place(), ida.id, Maintainer).await;
        app.member(project.place(), ben.id, Developer).await;
        let (_, idas) = app.token(ida.id, "manage_runner").await;
        let (_, bens) = app.token(ben.id, "api").await;
        let post = async |body: Value| made(&app.post("user/runners").root().json(body).send().await).0;
        let of_project = post(json!({ "runner_type": "project_type", "project_id": project.id })).await;
        let of_group = post(json!({ "runner_type": "group_type", "group_id": group.id })).await;
        let path = format!("runners/{of_project}/projects");
        let listed = app.get(&path).token(&idas).send().await;
        let shown = app.get(&format!("runners/{of_project}")).token(&idas).send().await.json();
        assert_eq!(listed.json()[0]["id"], shown["projects"][0]["id"]);
        assert_eq!((listed.column("id"), listed.header("x-total")), (vec![json!(project.id)], "1"));
        let next = app.get(&format!("{path}?page=2")).token(&idas).send().await;
        assert_eq!((next.code(), next.text.as_str()), (200, "[]"));
        let none = app.get(&format!("runners/{of_group}/projects")).root().send().await;
        assert_eq!((none.code(), none.text.as_str()), (200, "[]"));
        let denied = message(403, "403 Forbidden - No access granted");
        assert_eq!(app.get(&path).token(&bens).send().await.both(), denied);
    }

    async fn only_administrators_register_one(app: App) {
        let ida = app.user("ida").await;
        let root = tokenry_domain::UserId::from_row(1);
        let (_, idas) = app.token(ida.id, "api").await;
        let (_, creating) = app.token(root, "create_runner").await;
        let (_, reading) = app.token(root, "read_api").await;
        let new = json!({ "token": creating, "description": "old", "info": { "name": "x" } });
        let (id, token) = made(&app.post("runners").json(new).send().await);
        assert!(token.starts_with("glrtr-"), "{token}");
        assert_eq!(payload(&token, "glrtr-"), "o:1\nt:1\nu:1");
        assert_eq!(shown(&app, &token).await.1["id"], id);
        let named = app.post("admin/token").root().json(json!({ "token": token })).send().await;
        assert_eq!(named.json()["token_type"], "registered_runner");
        let before = app.actions().await;
        for refused in [&idas, &reading] {
            assert_eq!(app.post("runners").json(json!({ "token": refused })).send().await.both(), forbidden());
        }
        for gone in ["GR1348941abcdefghijklmnopqrst", "rubbish", "", &token] {
            let answer = app.post("runners").json(json!({ "token": gone })).send().await;
            assert_eq!(answer.code(), 410, "{gone}");
            assert!(answer.json()["message"].as_str().unwrap().starts_with("410 Gone - "));
        }
        assert_eq!(app.post("runners").send().await.both(), error(400, "token is missing"));
        assert_eq!(app.actions().await, before);
    }
}
