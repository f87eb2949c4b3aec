//! What identifying tells comes from memory, and is never behind what was
//! answered before.

use serde_json::{Value, json};
use tokenry_authority::Options;
use tokenry_testkit::{App, both_engines};
use tokenry_web::WebOptions;

use crate::{
    every_kind,
    every_route::{Scene, routes},
    identified,
};

/// A change, and what is told of a token from then on.
struct Change {
    /// Method and path; `<id of ROUTE>` stands for what was made there.
    asked: &'static str,
    /// `<itself>` stands for the token.
    parameters: Value,
    /// Whose telling changes: `FIELD of ROUTE`.
    token: &'static str,
    /// Where, and what it becomes.
    at: &'static str,
    told: Value,
}

macro_rules! changes {
    ($($asked:literal $parameters:tt: $token:literal at $at:literal is $told:tt;)+) => {
        vec![$(Change {
            asked: $asked,
            parameters: json!($parameters),
            token: $token,
            at: $at,
            told: json!($told),
        }),+]
    };
}

/// In an order in which each can be done.
fn changes() -> Vec<Change> {
    changes! {
        "PUT runners/<id of POST user/runners>" { "description": "linux" }:
            "token of POST user/runners" at "/description" is "linux";
        "PUT runners/<id of POST user/runners>" { "paused": true }:
            "token of POST user/runners" at "/paused" is true;
        "PUT runners/<id of POST runners>" { "description": "old" }:
            "token of POST runners" at "/description" is "old";
        "PUT user/applications/<id of POST user/applications>" { "name": "Tunnel" }:
            "secret of POST user/applications" at "/application_name" is "Tunnel";
        "PUT projects/<id of POST projects>/triggers/<id of POST projects/{id}/triggers>"
            { "description": "other docs" }:
            "token of POST projects/{id}/triggers" at "/description" is "other docs";
        "PUT projects/<id of POST projects>/triggers/<id of POST projects/{id}/triggers>"
            { "description": "yet others" }:
            "token of POST projects/{id}/triggers" at "/updated_at" is "2031-04-05T12:06:00.123Z";
        "PUT projects/<id of POST projects>" { "path": "moved" }:
            "token of POST projects/{id}/jobs" at "/job/web_url" is "/root/moved/-/jobs/";
        "PUT users/1" { "username": "chief" }:
            "token of POST projects/{id}/jobs" at "/job/web_url" is "/chief/moved/-/jobs/";
        "PUT users/1" { "name": "The Chief" }:
            "token of POST user/feed_token/reset" at "/name" is "The Chief";
        "POST jobs/<id of POST projects/{id}/jobs>/finish" { "status": "failed" }:
            "token of POST projects/{id}/jobs" at "/job/status" is "failed";
        "POST user/applications/<id of POST user/applications>/renew-secret" {}:
            "secret of POST user/applications" at "/state" is "revoked";
        "POST runners/<id of POST user/runners>/reset_authentication_token" {}:
            "token of POST user/runners" at "/state" is "revoked";
        "DELETE admin/token" { "token": "<itself>" }:
            "token of POST projects/{id}/triggers" at "/expires_at" is "2031-04-05T12:13:00.123Z";
        "DELETE projects/<id of POST projects>/triggers/<id of POST projects/{id}/triggers>" {}:
            "token of POST projects/{id}/triggers" at "/message/error" is "Not found";
        "DELETE groups/<id of POST groups>/scim_tokens/<id of POST groups/{id}/scim_tokens>" {}:
            "token of POST groups/{id}/scim_tokens" at "/revoked" is true;
        "DELETE projects/<id of POST projects>/cluster_agents/<id of POST projects/{id}/cluster_agents>" {}:
            "token of POST projects/{id}/cluster_agents/{agent_id}/tokens" at "/message/error" is "Not found";
        "DELETE runners/<id of POST user/runners>" {}:
            "token of POST user/runners" at "/message/error" is "Not found";
        "DELETE user/applications/<id of POST user/applications>" {}:
            "secret of POST user/applications" at "/message/error" is "Not found";
        "DELETE projects/<id of POST projects>" {}:
            "token of POST projects/{id}/jobs" at "/message/error" is "Not found";
    }
}

/// A change with all it needs made, and the text whose telling changes.
struct Ready {
    change: Change,
    path: String,
    text: String,
}

async fn ready(app: &App) -> Vec<Ready> {
    let routes = routes();
    let mut scene = Scene::new(app, &routes);
    let mut all = Vec::new();
    for change in changes() {
        let (_, template) = change.asked.split_once(' ').unwrap();
        let mut path = String::new();
        for part in template.split_inclusive('>') {
            let (fixed, phrase) = part.split_once('<').unwrap_or((part, ""));
            path.push_str(fixed);
            if !phrase.is_empty() {
                let id = scene.of(phrase.trim_end_matches('>')).await;
                path.push_str(&id.to_string());
            }
        }
        let text = scene.of(change.token).await;
        let text = text.as_str().unwrap().to_owned();
        all.push(Ready { change, path, text });
    }
    all
}

/// Whether something is told; where it is part of an address, whether the
/// address has it.
fn is_told(
    told: &Value,
    Change {
        at, told: wanted, ..
    }: &Change,
) -> bool {
    match (told.pointer(at), wanted) {
        (Some(Value::String(found)), Value::String(wanted)) if *at == "/job/web_url" => {
            found.contains(wanted.as_str())
        }
        (found, wanted) => found == Some(wanted),
    }
}

/// Each is told as it is after its change, though it was told before.
async fn check(app: &App, changes: &[Ready]) {
    for Ready { change, path, text } in changes {
        app.fixture.clock.advance(60);
        for _ in 0..2 {
            let before = identified(app, text).await;
            assert!(!is_told(&before, change), "{}: {before}", change.asked);
        }
        let (method, _) = change.asked.split_once(' ').unwrap();
        let parameters = change.parameters.to_string().replace("<itself>", text);
        let asking = app.ask(method, path).root();
        let answer = asking.body("application/json", parameters).send().await;
        let done = (200..300).contains(&answer.code());
        assert!(done, "{}: {}", change.asked, answer.text);
        let after = identified(app, text).await;
        assert!(is_told(&after, change), "{}: {after}", change.asked);
    }
}

/// The same data after another start.
async fn started_again(app: App, index_capacity: usize) -> App {
    let options = Options {
        index_capacity,
        ..Options::default()
    };
    App::over(app.fixture.reopened(options).await, WebOptions::default())
}

both_engines! {
    async fn what_was_read_is_told_as_it_is_after_each_change(app: App) {
        let changes = ready(&app).await;
        check(&app, &changes).await;
    }

    async fn what_was_there_at_the_start_is_told_as_it_is_after_each_change(app: App) {
        let changes = ready(&app).await;
        check(&started_again(app, 1_000).await, &changes).await;
    }

    async fn a_job_is_told_where_its_project_lies_now(app: App) {
        app.group("team").await;
        let group = app.group("team/inner").await;
        let project = app.project("team/inner/app").await;
        let asking = app.post(&format!("projects/{}/jobs", project.id)).root();
        let made = asking.json(json!({ "name": "unit", "ref": "main" })).send().await;
        let text = made.json()["token"].as_str().unwrap().to_owned();
        let address = async || identified(&app, &text).await["job"]["web_url"].to_string();
        for (path, full) in [("inner", "/team/inner/app/-/"), ("outer", "/team/outer/app/-/")] {
            let asking = app.put(&format!("groups/{}", group.id)).root();
            assert_eq!(asking.json(json!({ "path": path })).send().await.code(), 200);
            let told = address().await;
            assert!(told.contains(full), "{told}");
        }
    }

    async fn memory_of_any_size_tells_the_same(app: App) {
        let mut app = app;
        let texts = every_kind::texts(&app).await;
        let mut told = Vec::new();
        for text in &texts {
            told.push(identified(&app, text).await);
        }
        for index_capacity in [1_000, 64, 1, 0] {
            app = started_again(app, index_capacity).await;
            for _ in 0..2 {
                for (text, told) in texts.iter().zip(&told) {
                    assert_eq!(identified(&app, text).await, *told, "{index_capacity}");
                }
            }
        }
    }

    async fn what_holds_a_token_and_cannot_be_read_keeps_no_server_from_starting(app: App) {
        let routes = routes();
        let mut scene = Scene::new(&app, &routes);
        let mut texts = Vec::new();
        for phrase in ["token of POST user/runners", "token of POST projects/{id}/triggers"] {
            texts.push(scene.of(phrase).await.as_str().unwrap().to_owned());
        }
        app.fixture.database.run("UPDATE holders SET details = '{'").await;
        app.fixture.database.run(
            "INSERT INTO token_particulars (token_id, updated_at) \
             SELECT id, 9223372036854775807 FROM tokens WHERE kind = 'pipeline_trigger'",
        ).await;
        let app = started_again(app, 1_000).await;
        for text in texts {
            let asking = app.post("admin/token").root().json(json!({ "token": text }));
            assert_eq!(asking.send().await.code(), 500);
        }
    }
}
