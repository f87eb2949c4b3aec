//! `/api/v1/retention`.

use serde_json::{Value, json};
use tokenry_testkit::{App, both_engines};

use super::refused;

const RETENTION: &str = "/api/v1/retention";
const PREVIEW: &str = "/api/v1/retention/preview";
const RUNS: &str = "/api/v1/retention/runs";
const DAY: i64 = 86_400;

async fn set(app: &App, body: Value) -> (u16, Value) {
    app.put(RETENTION).root().json(body).send().await.both()
}

async fn preview(app: &App) -> Value {
    let answer = app.get(PREVIEW).root().send().await;
    assert_eq!(answer.code(), 200);
    answer.json()
}

async fn revoke(app: &App, id: i64) {
    let path = format!("personal_access_tokens/{id}");
    assert_eq!(app.delete(&path).root().send().await.code(), 204);
}

/// The preview's counts by the rules, now and soon.
fn counts(preview: &Value) -> Vec<(u64, u64)> {
    let count = |rule: &Value, name: &str| rule[name].as_u64().unwrap();
    let rules = preview["tokens"].as_array().unwrap().iter();
    rules
        .map(|rule| (count(rule, "due_now"), count(rule, "due_within_30_days")))
        .collect()
}

both_engines! {
    async fn what_ships_is_shown(app: App) {
        let shown = app.get(RETENTION).root().send().await;
        assert_eq!(shown.code(), 200);
        insta::assert_json_snapshot!("shipped", shown.json());
        insta::assert_json_snapshot!("preview", preview(&app).await);
    }

    async fn rules_are_set_previewed_and_run(app: App) {
        let ida = app.user("ida").await;
        let (first, _) = app.token(ida.id, "read_api").await;
        let (second, _) = app.token(ida.id, "read_api").await;
        let (third, _) = app.token(ida.id, "read_api").await;
        revoke(&app, first.get()).await;
        app.fixture.clock.advance(20 * DAY);
        revoke(&app, second.get()).await;
        app.fixture.clock.advance(DAY);
        let rules = json!({
            "tokens": [{ "kinds": ["personal"], "state": "revoked", "days": 20 }],
        });
        let before = app.actions().await.len();
        let asked = app.post(PREVIEW).root().json(rules.clone()).send().await;
        assert_eq!((asked.code(), counts(&asked.json())), (200, vec![(1, 2)]));
        assert_eq!(app.actions().await.len(), before);
        let (status, body) = set(&app, rules).await;
        assert_eq!(status, 200);
        assert_eq!(body["oldest_due_at"], "2031-04-25T12:00:00.123Z");
        assert_eq!(counts(&preview(&app).await), [(1, 2)]);
        let run = app.fixture.authority.retain().await.unwrap();
        assert_eq!((run.ran.tokens, run.is_whole()), (1, true));
        assert_eq!(app.actions().await[before..], ["retention_changed", "retention_applied"]);
        assert_eq!(counts(&preview(&app).await), [(0, 1)]);
        let shown = app.get(RETENTION).root().send().await.json();
        assert_eq!(shown["oldest_due_at"], Value::Null);
        for (id, status) in [(first, 404), (second, 200), (third, 200)] {
            let path = format!("personal_access_tokens/{}", id.get());
            assert_eq!(app.get(&path).root().send().await.code(), status);
        }
    }

    async fn bad_rules_are_refused_with_their_place(app: App) {
        let before = app.actions().await;
        for (body, field) in [
            (json!({}), "lacks tokens"),
            (json!({ "tokens": [{ "kinds": ["none"] }] }), "tokens[0]"),
            (json!({ "tokens": [{ "days": -1 }] }), "tokens[0]"),
            (json!({ "tokens": [{}] }), "lacks days"),
            (json!({ "tokens": [], "colour": 1 }), "colour"),
            (json!({ "tokens": vec![json!({ "days": 1 }); 51] }), "tokens"),
        ] {
            let answer = app.put(RETENTION).root().json(body.clone()).send().await;
            assert_eq!(refused(&answer), (400, "invalid".to_owned()), "{body}");
            let problems = answer.json()["errors"].to_string();
            assert!(problems.contains(field), "{body}: {problems}");
        }
        assert_eq!(app.actions().await, before);
    }

    async fn only_administrators_see_and_set_it(app: App) {
        let ida = app.user("ida").await;
        let (_, own) = app.token(ida.id, "api").await;
        let before = app.actions().await;
        let rules = json!({ "tokens": [] });
        for answer in [
            app.get(RETENTION).token(&own).send().await,
            app.put(RETENTION).token(&own).json(rules.clone()).send().await,
            app.get(PREVIEW).token(&own).send().await,
            app.post(PREVIEW).token(&own).json(rules).send().await,
            app.get(RUNS).token(&own).send().await,
            app.post(RUNS).token(&own).send().await,
        ] {
            assert_eq!(refused(&answer), (403, "admin_only".to_owned()));
        }
        assert_eq!(app.actions().await, before);
    }

    async fn it_is_run_at_once_for_whoever_asks(app: App) {
        let ida = app.user("ida").await;
        let (id, _) = app.token(ida.id, "read_api").await;
        revoke(&app, id.get()).await;
        app.fixture.clock.advance(8 * DAY);
        set(&app, json!({ "tokens": [{ "kinds": ["personal"], "days": 7 }] })).await;
        let before = app.fixture.trail().await.len();
        let run = || app.post(RUNS).root().send();
        let begun = run().await;
        assert_eq!(begun.code(), 202);
        insta::assert_json_snapshot!("begun", begun.json());
        assert_eq!(refused(&run().await), (409, "retention_running".to_owned()));
        assert_eq!(app.fixture.trail().await.len(), before);
        app.fixture.clock.advance(2);
        app.fixture.authority.retain().await.unwrap();
        let trail = app.fixture.trail().await.split_off(before);
        let [row] = trail.as_slice() else { panic!("{trail:?}") };
        assert_eq!((row.action.as_str(), row.actor_user), ("retention_applied", Some(1)));
        assert_eq!(row.request_id, begun.header("x-request-id"));
        let shown = app.get(RUNS).root().send().await;
        assert_eq!(shown.code(), 200);
        insta::assert_json_snapshot!("runs", shown.json());
        assert_eq!(run().await.json()["id"], 2);
    }
}
