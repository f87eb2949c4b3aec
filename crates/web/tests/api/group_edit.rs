//! `POST /groups`, `PUT` and `DELETE /groups/:id`.

use futures_util::future::join_all;
use serde_json::{Value, json};
use tokenry_domain::AccessLevel;
use tokenry_testkit::{App, both_engines};

use crate::{error, forbidden, message};

fn field(name: &str, problem: &str) -> (u16, Value) {
    (400, json!({ "message": { name: [problem] } }))
}

const PATH_RULE: &str = "can contain only letters, digits, '_', '-' and '.'. \
    Cannot start with '-' or '.', end in '-', '.', '.git' or '.atom'.";

both_engines! {
    async fn a_group_is_created_and_its_creator_owns_it(app: App) {
        let ida = app.user("ida").await;
        let (_, token) = app.token(ida.id, "api").await;
        let before = app.actions().await.len();
        let body = json!({ "name": "The Team", "path": "Team.1", "description": "we", "visibility": "internal" });
        let answer = app.post("groups").token(&token).json(body).send().await;
        assert_eq!(answer.code(), 201);
        insta::assert_json_snapshot!("created", answer.json());
        let id = answer.json()["id"].as_i64().unwrap();
        let sub = json!({ "name": "Sub", "path": "sub", "parent_id": id });
        let answer = app.post("groups").token(&token).json(sub).send().await;
        assert_eq!(answer.code(), 201);
        let sub = answer.json();
        assert_eq!(
            (&sub["full_path"], &sub["full_name"], &sub["parent_id"], &sub["visibility"], &sub["description"]),
            (&json!("Team.1/sub"), &json!("The Team / Sub"), &json!(id), &json!("private"), &json!(""))
        );
        let member = app.get(&format!("groups/{id}/members/{}", ida.id)).token(&token).send().await;
        assert_eq!(member.json()["access_level"], 50);
        assert_eq!(app.actions().await[before..], ["group_created"; 2]);
    }

    async fn what_is_missing_or_broken_is_named(app: App) {
        let group = app.group("team").await;
        let before = app.actions().await;
        let with = |more: Value| {
            let mut body = json!({ "name": "Name", "path": "path" });
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            body
        };
        for (body, expected) in [
            (json!({}), error(400, "name is missing, path is missing")),
            (with(json!({ "name": ["a"] })), error(400, "name is invalid")),
            (with(json!({ "parent_id": "x" })), error(400, "parent_id is invalid")),
            (with(json!({ "visibility": "secret" })), error(400, "visibility does not have a valid value")),
            (with(json!({ "name": "" })), field("name", "can't be blank")),
            (with(json!({ "name": "a\u{0}" })), field("name", "can't contain control characters")),
            (with(json!({ "name": "x".repeat(100_000) })), field("name", "is too long (maximum is 255 characters)")),
            (with(json!({ "path": "a b" })), field("path", PATH_RULE)),
            (with(json!({ "path": "x".repeat(256) })), field("path", "is too long (maximum is 255 characters)")),
            (with(json!({ "description": "x".repeat(2_001) })), field("description", "is too long (maximum is 2000 characters)")),
            (with(json!({ "path": "TEAM" })), field("path", "has already been taken")),
            (with(json!({ "path": "root" })), field("path", "has already been taken")),
            (with(json!({ "parent_id": group.id, "visibility": "public" })), field("visibility_level", "public is not allowed in a private group")),
            (with(json!({ "parent_id": 4711 })), message(404, "404 Group Not Found")),
            (with(json!({ "parent_id": -1 })), message(404, "404 Group Not Found")),
        ] {
            let answer = app.post("groups").root().json(body.clone()).send().await;
            assert_eq!(answer.both(), expected, "{body:.100}");
        }
        assert_eq!(app.actions().await, before);
    }

    async fn a_path_is_given_once(app: App) {
        let body = json!({ "name": "Team", "path": "team" });
        let created = join_all((0..4).map(|_| app.post("groups").root().json(body.clone()).send())).await;
        let mut codes: Vec<_> = created.iter().map(tokenry_testkit::Answer::code).collect();
        codes.sort_unstable();
        assert_eq!(codes, [201, 400, 400, 400]);
        let refused = created.iter().find(|answer| answer.code() == 400).unwrap();
        assert_eq!(refused.both(), field("path", "has already been taken"));
    }

    async fn an_edit_leaves_the_rest(app: App) {
        let group = app.group("team").await;
        let project = app.project("team/app").await;
        let before = app.actions().await.len();
        let path = format!("groups/{}", group.id);
        let answer = app.put(&path).root().json(json!({ "description": "we", "path": "crew" })).send().await;
        assert_eq!(answer.code(), 200, "{}", answer.text);
        let body = answer.json();
        assert_eq!((&body["description"], &body["full_path"], &body["name"]), (&json!("we"), &json!("crew"), &json!("The team")));
        assert_eq!(app.get("groups/CREW").root().send().await.json(), body);
        let moved = app.get("projects/crew%2Fapp").root().send().await.json();
        assert_eq!((&moved["id"], &moved["name_with_namespace"]), (&json!(project.id), &json!("The team / The app")));
        let answer = app.put(&path).root().form("description=&visibility=public").send().await;
        assert_eq!((&answer.json()["description"], &answer.json()["visibility"]), (&json!(""), &json!("public")));
        assert_eq!(app.actions().await[before..], ["group_updated"; 2]);
        for (body, expected) in [
            (json!({ "path": "root" }), field("path", "has already been taken")),
            (json!({ "name": " " }), field("name", "can't be blank")),
            (json!({ "name": 5, "visibility": 0 }), error(400, "visibility does not have a valid value")),
        ] {
            assert_eq!(app.put(&path).root().json(body).send().await.both(), expected);
        }
        assert_eq!(app.actions().await.len(), before + 2);
    }

    async fn only_owners_edit_and_remove(app: App) {
        let group = app.group("team").await;
        let ida = app.user("ida").await;
        let (_, token) = app.token(ida.id, "api").await;
        app.member(group.place(), ida.id, AccessLevel::Maintainer).await;
        let before = app.actions().await;
        let path = format!("groups/{}", group.id);
        let inside = json!({ "name": "x", "path": "x", "parent_id": group.id });
        assert_eq!(app.put(&path).token(&token).json(json!({ "name": "x" })).send().await.both(), forbidden());
        assert_eq!(app.delete(&path).token(&token).send().await.both(), forbidden());
        assert_eq!(app.post("groups").token(&token).json(inside).send().await.both(), forbidden());
        assert_eq!(app.actions().await, before);
    }

    async fn a_removed_group_is_gone_with_all_beneath(app: App) {
        let ida = app.user("ida").await;
        let (_, token) = app.token(ida.id, "api").await;
        let group = app.group("team").await;
        app.group("team/sub").await;
        let project = app.project("team/sub/app").await;
        app.member(group.place(), ida.id, AccessLevel::Owner).await;
        app.member(project.place(), ida.id, AccessLevel::Guest).await;
        let before = app.actions().await.len();
        assert_eq!(app.delete("groups/team").token(&token).send().await.both(), message(202, "202 Accepted"));
        assert_eq!(app.actions().await[before..], ["group_deleted"]);
        for path in ["groups/team", "groups/team%2Fsub"] {
            assert_eq!(app.get(path).root().send().await.both(), message(404, "404 Group Not Found"));
            assert_eq!(app.delete(path).root().send().await.both(), message(404, "404 Group Not Found"));
        }
        let path = format!("projects/{}", project.id);
        assert_eq!(app.get(&path).root().send().await.both(), message(404, "404 Project Not Found"));
        app.group("team").await;
    }

    async fn people_from_outside_found_nothing(app: App) {
        let ida = app.user("ida").await;
        let (_, token) = app.token(ida.id, "api").await;
        app.put(&format!("users/{}", ida.id)).root().json(json!({ "external": true })).send().await;
        let group = app.post("groups").token(&token).json(json!({ "name": "x", "path": "x" })).send().await;
        assert_eq!(group.both(), message(403, "403 Forbidden - not permitted to create groups at the top"));
        let project = app.post("projects").token(&token).json(json!({ "name": "x" })).send().await;
        assert_eq!(project.both(), message(403, "403 Forbidden - not permitted to create projects of your own"));
    }
}
