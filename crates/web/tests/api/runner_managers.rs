//! The machines that work as a runner: heard of, listed and removed.

use futures_util::future::join_all;
use serde_json::{Value, json};
use tokenry_domain::{
    AccessLevel::{Developer, Maintainer},
    runner_manager::MOST,
};
use tokenry_testkit::{Answer, App, both_engines, fixture::ROOT_TOKEN};

use crate::{error, forbidden, message, secret, unauthorized};

const VERIFY: &str = "runners/verify";
const MANAGERS: &str = "runners/managers";

/// A runner of the instance: its id and its token.
async fn runner(app: &App) -> (Value, String) {
    let new = json!({ "runner_type": "instance_type" });
    let made = app.post("user/runners").root().json(new).send().await;
    (made.json()["id"].clone(), secret(&made))
}

/// What comes of a machine's showing a token from its usual address.
async fn shown(app: &App, token: &str, said: Value) -> Answer {
    let mut body = json!({ "token": token });
    for (name, value) in said.as_object().unwrap() {
        body[name] = value.clone();
    }
    app.post(VERIFY).from("203.0.113.9").json(body).send().await
}

/// The same; it must be let in.
async fn heard(app: &App, token: &str, said: Value) {
    let answer = shown(app, token, said).await;
    assert_eq!(answer.code(), 200, "{}", answer.text);
}

/// The managers of a runner, as root sees them.
async fn managers(app: &App, id: &Value) -> Vec<Value> {
    let answer = app
        .get(&format!("runners/{id}/managers"))
        .root()
        .send()
        .await;
    assert_eq!(answer.code(), 200, "{}", answer.text);
    answer.json().as_array().unwrap().clone()
}

fn names(managers: &[Value]) -> Vec<&str> {
    let names = managers
        .iter()
        .map(|one| one["system_id"].as_str().unwrap());
    names.collect()
}

both_engines! {
    async fn a_machine_that_says_who_it_is_becomes_a_manager(app: App) {
        let (id, token) = runner(&app).await;
        let before = app.actions().await.len();
        let info = json!({
            "name": "gitlab-runner", "version": "17.1.0", "revision": "535ced5f", "platform": "linux",
            "architecture": "amd64", "executor": "shell", "features": { "cancelable": true },
        });
        let verified = json!({ "id": id, "token": token, "token_expires_at": null });
        let answer = shown(&app, &token, json!({ "system_id": "s_89e5", "info": info })).await;
        assert_eq!(answer.both(), (200, verified));
        heard(&app, &token, json!({ "system_id": "r_1" })).await;
        let all = app.get(&format!("runners/{id}/managers")).root().send().await;
        insta::assert_json_snapshot!("managers", all.json());
        let added = ["runner_manager_added", "runner_manager_added"];
        assert_eq!(app.actions().await[before..], added);
        let trail = app.fixture.trail().await;
        let row = &trail[before];
        assert_eq!((row.actor_user, row.actor_token.is_some()), (None, true), "the runner itself");
        assert_eq!(row.target, ("runner".to_owned(), id.as_i64()));
        assert_eq!((&row.before, &row.after["system_id"]), (&Value::Null, &json!("s_89e5")));
        assert!(trail.iter().all(|row| !format!("{row:?}").contains(&token)));

        app.fixture.clock.advance(7_200);
        assert_eq!(managers(&app, &id).await[0]["status"], "offline");
        app.fixture.clock.advance(90 * 86_400);
        assert_eq!(managers(&app, &id).await[0]["status"], "stale");
    }

    async fn who_does_not_say_so_leaves_no_trace(app: App) {
        let (id, token) = runner(&app).await;
        let before = app.actions().await;
        for said in [json!({}), json!({ "system_id": "" }), json!({ "system_id": null, "info": { "version": "17" } })] {
            heard(&app, &token, said).await;
        }
        assert!(managers(&app, &id).await.is_empty());
        assert_eq!(app.actions().await, before);
    }

    async fn later_contacts_are_written_when_they_have_news_or_are_due(app: App) {
        let (id, token) = runner(&app).await;
        let said = |version: &str| json!({ "system_id": "s", "info": { "version": version } });
        let told = async || {
            let all = managers(&app, &id).await;
            let [one] = all.as_slice() else { panic!("{all:?}") };
            (one["version"].clone(), one["contacted_at"].clone(), one["ip_address"].clone())
        };
        heard(&app, &token, said("17.1")).await;
        let (first, before) = (told().await, app.actions().await);
        app.fixture.clock.advance(299);
        heard(&app, &token, said("17.1")).await;
        heard(&app, &token, json!({ "system_id": "s" })).await;
        assert_eq!(told().await, first, "minutes don't matter");
        app.fixture.clock.advance(1);
        heard(&app, &token, json!({ "system_id": "s" })).await;
        let due = told().await;
        assert_eq!((&due.0, due.1.as_str()), (&json!("17.1"), Some("2031-04-05T12:05:00.123Z")));
        let moved = json!({ "token": token, "system_id": "s" });
        app.post(VERIFY).from("203.0.113.77").json(moved).send().await;
        assert_eq!(told().await.2, "203.0.113.77");
        assert_eq!(app.actions().await, before, "that it was there again isn't for the trail");

        heard(&app, &token, said("17.2")).await;
        assert_eq!(told().await.0, "17.2");
        assert_eq!(app.actions().await[before.len()..], ["runner_manager_changed"]);
        let trail = app.fixture.trail().await;
        let row = trail.last().unwrap();
        assert_eq!((&row.before["version"], &row.after["version"]), (&json!("17.1"), &json!("17.2")));
    }

    async fn of_many_first_contacts_at_once_one_is_the_first(app: App) {
        let (id, token) = runner(&app).await;
        let before = app.actions().await.len();
        let asked = (0..5).map(|_| shown(&app, &token, json!({ "system_id": "s" })));
        let codes: Vec<_> = join_all(asked).await.iter().map(Answer::code).collect();
        assert_eq!(codes, [200; 5]);
        assert_eq!(names(&managers(&app, &id).await), ["s"]);
        assert_eq!(app.actions().await[before..], ["runner_manager_added"]);
    }

    async fn the_one_heard_of_the_longest_ago_makes_room(app: App) {
        let (id, token) = runner(&app).await;
        for number in 0..MOST {
            heard(&app, &token, json!({ "system_id": format!("s_{number}") })).await;
        }
        app.fixture.clock.advance(600);
        heard(&app, &token, json!({ "system_id": "s_0" })).await;
        let before = app.actions().await.len();
        heard(&app, &token, json!({ "system_id": "new" })).await;
        let all = managers(&app, &id).await;
        let names = names(&all);
        assert_eq!((names.len(), names.first(), names.last()), (MOST, Some(&"s_0"), Some(&"new")));
        assert!(!names.contains(&"s_1"), "{names:?}");
        assert_eq!(app.actions().await[before..], ["runner_manager_added"]);
        let trail = app.fixture.trail().await;
        assert_eq!(trail[before].before["system_id"], "s_1", "who made room is in the row");
    }

    async fn a_manager_is_removed_with_the_runners_token(app: App) {
        let ((id, token), (other, others)) = (runner(&app).await, runner(&app).await);
        for (token, name) in [(&token, "a"), (&token, "b"), (&others, "a")] {
            heard(&app, token, json!({ "system_id": name })).await;
        }
        let before = app.actions().await.len();
        let remove = async |token: &str, system_id: &str| {
            let body = json!({ "token": token, "system_id": system_id });
            app.delete(MANAGERS).json(body).send().await.both()
        };
        let unknown = message(404, "404 Runner manager Not Found");
        for bad in [ROOT_TOKEN, "rubbish", "", "glrt-unknown", "\u{0}"] {
            assert_eq!(remove(bad, "a").await, forbidden(), "{bad}");
        }
        for (system_id, expected) in [("c", unknown.clone()), ("A", unknown.clone())] {
            assert_eq!(remove(&token, system_id).await, expected, "{system_id}");
        }
        for odd in ["", "a\u{0}", &"x".repeat(65)] {
            assert_eq!(remove(&token, odd).await.0, 400, "{odd}");
        }
        let none = app.delete(MANAGERS).send().await;
        assert_eq!(none.both(), error(400, "token is missing, system_id is missing"));
        assert_eq!(app.actions().await.len(), before);

        assert_eq!(remove(&token, "a").await, (204, Value::Null));
        assert_eq!(remove(&token, "a").await, unknown);
        assert_eq!(names(&managers(&app, &id).await), ["b"]);
        assert_eq!(names(&managers(&app, &other).await), ["a"]);
        assert_eq!(app.actions().await[before..], ["runner_manager_removed"]);
        heard(&app, &token, json!({ "system_id": "a" })).await;
        assert_eq!(names(&managers(&app, &id).await), ["b", "a"], "it is there again");
    }

    async fn of_many_who_remove_one_at_once_one_does(app: App) {
        let (_, token) = runner(&app).await;
        heard(&app, &token, json!({ "system_id": "s" })).await;
        let before = app.actions().await.len();
        let body = json!({ "token": token, "system_id": "s" });
        let asked = (0..5).map(|_| app.delete(MANAGERS).json(body.clone()).send());
        let mut codes: Vec<_> = join_all(asked).await.iter().map(Answer::code).collect();
        codes.sort_unstable();
        assert_eq!(codes, [204, 404, 404, 404, 404]);
        assert_eq!(app.actions().await[before..], ["runner_manager_removed"]);
    }

    async fn odd_machines_are_not_heard_of(app: App) {
        let (id, token) = runner(&app).await;
        let before = app.actions().await;
        for (said, wrong) in [
            (json!({ "system_id": "x".repeat(65) }), "system_id"),
            (json!({ "system_id": "a\u{0}" }), "system_id"),
            (json!({ "system_id": " " }), "system_id"),
            (json!({ "system_id": ["s"] }), "system_id is invalid"),
            (json!({ "system_id": "s", "info": "17.1" }), "info is invalid"),
            (json!({ "system_id": "s", "info": [] }), "info is invalid"),
            (json!({ "system_id": "s", "info": { "version": {} } }), "info[version] is invalid"),
            (json!({ "system_id": "s", "info": { "platform": "x".repeat(256) } }), "platform"),
            (json!({ "system_id": "s", "info": { "revision": "\u{1b}[2J" } }), "revision"),
        ] {
            let answer = shown(&app, &token, said.clone()).await;
            assert!(answer.code() == 400 && answer.text.contains(wrong), "{said} {}", answer.text);
        }
        let bad = shown(&app, ROOT_TOKEN, json!({ "system_id": "s" })).await;
        assert_eq!(bad.both(), forbidden());
        assert!(managers(&app, &id).await.is_empty());
        assert_eq!(app.actions().await, before);
        let form = format!("token={token}&system_id=s&info[version]=17.1&info[x]=y");
        let sent = app.post(VERIFY).body("application/x-www-form-urlencoded", form).send().await;
        assert_eq!(sent.code(), 200, "{}", sent.text);
        assert_eq!(managers(&app, &id).await[0]["version"], "17.1");
    }

    async fn whoever_sees_the_runner_sees_them(app: App) {
        let (ida, ben) = (app.user("ida").await, app.user("ben").await);
        app.group("team").await;
        let project = app.project("team/app").await;
        app.member(project.place(), ida.id, Maintainer).await;
        app.member(project.place(), ben.id, Developer).await;
        let (_, idas) = app.token(ida.id, "manage_runner").await;
        let (_, bens) = app.token(ben.id, "api").await;
        let new = json!({ "runner_type": "project_type", "project_id": project.id });
        let made = app.post("user/runners").root().json(new).send().await;
        heard(&app, &secret(&made), json!({ "system_id": "s" })).await;
        let path = format!("runners/{}/managers", made.json()["id"]);
        let seen = app.get(&path).token(&idas).send().await;
        assert_eq!((seen.code(), names(seen.json().as_array().unwrap())), (200, vec!["s"]));
        let denied = message(403, "403 Forbidden - No access granted");
        assert_eq!(app.get(&path).token(&bens).send().await.both(), denied);
        assert_eq!(app.get(&path).send().await.both(), unauthorized());
        let unknown = app.get("runners/4711/managers").root().send().await;
        assert_eq!(unknown.both(), message(404, "404 Runner Not Found"));
    }

    async fn who_registers_is_the_first_manager(app: App) {
        let before = app.actions().await.len();
        let new = json!({ "token": ROOT_TOKEN, "system_id": "s", "info": { "version": "15.0" } });
        let made = app.post("runners").json(new).send().await;
        assert_eq!(made.code(), 201, "{}", made.text);
        let all = managers(&app, &made.json()["id"]).await;
        assert_eq!((names(&all), &all[0]["version"]), (vec!["s"], &json!("15.0")));
        assert_eq!(app.actions().await[before..], ["holder_created"], "one change, one row");
        assert_eq!(app.fixture.trail().await[before].after["manager"]["system_id"], "s");
        let odd = json!({ "token": ROOT_TOKEN, "system_id": "x".repeat(65) });
        assert_eq!(app.post("runners").json(odd).send().await.code(), 400);
        assert_eq!(app.actions().await.len(), before + 1);
    }

    async fn they_go_with_the_runner_and_stay_with_a_new_token(app: App) {
        let (id, token) = runner(&app).await;
        heard(&app, &token, json!({ "system_id": "s" })).await;
        let reset = app.post("runners/reset_authentication_token").json(json!({ "token": token })).send().await;
        let late = shown(&app, &token, json!({ "system_id": "late" })).await;
        assert_eq!(late.both(), forbidden());
        assert_eq!(names(&managers(&app, &id).await), ["s"]);
        assert_eq!(app.delete("runners").json(json!({ "token": secret(&reset) })).send().await.code(), 204);
        let gone = app.get(&format!("runners/{id}/managers")).root().send().await;
        assert_eq!(gone.both(), message(404, "404 Runner Not Found"));
    }

    async fn runners_are_listed_by_the_version_of_a_manager(app: App) {
        let ((one, token), (two, other), (_, silent)) = (runner(&app).await, runner(&app).await, runner(&app).await);
        for (token, system_id, version) in [(&token, "a", "16.11.1"), (&token, "b", "17.1.0"), (&other, "a", "17.2.3")] {
            heard(&app, token, json!({ "system_id": system_id, "info": { "version": version } })).await;
        }
        heard(&app, &silent, json!({ "system_id": "a" })).await;
        let list = async |query: &str| app.get(&format!("runners/all?version_prefix={query}")).root().send().await.column("id");
        for (query, expected) in [
            ("17.", vec![&one, &two]),
            ("16", vec![&one]),
            ("17.2", vec![&two]),
            ("7", vec![]),
            ("17&per_page=1&page=2", vec![&two]),
            ("17&type=group_type", vec![]),
        ] {
            assert_eq!(json!(list(query).await), json!(expected), "{query}");
        }
        let all = app.get("runners/all?version_prefix=").root().send().await;
        assert_eq!(all.column("id").len(), 3);
        let bad = app.get("runners/all?version_prefix=%00").root().send().await;
        assert_eq!(bad.both(), error(400, "version_prefix is invalid"));
    }
}
