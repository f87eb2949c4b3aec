//! `POST /projects`, `PUT` and `DELETE /projects/:id`, and archiving.

use futures_util::future::join_all;
use serde_json::{Value, json};
use tokenry_domain::AccessLevel;
use tokenry_testkit::{App, both_engines};

use crate::{error, forbidden, message};

fn field(name: &str, problem: &str) -> (u16, Value) {
    (400, json!({ "message": { name: [problem] } }))
}

both_engines! {
    async fn a_project_is_created_at_home_or_in_a_group(app: App) {
        let ida = app.user("ida").await;
        let (_, token) = app.token(ida.id, "api").await;
        let before = app.actions().await.len();
        let answer = app.post("projects").token(&token).json(json!({ "name": "My App" })).send().await;
        assert_eq!(answer.code(), 201);
        insta::assert_json_snapshot!("created", answer.json());
        let group = app.group("team").await;
        app.member(group.place(), ida.id, AccessLevel::Developer).await;
        let body = json!({ "path": "Tool", "namespace_id": group.id, "description": "useful" });
        let answer = app.post("projects").token(&token).json(body).send().await;
        assert_eq!(answer.code(), 201, "{}", answer.text);
        let tool = answer.json();
        assert_eq!(
            (&tool["name"], &tool["path_with_namespace"], &tool["visibility"], &tool["namespace"]["kind"]),
            (&json!("Tool"), &json!("team/Tool"), &json!("private"), &json!("group"))
        );
        let actions = app.actions().await.split_off(before);
        assert_eq!(actions, ["project_created", "group_created", "member_added", "project_created"]);
    }

    async fn what_is_missing_or_broken_is_named(app: App) {
        let group = app.group("team").await;
        app.project("team/app").await;
        let before = app.actions().await;
        let inside = |name: &str| json!({ "name": name, "namespace_id": group.id });
        for (body, expected) in [
            (json!({}), error(400, "name, path are missing, at least one parameter must be provided")),
            (json!({ "name": ["x"] }), error(400, "name is invalid")),
            (json!({ "name": "x", "namespace_id": "team" }), error(400, "namespace_id is invalid")),
            (json!({ "name": "x", "visibility": true }), error(400, "visibility does not have a valid value")),
            (json!({ "name": "x", "namespace_id": 4711 }), field("namespace", "is not valid")),
            (json!({ "name": "x", "namespace_id": -1 }), field("namespace", "is not valid")),
            (inside("APP"), field("path", "has already been taken")),
            (inside("🦀"), field("path", "can't be blank")),
            (inside("a\u{7}"), field("name", "can't contain control characters")),
            (json!({ "name": "x", "namespace_id": group.id, "visibility": "internal" }), field("visibility_level", "internal is not allowed in a private group")),
        ] {
            let answer = app.post("projects").root().json(body.clone()).send().await;
            assert_eq!(answer.both(), expected, "{body:.100}");
        }
        assert_eq!(app.actions().await, before);
    }

    async fn a_path_is_given_once(app: App) {
        let group = app.group("team").await;
        let project = json!({ "name": "x", "namespace_id": group.id });
        let sub = json!({ "name": "x", "path": "x", "parent_id": group.id });
        let projects = (0..3).map(|_| app.post("projects").root().json(project.clone()).send());
        let groups = (0..3).map(|_| app.post("groups").root().json(sub.clone()).send());
        let (projects, groups) = tokio::join!(join_all(projects), join_all(groups));
        let mut codes: Vec<_> = projects.iter().chain(&groups).map(tokenry_testkit::Answer::code).collect();
        codes.sort_unstable();
        assert_eq!(codes, [201, 400, 400, 400, 400, 400]);
    }

    async fn in_a_group_it_takes_developers(app: App) {
        let group = app.group("team").await;
        let ida = app.user("ida").await;
        let (_, token) = app.token(ida.id, "api").await;
        let body = json!({ "name": "x", "namespace_id": group.id });
        let create = async || app.post("projects").token(&token).json(body.clone()).send().await.both();
        assert_eq!(create().await, field("namespace", "is not valid"), "it is hidden");
        app.member(group.place(), ida.id, AccessLevel::Reporter).await;
        assert_eq!(create().await, forbidden());
    }

    async fn an_edit_leaves_the_rest(app: App) {
        app.group("team").await;
        let project = app.project("team/app").await;
        let before = app.actions().await.len();
        let path = format!("projects/{}", project.id);
        let answer = app.put(&path).root().json(json!({ "path": "tool", "description": "useful" })).send().await;
        assert_eq!(answer.code(), 200, "{}", answer.text);
        let body = answer.json();
        assert_eq!(
            (&body["name"], &body["path_with_namespace"], &body["description"]),
            (&json!("The app"), &json!("team/tool"), &json!("useful"))
        );
        let cleared = app.put("projects/team%2Ftool").root().json(json!({ "description": null })).send().await;
        assert_eq!(cleared.json()["description"], Value::Null);
        for (verb, archived) in [("archive", true), ("unarchive", false)] {
            let answer = app.post(&format!("{path}/{verb}")).root().send().await;
            assert_eq!((answer.code(), &answer.json()["archived"]), (201, &json!(archived)));
        }
        assert_eq!(app.actions().await[before..], ["project_updated"; 4]);
        let taken = app.project("team/app").await;
        let answer = app.put(&format!("projects/{}", taken.id)).root().json(json!({ "path": "TOOL" })).send().await;
        assert_eq!(answer.both(), field("path", "has already been taken"));
    }

    async fn roles_decide_on_edits_and_removals(app: App) {
        app.group("team").await;
        let project = app.project("team/app").await;
        let path = format!("projects/{}", project.id);
        for (level, edit, remove) in [
            (AccessLevel::Developer, 403, 403),
            (AccessLevel::Maintainer, 200, 403),
            (AccessLevel::Owner, 200, 202),
        ] {
            let user = app.user(&format!("p{}", level.number())).await;
            let (_, token) = app.token(user.id, "api").await;
            app.member(project.place(), user.id, level).await;
            let answer = app.put(&path).token(&token).json(json!({ "name": "x" })).send().await;
            assert_eq!(answer.code(), edit, "{level:?}");
            let answer = app.delete(&path).token(&token).send().await;
            let expected = if remove == 403 { forbidden() } else { message(202, "202 Accepted") };
            assert_eq!(answer.both(), expected, "{level:?}");
        }
        assert_eq!(app.delete(&path).root().send().await.both(), message(404, "404 Project Not Found"));
    }
}
