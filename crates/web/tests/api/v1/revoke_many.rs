//! `POST /api/v1/tokens/revoke`.

use serde_json::{Value, json};
use tokenry_domain::Kind;
use tokenry_testkit::{Answer, App, Engine, both_engines};

use super::refused;

const PATH: &str = "/api/v1/tokens/revoke";
const SELF: &str = "personal_access_tokens/self";

async fn revoke(app: &App, body: Value) -> Answer {
    app.post(PATH).root().json(body).send().await
}

fn outcomes(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.code(), 200, "{}", answer.text);
    let results = answer.json()["results"].as_array().unwrap().clone();
    let word = |result: &Value| result["outcome"].as_str().unwrap().to_owned();
    results.iter().map(word).collect()
}

/// Whether a token still opens the API.
async fn works(app: &App, text: &str) -> bool {
    app.get(SELF).token(text).send().await.code() == 200
}

both_engines! {
    async fn each_is_ended_and_answered_in_its_place(app: App) {
        let ida = app.user("ida").await;
        let (by_value, first) = app.token(ida.id, "api").await;
        let (by_id, second) = app.token(ida.id, "api").await;
        let (before, _) = app.token(ida.id, "api").await;
        let (gone, _) = app.token(ida.id, "api").await;
        app.delete(&format!("personal_access_tokens/{before}")).root().send().await;
        app.delete(&format!("/api/v1/tokens/{gone}")).root().send().await;
        let trail = app.actions().await.len();
        let answer = revoke(&app, json!({
            "tokens": [
                { "id": before }, { "value": first }, { "id": 999_999 }, { "id": by_id },
                { "value": "ghp_0" }, { "id": gone }, { "id": by_value },
            ],
            "reason": "the laptop was stolen",
        })).await;
        let expected = ["already_revoked", "revoked", "unknown", "revoked", "no_known_prefix", "deleted", "already_revoked"];
        assert_eq!(outcomes(&answer), expected);
        let body = answer.json();
        assert_eq!(
            (&body["counts"], &body["dry_run"], &body["more"]),
            (
                &json!({ "already_revoked": 2, "revoked": 2, "unknown": 1, "no_known_prefix": 1, "deleted": 1 }),
                &json!(false),
                &json!(false),
            )
        );
        insta::assert_json_snapshot!("revoked", body["results"][1]);
        assert!(!answer.text.contains(&first), "never the value");
        assert!(!works(&app, &first).await && !works(&app, &second).await);
        let written = app.fixture.trail().await;
        let reasons: Vec<_> = written[trail..].iter().map(|entry| (entry.action.as_str(), entry.reason.as_deref())).collect();
        assert_eq!(reasons, [("token_revoked", Some("the laptop was stolen")); 2]);
    }

    async fn a_dry_run_says_the_same_and_does_nothing(app: App) {
        let ida = app.user("ida").await;
        let (id, text) = app.token(ida.id, "api").await;
        let (feed, _) = app.token_of(Kind::Feed, ida.id, "feed", "").await;
        let before = app.actions().await;
        for body in [
            json!({ "tokens": [{ "id": id }, { "id": feed }], "dry_run": true }),
            json!({ "filter": { "owner": "ida" }, "dry_run": true }),
        ] {
            let dry = revoke(&app, body.clone()).await;
            assert_eq!(outcomes(&dry), ["revoked", "reset"]);
            assert_eq!(dry.json()["results"][0]["token"]["state"], "active");
            assert_eq!(dry.json()["dry_run"], true);
        }
        assert_eq!(app.actions().await, before);
        assert!(works(&app, &text).await);
        let done = revoke(&app, json!({ "tokens": [{ "id": id }, { "id": feed }] })).await;
        assert_eq!(outcomes(&done), ["revoked", "reset"]);
        let states = [0, 1].map(|place| done.json()["results"][place]["token"]["state"].clone());
        assert_eq!(states, ["revoked", "revoked"]);
        let mut written = app.actions().await.split_off(before.len());
        written.sort();
        assert_eq!(written, ["token_reset", "token_revoked"], "one for each, whichever was first");
        let again = revoke(&app, json!({ "tokens": [{ "id": id }, { "id": feed }] })).await;
        assert_eq!(outcomes(&again), ["already_revoked"; 2]);
        assert_eq!(app.actions().await.len(), before.len() + 2, "twice is no mistake");
    }

    async fn a_filter_means_what_the_list_shows_and_is_not_revoked_yet(app: App) {
        let (ida, ben) = (app.user("ida").await, app.user("ben").await);
        let (_, first) = app.token_of(Kind::Personal, ida.id, "ci one", "api").await;
        let (revoked, _) = app.token_of(Kind::Personal, ida.id, "ci two", "api").await;
        let (_, kept) = app.token_of(Kind::Personal, ida.id, "laptop", "api").await;
        let (_, other) = app.token_of(Kind::Personal, ben.id, "ci three", "api").await;
        app.delete(&format!("personal_access_tokens/{revoked}")).root().send().await;
        let answer = revoke(&app, json!({ "filter": { "owner": "ida", "name": "ci" } })).await;
        assert_eq!((outcomes(&answer), &answer.json()["more"]), (vec!["revoked".to_owned()], &json!(false)));
        assert!(!works(&app, &first).await);
        assert!(works(&app, &kept).await && works(&app, &other).await);
        let none = revoke(&app, json!({ "filter": { "owner": "ida", "state": "revoked" } })).await;
        assert_eq!((outcomes(&none).len(), &none.json()["counts"]), (0, &json!({})));
    }

    async fn any_token_names_its_family(app: App) {
        let ida = app.user("ida").await;
        let (id, _) = app.token(ida.id, "api").await;
        let next = app.post(&format!("/api/v1/tokens/{id}/rotate")).root().send().await.json();
        let answer = revoke(&app, json!({ "filter": { "family": next["id"] } })).await;
        assert_eq!(outcomes(&answer), ["revoked"]);
        assert_eq!(answer.json()["results"][0]["token"]["id"], next["id"]);
    }

    async fn what_ceases_to_match_meanwhile_stays(app: App) {
        let ida = app.user("ida").await;
        // One more than are ended side by side.
        app.fixture.many_tokens(ida.id, 33).await;
        let list = app.get("/api/v1/tokens?owner=ida&sort=id_asc&per_page=100").root().send().await.json();
        let ids: Vec<_> = list["tokens"].as_array().unwrap().iter().map(|row| row["id"].clone()).collect();
        let (first, last) = (&ids[0], &ids[32]);
        let renaming = format!("UPDATE tokens SET name = 'another' WHERE id = {last}");
        let meanwhile = match app.fixture.engine {
            Engine::Sqlite => format!(
                "CREATE TRIGGER meanwhile AFTER UPDATE OF revoked_at ON tokens WHEN NEW.id = {first} \
                 BEGIN {renaming}; END"
            ),
            Engine::Postgres => format!(
                "CREATE FUNCTION meanwhile() RETURNS trigger LANGUAGE plpgsql AS \
                 $$ BEGIN {renaming}; RETURN NULL; END $$; \
                 CREATE TRIGGER meanwhile AFTER UPDATE OF revoked_at ON tokens FOR EACH ROW \
                 WHEN (NEW.id = {first}) EXECUTE FUNCTION meanwhile()"
            ),
        };
        app.fixture.database.run(&meanwhile).await;
        let before = app.actions().await.len();
        let answer = revoke(&app, json!({ "filter": { "owner": "ida", "name": "one of many" } })).await;
        let outcomes = outcomes(&answer);
        assert_eq!(answer.json()["counts"], json!({ "revoked": 32, "kept": 1 }));
        assert_eq!(outcomes[32], "kept");
        let kept = &answer.json()["results"][32]["token"];
        assert_eq!((&kept["id"], &kept["state"], &kept["name"]), (last, &json!("active"), &json!("another")));
        assert_eq!(app.actions().await.len(), before + 32);
    }

    async fn a_filter_that_means_more_says_so(app: App) {
        let ida = app.user("ida").await;
        app.fixture.many_tokens(ida.id, 1_001).await;
        let dry = revoke(&app, json!({ "filter": { "owner": "ida" }, "dry_run": true })).await;
        assert_eq!((outcomes(&dry).len(), &dry.json()["more"]), (1_000, &json!(true)));
        let first = revoke(&app, json!({ "filter": { "owner": "ida" } })).await;
        assert_eq!((&first.json()["counts"], &first.json()["more"]), (&json!({ "revoked": 1_000 }), &json!(true)));
        let rest = revoke(&app, json!({ "filter": { "owner": "ida" } })).await;
        assert_eq!((&rest.json()["counts"], &rest.json()["more"]), (&json!({ "revoked": 1 }), &json!(false)));
    }

    async fn where_one_cannot_be_ended_the_others_are(app: App) {
        let ida = app.user("ida").await;
        let (stuck, text) = app.token(ida.id, "api").await;
        let (id, token) = app.token(ida.id, "api").await;
        let refusing = match app.fixture.engine {
            Engine::Sqlite => format!(
                "CREATE TRIGGER stuck BEFORE UPDATE OF revoked_at ON tokens WHEN NEW.id = {stuck} \
                 BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
            ),
            Engine::Postgres => {
                format!("ALTER TABLE tokens ADD CONSTRAINT stuck CHECK (id <> {stuck} OR revoked_at IS NULL)")
            }
        };
        app.fixture.database.run(&refusing).await;
        let before = app.actions().await.len();
        let answer = revoke(&app, json!({ "tokens": [{ "id": stuck }, { "id": id }] })).await;
        assert_eq!(outcomes(&answer), ["failed", "revoked"]);
        let failed = &answer.json()["results"][0];
        assert_eq!((&failed["code"], &failed["token"]["state"]), (&json!("store_failed"), &json!("active")));
        assert_eq!(answer.json()["counts"], json!({ "failed": 1, "revoked": 1 }));
        assert!(works(&app, &text).await && !works(&app, &token).await);
        assert_eq!(app.actions().await[before..], ["token_revoked"]);
        let nothing = revoke(&app, json!({ "tokens": [{ "id": stuck }] })).await;
        assert_eq!(refused(&nothing), (500, "internal".to_owned()));
    }

    async fn bad_input_ends_nothing(app: App) {
        let ida = app.user("ida").await;
        let (id, text) = app.token(ida.id, "api").await;
        let before = app.actions().await;
        for bad in [
            json!({}),
            json!({ "tokens": [] }),
            json!({ "tokens": [{ "id": id }], "filter": { "owner": "ida" } }),
            json!({ "tokens": [{ "id": id }, { "id": id, "hint": "x" }] }),
            json!({ "tokens": [{ "id": id }, { "hint": "glpat-…abcd" }] }),
            json!({ "tokens": [{ "id": id }], "reason": "line\nbreak" }),
            json!({ "tokens": [{ "id": id }], "reason": "x".repeat(501) }),
            json!({ "tokens": [{ "id": id }], "dry_run": "no" }),
            json!({ "tokens": [{ "id": id }], "dryrun": true }),
            json!({ "filter": {} }),
            json!({ "filter": { "ownr": "ida" } }),
            json!({ "filter": { "owner": ["ida", "ben"] } }),
            json!({ "filter": { "state": "dead" } }),
        ] {
            let answer = revoke(&app, bad.clone()).await;
            assert_eq!(refused(&answer), (400, "invalid".to_owned()), "{bad}");
        }
        for (filter, field) in [
            (json!({ "owner": "nobody" }), "owner"),
            (json!({ "owner": 999_999 }), "owner"),
            (json!({ "subject": "group:nowhere" }), "subject"),
        ] {
            let unknown = revoke(&app, json!({ "filter": filter })).await;
            assert_eq!(refused(&unknown), (400, "invalid".to_owned()));
            assert_eq!(unknown.json()["errors"][0]["field"], field);
        }
        assert_eq!(app.actions().await, before);
        assert!(works(&app, &text).await);
    }

    async fn it_is_for_administrators(app: App) {
        let ida = app.user("ida").await;
        let (id, token) = app.token(ida.id, "api").await;
        let body = json!({ "tokens": [{ "id": id }] });
        let answer = app.post(PATH).token(&token).json(body.clone()).send().await;
        assert_eq!(refused(&answer), (403, "admin_only".to_owned()));
        let admin = app.admin("ada").await;
        let (_, reading) = app.token(admin.id, "read_api").await;
        let answer = app.post(PATH).token(&reading).json(body).send().await;
        assert_eq!(refused(&answer), (403, "insufficient_scope".to_owned()));
        assert!(works(&app, &token).await);
    }
}
