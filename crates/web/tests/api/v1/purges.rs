//! `/api/v1/purges`.

use axum::body::Body;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tokenry_authority::users::UserChange;
use tokenry_domain::{UserId, user::StateChange};
use tokenry_testkit::{Answer, App, both_engines};

use super::refused;

const PURGES: &str = "/api/v1/purges";

async fn file(app: &App, body: Value) -> Answer {
    app.post(PURGES).root().json(body).send().await
}

/// Tokens of ida's, so many; the second is revoked.
async fn tokens(app: &App, count: usize) -> (UserId, Vec<i64>) {
    let ida = app.user("ida").await;
    let mut ids = Vec::new();
    for _ in 0..count {
        ids.push(app.token(ida.id, "read_api").await.0.get());
    }
    let second = format!("personal_access_tokens/{}", ids[1]);
    assert_eq!(app.delete(&second).root().send().await.code(), 204);
    app.fixture.clock.advance(1);
    (ida.id, ids)
}

async fn work_off(app: &App) {
    app.fixture.authority.work_off_purges().await.unwrap();
}

/// The next event of a stream: its name and its data.
async fn event(body: &mut Body) -> Option<(String, Value)> {
    let frame = body.frame().await?.unwrap().into_data().unwrap();
    let text = String::from_utf8(frame.to_vec()).unwrap();
    let part = |name: &str| {
        text.lines()
            .find_map(|line| line.strip_prefix(name))
            .unwrap()
    };
    let data = serde_json::from_str(part("data: ")).unwrap();
    Some((part("event: ").to_owned(), data))
}

async fn is_there(app: &App, id: i64) -> bool {
    let path = format!("personal_access_tokens/{id}");
    app.get(&path).root().send().await.code() == 200
}

both_engines! {
    async fn a_purge_is_filed_run_and_shown(app: App) {
        let (_, ids) = tokens(&app, 3).await;
        let filter = json!({ "owner": "ida", "state": "revoked" });
        let filed = file(&app, json!({ "filter": filter, "reason": "tidying" })).await;
        assert_eq!(filed.code(), 202);
        insta::assert_json_snapshot!("filed", filed.json());
        let before = app.actions().await.len();
        work_off(&app).await;
        assert_eq!(app.actions().await[before..], ["tokens_purged", "purge_done"]);
        let shown = app.get("/api/v1/purges/1").root().send().await;
        assert_eq!(shown.code(), 200);
        insta::assert_json_snapshot!("done", shown.json());
        assert!(is_there(&app, ids[0]).await && !is_there(&app, ids[1]).await);
        let listed = app.get(PURGES).root().send().await;
        assert_eq!(listed.both(), (200, json!({ "purges": [shown.json()], "next_cursor": null })));
    }

    async fn a_dry_run_tells_how_many_would_go(app: App) {
        let (_, ids) = tokens(&app, 3).await;
        let filed = file(&app, json!({ "filter": { "owner": "ida" }, "dry_run": true })).await;
        assert_eq!((filed.code(), &filed.json()["dry_run"]), (202, &json!(true)));
        work_off(&app).await;
        let shown = app.get("/api/v1/purges/1").root().send().await.json();
        assert_eq!((&shown["state"], &shown["deleted"]), (&json!("done"), &json!(3)));
        assert!(is_there(&app, ids[1]).await);
    }

    async fn durations_are_kept_as_moments(app: App) {
        let filter = json!({ "ended_before": "7d", "kind": "personal,impersonation" });
        let filed = file(&app, json!({ "filter": filter })).await.json();
        assert_eq!(filed["filter"]["ended_before"], "2031-03-29T12:00:00.123456Z");
        assert_eq!(filed["filter"]["kind"], "personal,impersonation");
        let filter = json!({ "kind": ["personal"], "owner": 1, "never_used": true });
        let filed = file(&app, json!({ "filter": filter })).await.json();
        let kept = json!({ "kind": "personal", "owner": "1", "never_used": "true" });
        assert_eq!(filed["filter"], kept, "as it may be written for /tokens/revoke");
    }

    async fn what_cannot_be_filed_is_refused(app: App) {
        let before = app.actions().await;
        for (body, field) in [
            (json!({ "filter": {} }), "filter"),
            (json!({}), "lacks filter"),
            (json!({ "filter": { "colour": "red" } }), "filter"),
            (json!({ "filter": { "state": "asleep" } }), "state"),
            (json!({ "filter": { "owner": "nobody" } }), "owner"),
            (json!({ "filter": { "state": 1 } }), "state"),
            (json!({ "filter": { "state": { "is": "revoked" } } }), "filter.state"),
            (json!({ "filter": { "state": "revoked" }, "reason": "" }), "reason"),
            (json!({ "filter": { "state": "revoked" }, "dry": true }), "dry"),
        ] {
            let answer = file(&app, body.clone()).await;
            assert_eq!(refused(&answer), (400, "invalid".to_owned()), "{body}");
            let problems = answer.json()["errors"].to_string();
            assert!(problems.contains(field), "{body}: {problems}");
        }
        assert_eq!(app.actions().await, before);
    }

    async fn only_administrators_see_and_file_purges(app: App) {
        let (ida, _) = tokens(&app, 2).await;
        let (_, own) = app.token(ida, "api").await;
        file(&app, json!({ "filter": { "owner": "ida" } })).await;
        let before = app.actions().await;
        let asked = json!({ "filter": { "owner": "ida" } });
        for answer in [
            app.post(PURGES).token(&own).json(asked).send().await,
            app.get(PURGES).token(&own).send().await,
            app.get("/api/v1/purges/1").token(&own).send().await,
            app.post("/api/v1/purges/1/cancel").token(&own).send().await,
        ] {
            assert_eq!(refused(&answer), (403, "admin_only".to_owned()));
        }
        assert_eq!(app.actions().await, before);
    }

    async fn a_purge_is_stopped_once(app: App) {
        tokens(&app, 2).await;
        file(&app, json!({ "filter": { "owner": "ida" } })).await;
        let cancel = || app.post("/api/v1/purges/1/cancel").root().send();
        let stopped = cancel().await;
        assert_eq!((stopped.code(), &stopped.json()["state"]), (200, &json!("cancelled")));
        assert_eq!(refused(&cancel().await), (409, "purge_ended".to_owned()));
        assert_eq!(app.actions().await.last().unwrap(), "purge_cancelled");
        let missing = ("purge_not_found".to_owned(), 404);
        for path in ["/api/v1/purges/9", "/api/v1/purges/0"] {
            let (status, code) = refused(&app.get(path).root().send().await);
            assert_eq!((code, status), missing);
        }
    }

    async fn a_long_list_goes_by_cursors(app: App) {
        for _ in 0..3 {
            file(&app, json!({ "filter": { "state": "revoked" } })).await;
        }
        let first = app.get("/api/v1/purges?per_page=2").root().send().await.json();
        let ids = |page: &Value| -> Vec<Value> {
            page["purges"].as_array().unwrap().iter().map(|one| one["id"].clone()).collect()
        };
        assert_eq!(ids(&first), [3, 2]);
        let cursor = first["next_cursor"].as_str().unwrap();
        let rest = app.get(&format!("/api/v1/purges?cursor={cursor}")).root().send().await.json();
        assert_eq!((ids(&rest), &rest["next_cursor"]), (vec![json!(1)], &Value::Null));
        let made_up = app.get("/api/v1/purges?cursor=abc").root().send().await;
        assert_eq!(refused(&made_up), (400, "broken_cursor".to_owned()));
        for bad in ["0", "101", "-1", "many"] {
            let refusal = app.get(&format!("/api/v1/purges?per_page={bad}")).root().send().await;
            assert_eq!(refused(&refusal), (400, "invalid".to_owned()), "{bad:?}");
            assert!(refusal.json()["detail"].as_str().unwrap().contains("per_page"), "{bad:?}");
        }
    }

    async fn events_tell_how_it_goes_on_until_the_end(app: App) {
        tokens(&app, 3).await;
        file(&app, json!({ "filter": { "owner": "ida" } })).await;
        let asking = app.get("/api/v1/purges/1").root().header("accept", "text/event-stream");
        let (answer, ()) = tokio::join!(asking.send(), work_off(&app));
        assert_eq!((answer.code(), answer.header("content-type")), (200, "text/event-stream"));
        let names: Vec<_> = answer.text.lines().filter_map(|line| line.strip_prefix("event: ")).collect();
        assert_eq!(names.last(), Some(&"end"));
        assert!(names[..names.len() - 1].iter().all(|name| *name == "progress"));
        let data: Vec<Value> = answer.text.lines()
            .filter_map(|line| line.strip_prefix("data: "))
            .map(|data| serde_json::from_str(data).unwrap())
            .collect();
        let last = data.last().unwrap();
        assert_eq!((&last["state"], &last["deleted"]), (&json!("done"), &json!(3)));
    }

    async fn who_would_not_be_let_in_any_more_is_told_so_and_sees_no_more(app: App) {
        tokens(&app, 2).await;
        let (authority, console) = (&app.fixture.authority, app.fixture.console());
        for (end, code) in [
            ("revoke", "credential_revoked"),
            ("delete", "credential_unknown"),
            ("block", "account_not_active"),
            ("demote", "admin_only"),
        ] {
            let filed = file(&app, json!({ "filter": { "owner": "ida" } })).await.json();
            let ada = app.admin(&format!("ada-{end}")).await;
            let (id, token) = app.token(ada.id, "read_api").await;
            let path = format!("{PURGES}/{}", filed["id"]);
            let asking = app.get(&path).token(&token).header("accept", "text/event-stream");
            let mut body = asking.open().await.into_body();
            let (name, seen) = event(&mut body).await.unwrap();
            assert_eq!((name.as_str(), &seen["state"]), ("progress", &json!("waiting")));
            match end {
                "revoke" => authority.revoke_token(&console, id).await.unwrap(),
                "delete" => authority.delete_token(&console, id).await.unwrap(),
                "block" => {
                    let blocked = authority.change_user_state(&console, ada.id, StateChange::Block);
                    blocked.await.unwrap();
                }
                _ => {
                    let change = UserChange { admin: Some(false), ..UserChange::default() };
                    authority.update_user(&console, ada.id, change).await.unwrap();
                }
            }
            work_off(&app).await;
            let (name, told) = event(&mut body).await.unwrap();
            assert_eq!((name.as_str(), &told["code"]), ("refused", &json!(code)), "{told}");
            assert_eq!(told["deleted"], Value::Null, "{told}");
            assert!(body.frame().await.is_none(), "{end}");
        }
    }
}
