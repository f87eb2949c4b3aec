//! `/projects/:id/members` and `/groups/:id/members`.

use futures_util::future::join_all;
use serde_json::{Value, json};
use tokenry_domain::AccessLevel;
use tokenry_testkit::{App, both_engines};

use crate::{error, forbidden, message};

async fn roles(app: &App, path: &str) -> Vec<(Value, Value)> {
    let answer = app.get(path).root().send().await;
    let names = answer.column("username");
    names
        .into_iter()
        .zip(answer.column("access_level"))
        .collect()
}

both_engines! {
    async fn members_are_added_shown_changed_and_removed(app: App) {
        app.group("team").await;
        app.project("team/app").await;
        let ida = app.user("ida").await;
        for place in ["groups/team", "projects/team%2Fapp"] {
            let before = app.actions().await.len();
            let all = format!("{place}/members");
            let one = format!("{all}/{}", ida.id);
            let body = json!({ "user_id": ida.id, "access_level": 30, "expires_at": "2031-12-31" });
            let answer = app.post(&all).root().json(body.clone()).send().await;
            assert_eq!(answer.code(), 201);
            insta::allow_duplicates! { insta::assert_json_snapshot!("added", answer.json()); }
            assert_eq!(app.get(&one).root().send().await.json(), answer.json());
            assert_eq!(app.get(&all).root().send().await.json(), json!([answer.json()]));
            let again = app.post(&all).root().json(body).send().await;
            assert_eq!(again.both(), message(409, "Member already exists"));
            let changed = app.put(&one).root().json(json!({ "access_level": 20 })).send().await;
            assert_eq!(changed.code(), 200);
            assert_eq!((&changed.json()["access_level"], &changed.json()["expires_at"]), (&json!(20), &json!("2031-12-31")));
            let changed = app.put(&one).root().form("access_level=20&expires_at=").send().await;
            assert_eq!(changed.json()["expires_at"], Value::Null);
            assert_eq!(app.delete(&one).root().send().await.both(), (204, Value::Null));
            for method in ["GET", "DELETE"] {
                assert_eq!(app.ask(method, &one).root().send().await.both(), message(404, "404 Not found"));
            }
            let gone = app.put(&one).root().json(json!({ "access_level": 20 })).send().await;
            assert_eq!(gone.both(), message(404, "404 Not found"));
            let actions = app.actions().await.split_off(before);
            assert_eq!(actions, ["member_added", "member_changed", "member_changed", "member_removed"]);
        }
    }

    async fn roles_from_above_are_shown_where_asked_for(app: App) {
        let group = app.group("team").await;
        let project = app.project("team/app").await;
        let (ida, bo) = (app.user("ida").await.id, app.user("bo").await.id);
        app.member(group.place(), ida, AccessLevel::Owner).await;
        app.member(project.place(), ida, AccessLevel::Guest).await;
        app.member(project.place(), bo, AccessLevel::Reporter).await;
        let role = |name: &str, level: i64| (json!(name), json!(level));
        assert_eq!(roles(&app, "projects/team%2Fapp/members").await, [role("ida", 10), role("bo", 20)]);
        assert_eq!(roles(&app, "projects/team%2Fapp/members/all").await, [role("ida", 50), role("bo", 20)]);
        assert_eq!(roles(&app, "groups/team/members/all").await, [role("ida", 50)]);
        assert_eq!(roles(&app, "projects/team%2Fapp/members/all?query=BO").await, [role("bo", 20)]);
        assert_eq!(roles(&app, "projects/team%2Fapp/members?per_page=1&page=2").await, [role("bo", 20)]);
        let next = format!("projects/team%2Fapp/members?pagination=keyset&id_after={ida}");
        assert_eq!(roles(&app, &next).await, [role("bo", 20)]);
        for (path, level) in [(format!("members/{ida}"), 10), (format!("members/all/{ida}"), 50)] {
            let answer = app.get(&format!("projects/{}/{path}", project.id)).root().send().await;
            assert_eq!((answer.code(), &answer.json()["access_level"]), (200, &json!(level)));
        }
        let above = format!("groups/{}/members/{bo}", group.id);
        assert_eq!(app.get(&above).root().send().await.both(), message(404, "404 Not found"));
    }

    async fn what_is_missing_or_broken_is_named(app: App) {
        app.group("team").await;
        let before = app.actions().await;
        for (body, expected) in [
            (json!({}), error(400, "user_id, username are missing, exactly one parameter must be provided, access_level is missing")),
            (json!({ "user_id": 1, "username": "root", "access_level": 10 }), error(400, "user_id, username are mutually exclusive")),
            (json!({ "user_id": "1,2", "access_level": 10 }), error(400, "user_id is invalid")),
            (json!({ "username": "a\u{0}", "access_level": 10 }), error(400, "username is invalid")),
            (json!({ "user_id": 1, "access_level": 35 }), error(400, "access_level does not have a valid value")),
            (json!({ "user_id": 1, "access_level": "high" }), error(400, "access_level is invalid")),
            (json!({ "user_id": 1, "access_level": 10, "expires_at": "soon" }), error(400, "expires_at is invalid")),
            (json!({ "user_id": 1, "access_level": 10, "expires_at": "2031-04-05" }), (400, json!({ "message": { "expires_at": ["must be in the future"] } }))),
            (json!({ "user_id": 4711, "access_level": 10 }), message(404, "404 User Not Found")),
            (json!({ "username": "nobody", "access_level": 10 }), message(404, "404 User Not Found")),
        ] {
            let answer = app.post("groups/team/members").root().json(body.clone()).send().await;
            assert_eq!(answer.both(), expected, "{body}");
        }
        for (method, path, expected) in [
            ("GET", "groups/team/members/x", error(400, "user_id is invalid")),
            ("GET", "groups/team/members/4711", message(404, "404 Not found")),
            ("DELETE", "groups/team/members/0", message(404, "404 Not found")),
            ("PUT", "groups/team/members/1", error(400, "access_level is missing")),
            ("GET", "groups/team/members?query=%00", error(400, "query is invalid")),
        ] {
            assert_eq!(app.ask(method, path).root().send().await.both(), expected, "{method} {path}");
        }
        assert_eq!(app.actions().await, before);
    }

    async fn a_user_is_named_by_username_too(app: App) {
        app.group("team").await;
        app.user("ida").await;
        let body = json!({ "username": "IDA", "access_level": 25 });
        let answer = app.post("groups/team/members").root().json(body).send().await;
        assert_eq!((answer.code(), &answer.json()["username"], &answer.json()["access_level"]), (201, &json!("ida"), &json!(25)));
    }

    async fn roles_decide_who_changes_members(app: App) {
        let group = app.group("team").await;
        let project = app.project("team/app").await;
        let (ida, bo) = (app.user("ida").await.id, app.user("bo").await.id);
        let (_, token) = app.token(ida, "api").await;
        app.member(group.place(), ida, AccessLevel::Developer).await;
        app.member(group.place(), bo, AccessLevel::Owner).await;
        app.member(project.place(), bo, AccessLevel::Guest).await;
        let before = app.actions().await;
        let body = json!({ "user_id": 1, "access_level": 10 });
        for place in ["groups/team", "projects/team%2Fapp"] {
            let all = format!("{place}/members");
            assert_eq!(app.get(&all).token(&token).send().await.code(), 200);
            assert_eq!(app.post(&all).token(&token).json(body.clone()).send().await.both(), forbidden());
            let one = format!("{all}/{bo}");
            assert_eq!(app.put(&one).token(&token).json(json!({ "access_level": 10 })).send().await.both(), forbidden());
            assert_eq!(app.delete(&one).token(&token).send().await.both(), forbidden());
        }
        assert_eq!(app.actions().await, before);
        app.member(project.place(), ida, AccessLevel::Maintainer).await;
        let answer = app.post("projects/team%2Fapp/members").token(&token).json(json!({ "user_id": 1, "access_level": 50 })).send().await;
        assert_eq!(answer.both(), message(403, "403 Forbidden - not permitted to give or take a higher role than yours"));
        let last = app.delete(&format!("groups/team/members/{bo}")).root().send().await;
        assert_eq!(last.both(), message(403, "403 Forbidden - not permitted to take the role of a group's last owner"));
        let leaving = app.delete(&format!("groups/team/members/{ida}")).token(&token).send().await;
        assert_eq!(leaving.code(), 204);
    }

    async fn of_several_additions_one_is_made(app: App) {
        app.group("team").await;
        let ida = app.user("ida").await;
        let before = app.actions().await.len();
        let body = json!({ "user_id": ida.id, "access_level": 30 });
        let answers = join_all((0..4).map(|_| app.post("groups/team/members").root().json(body.clone()).send())).await;
        let mut codes: Vec<_> = answers.iter().map(tokenry_testkit::Answer::code).collect();
        codes.sort_unstable();
        assert_eq!(codes, [201, 409, 409, 409]);
        assert_eq!(app.actions().await[before..], ["member_added"]);
    }
}
