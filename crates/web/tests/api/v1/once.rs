//! `Idempotency-Key`: what is sent again isn't done again.

use futures_util::future::join_all;
use serde_json::{Value, json};
use tokenry_authority::{Error, users::UserChange};
use tokenry_domain::{AccessLevel, PlaceName, PlaceRef, TokenId};
use tokenry_testkit::{Answer, App, Asking, both_engines, fixture::ROOT_TOKEN};

use super::{
    refused,
    token_issue::{TOKENS, good},
};
use crate::secret;

const KEY: &str = "8e03978e-40d5-43e8-bc93-6894a57f9324";
const DAY: i64 = 24 * 60 * 60;

fn rotation(app: &App, id: TokenId) -> Asking {
    app.post(&format!("/api/v1/tokens/{id}/rotate"))
}

/// Rotates as root, by this key.
async fn rotated(app: &App, id: TokenId, key: &str) -> Answer {
    rotation(app, id)
        .root()
        .header("idempotency-key", key)
        .send()
        .await
}

/// Asks for a new token, by this key.
async fn issued(app: &App, token: &str, key: &str, body: &Value) -> Answer {
    let asking = app.post(TOKENS).token(token).header("idempotency-key", key);
    asking.json(body.clone()).send().await
}

/// The body, if it was answered before or not, as `again` says.
fn told(answer: &Answer, again: bool) -> &str {
    assert_eq!(answer.code(), 200, "{}", answer.text);
    let marked = answer.headers.get("idempotency-replayed");
    assert_eq!(marked.is_some_and(|value| value == "true"), again);
    &answer.text
}

async fn works(app: &App, text: &str) -> bool {
    app.get("personal_access_tokens/self")
        .token(text)
        .send()
        .await
        .code()
        == 200
}

both_engines! {
    async fn who_repeats_a_request_hears_the_same(app: App) {
        let ida = app.user("ida").await;
        let (id, old) = app.token(ida.id, "api").await;
        let before = app.actions().await.len();
        let first = rotated(&app, id, KEY).await;
        app.fixture.clock.advance(DAY - 1);
        let again = rotated(&app, id, &format!("\"{KEY}\"")).await;
        assert_eq!(told(&again, true), told(&first, false));
        assert_eq!(again.header("content-type"), first.header("content-type"));
        assert_eq!(app.actions().await[before..], ["token_rotated"]);
        assert!(works(&app, &secret(&again)).await && !works(&app, &old).await);
        for other in [rotated(&app, id, "another").await, rotation(&app, id).root().send().await] {
            assert_eq!(refused(&other), (409, "already_revoked".to_owned()));
        }
        let gitlabs = app.post(&format!("personal_access_tokens/{id}/rotate"));
        let gitlabs = gitlabs.root().header("idempotency-key", KEY).send().await;
        assert_eq!(gitlabs.code(), 400, "GitLab's route knows no keys");
    }

    async fn the_answer_is_sealed_also_under_a_former_key(app: App) {
        let ida = app.user("ida").await;
        let (id, _) = app.token(ida.id, "api").await;
        let first = rotated(&app, id, KEY).await;
        let text = secret(&first);
        assert!(app.fixture.database.holds(text.get(text.len() - 4..).unwrap()).await, "the hint");
        for secret in [text.as_str(), KEY] {
            assert!(!app.fixture.database.holds(secret).await, "{secret}");
        }
        let console = app.fixture.console();
        app.fixture.authority.rotate_digest_key(&console, |_| Ok::<_, Error>(())).await.unwrap();
        assert_eq!(told(&rotated(&app, id, KEY).await, true), first.text);
    }

    async fn a_token_of_any_kind_is_made_once(app: App) {
        for (number, (kind, body)) in good(&app).await.into_iter().enumerate() {
            let key = format!("new {number}");
            let first = issued(&app, ROOT_TOKEN, &key, &body).await;
            assert_eq!(first.code(), 201, "{kind:?}: {}", first.text);
            assert!(first.json()["owner"]["username"].is_string(), "also of a bot that is new");
            let before = app.actions().await;
            let again = issued(&app, ROOT_TOKEN, &key, &body).await;
            assert_eq!((again.code(), &again.text), (201, &first.text), "{kind:?}");
            assert_eq!(again.header("idempotency-replayed"), "true", "{kind:?}");
            assert_eq!(app.actions().await, before, "{kind:?}");
            let other = issued(&app, ROOT_TOKEN, &key, &json!({ "kind": "feed" })).await;
            let feed = body == json!({ "kind": "feed" });
            assert_eq!(other.code(), if feed { 201 } else { 422 }, "{kind:?}");
        }
    }

    async fn of_many_who_ask_at_once_for_a_new_one_all_hear_of_one(app: App) {
        let body = json!({ "kind": "personal", "name": "only one", "scopes": ["api"] });
        let answers = join_all((0..8).map(|_| issued(&app, ROOT_TOKEN, KEY, &body))).await;
        for answer in &answers {
            assert_eq!((answer.code(), &answer.text), (201, &answers[0].text));
        }
        let list = app.get("/api/v1/tokens?name=only").root().send().await.json();
        assert_eq!(list["tokens"].as_array().unwrap().len(), 1);
    }

    async fn members_hear_it_again_while_their_role_is_enough(app: App) {
        good(&app).await;
        let (ida, console) = (app.user("ida").await, app.fixture.console());
        let (_, token) = app.token(ida.id, "api").await;
        let path = PlaceRef::Project(PlaceName::Path("team/app".to_owned()));
        let place = app.fixture.authority.place(&console, &path).await.unwrap().place;
        app.member(place, ida.id, AccessLevel::Maintainer).await;
        let subject = "project:team/app";
        for (key, body) in [
            ("bot", json!({ "kind": "project", "name": "a", "scopes": ["api"], "subject": subject })),
            ("job", json!({ "kind": "job", "name": "a", "ref": "main", "subject": subject })),
            ("trigger", json!({ "kind": "pipeline_trigger", "name": "a", "subject": subject })),
            ("runner", json!({ "kind": "runner", "name": "a", "subject": subject })),
            ("feed", json!({ "kind": "feed" })),
        ] {
            let first = issued(&app, &token, key, &body).await;
            let again = issued(&app, &token, key, &body).await;
            assert_eq!((first.code(), again.code(), &again.text), (201, 201, &first.text), "{key}");
        }
        app.delete(&format!("projects/team%2Fapp/members/{}", ida.id)).root().send().await;
        let body = json!({ "kind": "project", "name": "a", "scopes": ["api"], "subject": subject });
        let answer = issued(&app, &token, "bot", &body).await;
        assert_eq!(refused(&answer).0, 403, "{}", answer.text);
    }

    async fn one_that_is_there_is_kept_and_one_that_was_made_is_told_again(app: App) {
        let body = |way: &str| {
            json!({ "kind": "personal", "name": "ci", "scopes": ["api"], "if_exists": way })
        };
        let ask = |key: &'static str, way: &str| {
            let body = body(way);
            let app = &app;
            async move { issued(app, ROOT_TOKEN, key, &body).await }
        };
        let answers = join_all((0..8).map(|_| ask("login 1", "keep"))).await;
        for answer in &answers {
            assert_eq!((answer.code(), &answer.text), (201, &answers[0].text));
        }
        let kept = ask("login 2", "keep").await;
        let id = &kept.json()["id"];
        assert_eq!((kept.code(), id), (200, &answers[0].json()["id"]));
        assert_eq!((kept.json().get("token"), kept.header("idempotency-replayed")), (None, ""));
        let replaced = ask("login 2", "replace").await;
        assert_eq!(replaced.code(), 201, "what made nothing isn't kept: {}", replaced.text);
        assert_eq!(ask("login 2", "replace").await.text, replaced.text);
        let again = ask("login 1", "keep").await;
        assert_eq!(again.code(), 200, "its answer went with its token");
        assert_eq!(ask("login 3", "refuse").await.code(), 409);
    }

    async fn a_key_is_for_one_request(app: App) {
        let ida = app.user("ida").await;
        let ((one, _), (other, text)) = (app.token(ida.id, "api").await, app.token(ida.id, "api").await);
        rotated(&app, one, KEY).await;
        let before = app.actions().await;
        let refusal = rotated(&app, other, KEY).await;
        assert_eq!(refused(&refusal), (422, "idempotency_key_reused".to_owned()));
        insta::assert_json_snapshot!("another_request", refusal.json());
        let path = format!("/api/v1/tokens/{one}/rotate");
        for request in [
            app.post(&path).json(json!({ "reason": "late" })),
            app.post(&path).json(json!({})),
        ] {
            let refusal = request.root().header("idempotency-key", KEY).send().await;
            assert_eq!(refusal.code(), 422);
        }
        assert_eq!(app.actions().await, before);
        assert!(works(&app, &text).await);
    }

    async fn of_many_at_once_all_hear_the_same(app: App) {
        let ida = app.user("ida").await;
        for round in 0..5 {
            let (id, _) = app.token(ida.id, "api").await;
            let before = app.actions().await.len();
            let key = format!("round {round}");
            let answers = join_all((0..8).map(|_| rotated(&app, id, &key))).await;
            for answer in &answers {
                assert_eq!((answer.code(), &answer.text), (200, &answers[0].text));
            }
            let first = answers.iter().filter(|one| one.header("idempotency-replayed").is_empty());
            assert_eq!(first.count(), 1);
            assert_eq!(app.actions().await[before..], ["token_rotated"]);
        }
    }

    async fn a_key_is_its_users_and_rights_are_asked_for_each_time(app: App) {
        let (ida, ada) = (app.user("ida").await, app.admin("ada").await);
        let (id, mine) = app.token(ida.id, "api").await;
        let (theirs, by_ada) = app.token(ada.id, "api").await;
        let ask = |token: &str| rotation(&app, id).token(token).header("idempotency-key", KEY).send();
        let first = ask(&by_ada).await;
        assert_eq!(told(&ask(&by_ada).await, true), told(&first, false));
        let by_root = rotated(&app, id, KEY).await;
        assert_eq!(refused(&by_root), (409, "already_revoked".to_owned()), "ada's key, not root's");
        let (_, reading) = app.token(ada.id, "read_api").await;
        assert_eq!(refused(&ask(&reading).await), (403, "insufficient_scope".to_owned()));
        let console = app.fixture.console();
        let change = UserChange { admin: Some(false), ..UserChange::default() };
        app.fixture.authority.update_user(&console, ada.id, change).await.unwrap();
        assert_eq!(refused(&ask(&by_ada).await), (404, "token_not_found".to_owned()));
        app.fixture.authority.revoke_token(&console, theirs).await.unwrap();
        assert_eq!(refused(&ask(&by_ada).await), (401, "credential_revoked".to_owned()));
        assert!(!works(&app, &mine).await);
    }

    async fn a_refusal_is_not_kept(app: App) {
        let ida = app.user("ida").await;
        let (id, token) = app.token(ida.id, "api").await;
        let ask = |body: Value| {
            let asking = rotation(&app, id).root().header("idempotency-key", KEY);
            asking.json(body).send()
        };
        for body in [json!({ "expires_at": "2001-01-01" }), json!({ "x": 1 }), json!([])] {
            assert_eq!(refused(&ask(body).await), (400, "invalid".to_owned()));
        }
        assert!(works(&app, &token).await);
        told(&ask(json!({ "expires_at": "2031-04-20" })).await, false);
    }

    async fn what_is_no_key_changes_nothing(app: App) {
        let ida = app.user("ida").await;
        let (id, token) = app.token(ida.id, "api").await;
        let before = app.actions().await;
        let long = "k".repeat(256);
        for key in ["", " ", "\"\"", "a, b", "a\tb", "\"a", "schlüssel", &long] {
            let refusal = rotated(&app, id, key).await;
            assert_eq!(refused(&refusal), (400, "invalid".to_owned()), "{key:?}");
            assert_eq!(refusal.json()["errors"][0]["field"], "Idempotency-Key");
        }
        let twice = rotation(&app, id).root().header("idempotency-key", "a");
        let twice = twice.header("idempotency-key", "a").send().await;
        assert_eq!(refused(&twice), (400, "invalid".to_owned()));
        let stranger = rotation(&app, id).header("idempotency-key", " ").send().await;
        assert_eq!(refused(&stranger), (401, "credential_missing".to_owned()));
        assert_eq!(app.actions().await, before);
        assert!(works(&app, &token).await);
    }

    async fn after_a_day_it_is_gone(app: App) {
        let ida = app.user("ida").await;
        let mut ids = Vec::new();
        for _ in 0..3 {
            ids.push(app.token(ida.id, "api").await.0);
        }
        told(&rotated(&app, ids[0], "one").await, false);
        told(&rotated(&app, ids[1], "other").await, false);
        app.fixture.clock.advance(DAY);
        assert_eq!(refused(&rotated(&app, ids[0], "one").await), (409, "already_revoked".to_owned()));
        let next = rotated(&app, ids[2], "other").await;
        told(&next, false);
        app.fixture.authority.retain().await.unwrap();
        let trail = app.fixture.trail().await;
        let swept: Vec<_> = trail.iter().filter(|entry| entry.action == "retention_applied").collect();
        assert_eq!(swept.len(), 1);
        assert_eq!(swept[0].after["answers_removed"], 1, "what came later took the other's place");
        assert_eq!(told(&rotated(&app, ids[2], "other").await, true), next.text);
    }

    async fn it_goes_with_its_token(app: App) {
        let ida = app.user("ida").await;
        let (id, _) = app.token(ida.id, "api").await;
        let first = rotated(&app, id, KEY).await;
        let path = format!("/api/v1/tokens/{}", first.json()["id"]);
        assert_eq!(app.post(&format!("{path}/revoke")).root().send().await.code(), 200);
        assert_eq!(told(&rotated(&app, id, KEY).await, true), first.text, "it was so");
        assert_eq!(app.delete(&path).root().send().await.code(), 204);
        assert_eq!(refused(&rotated(&app, id, KEY).await), (409, "already_revoked".to_owned()));
    }

    async fn who_rotates_the_token_presented_asks_again_with_another(app: App) {
        let ida = app.user("ida").await;
        let (id, old) = app.token(ida.id, "api").await;
        let (_, beside) = app.token(ida.id, "api").await;
        let ask = |token: &str, key: &str| {
            rotation(&app, id).token(token).header("idempotency-key", key).send()
        };
        let first = ask(&old, KEY).await;
        let next = secret(&first);
        assert_eq!(refused(&ask(&old, KEY).await), (401, "credential_revoked".to_owned()));
        assert!(works(&app, &next).await, "nobody stole it");
        for other in [&next, &beside] {
            assert_eq!(told(&ask(other, KEY).await, true), first.text);
        }
        assert_eq!(refused(&ask(&old, "a thief's").await), (401, "credential_revoked".to_owned()));
        assert!(!works(&app, &next).await, "somebody did");
    }
}
