//! Every kind of token, by its value: one is made over its own route, named
//! and ended over the one that asks for no kind. `conformance` counts the cases.

use serde_json::{Map, Value, json};
use tokenry_domain::{
    Kind,
    kind::{Descriptor, Ending, KINDS, Opens},
};
use tokenry_testkit::{App, both_engines, fixture::ROOT_TOKEN};

use crate::{
    ended,
    every_route::{Scene, routes},
    identified, message, unauthorized,
};

const ROOT: &str = "root's";

/// A token of a kind.
struct Specimen {
    /// Its kind's name, and more behind a space.
    name: &'static str,
    /// Which of GitLab's cases name and end it.
    cases: &'static str,
    /// The route whose example makes it, and the field its text comes in, where
    /// that isn't `token`.
    text: &'static str,
    /// Whose id is told and where, if it isn't the `id` that the route answered.
    told: (&'static str, Option<&'static str>),
}

macro_rules! told {
    () => {
        ("/id", None)
    };
    ($at:literal $id:literal) => {
        ($at, Some($id))
    };
}

macro_rules! specimens {
    ($($name:literal $cases:literal $text:literal $(=> $at:literal is $id:literal)?;)+) => {
        /// Of each kind one, of some two.
        const SPECIMENS: &[Specimen] = &[$(Specimen {
            name: $name,
            cases: $cases,
            text: $text,
            told: told!($($at $id)?),
        }),+];
    };
}

specimens! {
    "personal"                 "cases 1 and 22"   "POST users/{user_id}/personal_access_tokens";
    "impersonation"            "cases 9 and 24"   "POST users/{user_id}/impersonation_tokens";
    "project"                  "case 23"          "POST projects/{id}/access_tokens";
    "group"                    "case 25"          "POST groups/{id}/access_tokens";
    "service_account"          "case 39"          "POST groups/{id}/service_accounts/{user_id}/personal_access_tokens";
    "deploy of a group"        "cases 2 and 26"   "POST groups/{id}/deploy_tokens";
    "deploy of a project"      "cases 3 and 27"   "POST projects/{id}/deploy_tokens";
    "feed"                     "cases 4 and 29"   "POST user/feed_token/reset" => "/id" is "root's";
    "incoming_email"           "cases 5 and 33"   "POST user/incoming_email_token/reset" => "/id" is "root's";
    "oauth_application_secret" "cases 6 and 32"   "secret of POST applications";
    "oauth_access"             "GitLab has none"  "access_token of POST /oauth/token" => "/user_id" is "root's";
    "cluster_agent"            "cases 7 and 28"   "POST projects/{id}/cluster_agents/{agent_id}/tokens";
    "runner"                   "cases 8 and 30"   "POST user/runners";
    "registered_runner"        "as the one above" "POST runners";
    "pipeline_trigger"         "cases 10 and 34"  "POST projects/{id}/triggers";
    "job"                      "cases 12 and 37"  "POST projects/{id}/jobs" => "/job/id" is "id of POST projects/{id}/jobs";
    "feature_flags_client"     "cases 11 and 31"  "POST projects/{id}/feature_flags_clients";
    "session"                  "cases 13 and 40"  "cookie of POST session" => "/id" is "id of POST users";
    "scim of a group"          "cases 50 and 53"  "POST groups/{id}/scim_tokens";
    "scim of the instance"     "cases 50 and 53"  "POST application/scim_tokens";
}

/// A specimen that was made.
struct Made {
    name: &'static str,
    cases: &'static str,
    line: &'static Descriptor,
    text: String,
    /// Where the answer tells what.
    at: &'static str,
    id: Value,
}

/// The texts of one token of each kind, some of two.
pub(crate) async fn texts(app: &App) -> Vec<String> {
    made(app).await.into_iter().map(|made| made.text).collect()
}

async fn made(app: &App) -> Vec<Made> {
    let routes = routes();
    let mut scene = Scene::new(app, &routes);
    let mut all = Vec::new();
    for specimen in SPECIMENS {
        let (field, route) = specimen
            .text
            .split_once(" of ")
            .unwrap_or(("token", specimen.text));
        let text = scene.of(&format!("{field} of {route}")).await;
        let (at, whose) = specimen.told;
        let id = match whose {
            None => scene.of(&format!("id of {route}")).await,
            Some(ROOT) => json!(1),
            Some(whose) => scene.of(whose).await,
        };
        let kind = specimen.name.split(' ').next().unwrap();
        all.push(Made {
            name: specimen.name,
            cases: specimen.cases,
            line: Kind::from_name(kind).unwrap().descriptor(),
            // As GitLab's responders paste it, whatever the cookie's name here.
            text: text
                .as_str()
                .unwrap()
                .replace("_tokenry_session=", "_gitlab_session="),
            at,
            id,
        });
    }
    all
}

/// The state of the token itself: a user or job that is told has one too.
fn state(told: &Value) -> &Value {
    told.get("token_state").unwrap_or(&told["state"])
}

/// What the trail says when a token of this kind is ended.
fn ending(line: &Descriptor) -> &'static str {
    match line.ending {
        Ending::Revoke => "token_revoked",
        Ending::Reset => "token_reset",
        Ending::Finish => "holder_ended",
    }
}

#[test]
fn there_is_a_specimen_of_each_kind() {
    for line in &KINDS {
        let of_kind = |one: &&Specimen| one.name.split(' ').next() == Some(line.name);
        assert!(
            SPECIMENS.iter().any(|one| of_kind(&one)),
            "{} is missing",
            line.name
        );
    }
}

both_engines! {
    /// Case 55: each is told to be of its own kind.
    async fn each_is_named(app: App) {
        let all = made(&app).await;
        let before = app.actions().await;
        let mut shown = Map::new();
        for Made { name, cases, line, text, at, id } in all {
            let told = identified(&app, &text).await;
            assert_eq!(told["token_type"], line.name, "{cases}: {told}");
            assert_eq!(told.pointer(at), Some(&id), "{cases}: {told}");
            assert_eq!(state(&told), "active", "{cases}: {told}");
            assert!(!told.to_string().contains(&text), "{name}: no answer repeats a secret");
            let keys: Vec<&String> = told.as_object().unwrap().keys().collect();
            shown.insert(name.to_owned(), json!({ "fields": keys, "subject": told["subject"] }));
        }
        insta::assert_json_snapshot!("told", shown);
        assert_eq!(app.actions().await, before, "naming is no use");
    }

    /// Case 56: a job's token is one whether or not the job runs.
    async fn each_is_ended_once_and_stays_known(app: App) {
        for Made { name, cases, line, text, .. } in made(&app).await {
            let before = app.actions().await.len();
            for _ in 0..2 {
                assert_eq!(ended(&app, &text).await, 204, "{name}: {cases}");
            }
            let rows = app.fixture.trail().await.split_off(before);
            let [row] = rows.as_slice() else { panic!("{name}: {rows:?}") };
            assert_eq!(row.action, ending(line), "{name}: {cases}");
            if line.ending == Ending::Reset {
                assert_ne!(row.before["hint"], row.after["hint"], "{cases}: another takes its place");
                assert_eq!(row.after["revoked_at"], Value::Null, "{cases}: and works");
            }
            let told = identified(&app, &text).await;
            assert_eq!((&told["token_type"], state(&told)), (&json!(line.name), &json!("revoked")), "{name}");
        }
    }

    async fn each_ends_the_same_way_by_its_id(app: App) {
        let (authority, console) = (&app.fixture.authority, app.fixture.console());
        for Made { name, line, text, .. } in made(&app).await {
            let id = authority.identify_token(&console, &text).await.unwrap().id;
            let before = app.actions().await.len();
            for _ in 0..2 {
                authority.revoke_token(&console, id).await.unwrap();
            }
            assert_eq!(app.actions().await[before..], [ending(line)], "{name}");
            assert_eq!(state(&identified(&app, &text).await), "revoked", "{name}");
        }
    }

    async fn only_access_tokens_are_among_the_personal_ones(app: App) {
        let all = made(&app).await;
        let (authority, console) = (&app.fixture.authority, app.fixture.console());
        let eve = app.user("evelyn").await;
        let (_, eve) = app.token(eve.id, "api").await;
        let before = app.actions().await;
        for Made { name, line, text, .. } in all {
            let id = authority.identify_token(&console, &text).await.unwrap().id;
            let path = format!("personal_access_tokens/{id}");
            if line.opens == Opens::Api {
                assert_eq!(app.get(&path).root().send().await.code(), 200, "{name}");
                continue;
            }
            for delete in [path.clone(), format!("{path}?hard_delete=true")] {
                for by in [ROOT_TOKEN, &eve] {
                    let answer = app.delete(&delete).token(by).send().await;
                    assert_eq!(answer.both(), message(404, "404 Not found"), "{name}");
                }
            }
            for asking in [app.get(&path), app.post(&format!("{path}/rotate"))] {
                assert_eq!(asking.root().send().await.both(), message(404, "404 Not Found"), "{name}");
            }
            for asking in [app.get(&path), app.post(&format!("{path}/rotate"))] {
                assert_eq!(asking.token(&eve).send().await.both(), unauthorized(), "{name}");
            }
            authority.show_token(&console, id).await.expect("the console reaches every kind");
        }
        assert_eq!(app.actions().await, before);
    }

    async fn none_is_found_by_a_text_that_is_only_like_it(app: App) {
        let missing = json!({ "message": { "error": "Not found" } });
        for Made { name, text, .. } in made(&app).await {
            for other in [format!("{text}x"), format!("{text}\n"), text[..text.len() - 1].to_owned()] {
                assert_eq!(identified(&app, &other).await, missing, "{name}: {other}");
                assert_eq!(ended(&app, &other).await, 404, "{name}: {other}");
            }
            let answer = app.post("admin/token").root().json(json!({ "token": format!(" {text}") })).send().await;
            assert_eq!(answer.both(), message(422, "Token type not supported."), "{name}");
            assert_eq!(state(&identified(&app, &text).await), "active", "{name}");
        }
        // Named in cases 14 and 15, ended in cases 41 and 42.
        for session in ["_gitlab_session=unknown", "_gitlab_session="] {
            assert_eq!(identified(&app, session).await, missing, "{session}");
            assert_eq!(ended(&app, session).await, 404, "{session}");
        }
    }

    /// Case 61 is that of a feed token; it holds for all.
    async fn each_is_known_under_a_former_prefix(app: App) {
        let set = async |prefix: Value| {
            let body = json!({ "instance_token_prefix": prefix });
            let answer = app.put("application/settings").root().json(body).send().await;
            assert_eq!(answer.code(), 200, "{}", answer.text);
        };
        set(json!("acme")).await;
        let all = made(&app).await;
        set(json!("other")).await;
        for Made { name, line, text, .. } in all {
            let fixed = ["session", "registered_runner"].contains(&name);
            assert_eq!(text.starts_with("acme-"), !fixed, "{name}: {text}");
            assert_eq!(identified(&app, &text).await["token_type"], line.name);
            assert_eq!(ended(&app, &text).await, 204, "{name}");
        }
    }
}
