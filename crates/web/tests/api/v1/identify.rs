//! `POST /api/v1/tokens/identify`.

use serde_json::{Value, json};
use tokenry_testkit::{Answer, App, both_engines, fixture::ROOT_TOKEN};

use super::refused;

const PATH: &str = "/api/v1/tokens/identify";

async fn identify(app: &App, tokens: Value) -> Answer {
    let body = json!({ "tokens": tokens });
    app.post(PATH).root().json(body).send().await
}

/// What each turned out to be, and the id of the one it is.
fn told(answer: &Answer) -> Vec<(String, i64)> {
    assert_eq!(answer.code(), 200, "{}", answer.text);
    let results = answer.json()["results"].as_array().unwrap().clone();
    let told = results.iter().map(|result| {
        let which = ["token", "tombstone"].map(|name| result[name]["id"].as_i64());
        let [token, tombstone] = which;
        let what = result["result"].as_str().unwrap().to_owned();
        (what, token.or(tombstone).unwrap_or(0))
    });
    told.collect()
}

fn hashes(text: &str) -> [String; 2] {
    use data_encoding::{BASE64, HEXLOWER};
    let hash = tokenry_token::Fingerprint::of(text);
    [
        HEXLOWER.encode(hash.as_bytes()),
        BASE64.encode(hash.as_bytes()),
    ]
}

both_engines! {
    async fn whatever_is_known_of_a_token_leads_to_it(app: App) {
        let ida = app.user("ida").await;
        let (id, text) = app.token(ida.id, "read_api").await;
        let hint = app.fixture.authority.show_token(&app.fixture.console(), id).await.unwrap().hint;
        let [hex, base64] = hashes(&text);
        let before = app.actions().await;
        let answer = identify(&app, json!([
            { "value": text }, { "sha256": hex }, { "sha256": base64 }, { "id": id },
            { "hint": hint.as_str() }, { "hint": hint.as_str().replace('…', "...") },
            { "hint": hint.ending() },
        ])).await;
        assert_eq!(told(&answer), vec![("token".to_owned(), id.get()); 7]);
        assert!(!answer.text.contains(&text), "never the value");
        insta::assert_json_snapshot!("identified", answer.json()["results"][0]);
        assert_eq!(app.actions().await, before, "nothing is changed, and no use counted");
        let again = identify(&app, json!([{ "value": text }])).await;
        assert_eq!(again.json()["results"][0]["token"]["last_used_at"], Value::Null);
    }

    async fn a_deleted_token_is_told_with_who_and_why(app: App) {
        let ida = app.user("ida").await;
        let (id, text) = app.token(ida.id, "api").await;
        let path = format!("/api/v1/tokens/{id}");
        let body = json!({ "reason": "found in a public repository" });
        assert_eq!(app.delete(&path).root().json(body).send().await.code(), 204);
        let [hex, _] = hashes(&text);
        let answer = identify(&app, json!([{ "value": text }, { "sha256": hex }, { "id": id }])).await;
        assert_eq!(told(&answer), vec![("deleted".to_owned(), id.get()); 3]);
        insta::assert_json_snapshot!("buried", answer.json()["results"][0]);
        let gitlabs = app.post("admin/token").root().json(json!({ "token": text })).send().await;
        assert_eq!(gitlabs.code(), 404, "GitLab doesn't know what is deleted");
        app.fixture.authority.remove_user(&app.fixture.console(), ida.id).await.unwrap();
        let orphan = identify(&app, json!([{ "id": id }])).await.json();
        assert_eq!(orphan["results"][0]["tombstone"]["owner"], json!({ "id": ida.id, "username": null }));
    }

    async fn a_token_that_went_with_its_owner_says_so(app: App) {
        let ida = app.user("ida").await;
        let (id, text) = app.token(ida.id, "api").await;
        app.delete(&format!("users/{}", ida.id)).root().send().await;
        let answer = identify(&app, json!([{ "value": text }])).await;
        assert_eq!(told(&answer), [("deleted".to_owned(), id.get())]);
        let tombstone = &answer.json()["results"][0]["tombstone"];
        assert_eq!(tombstone["reason"], "its owner was removed");
        assert_eq!(tombstone["deleted_by"]["username"], "root");
    }

    async fn what_is_not_ours_is_unknown(app: App) {
        let spoilt = format!("{ROOT_TOKEN}x");
        let answer = identify(&app, json!([
            { "value": "ghp_0123456789" }, { "value": "" }, { "value": spoilt },
            { "value": "glpat-" }, { "sha256": "0".repeat(64) }, { "id": 999_999 }, { "id": -1 },
            { "id": i64::MAX }, { "hint": "glpat-…zzzz" }, { "hint": "zz_%" },
        ])).await;
        let words: Vec<_> = told(&answer).into_iter().map(|(word, _)| word).collect();
        let foreign = ["no_known_prefix"; 2];
        assert_eq!(words, [&foreign[..], &["unknown"; 8]].concat());
        let root = identify(&app, json!([{ "value": ROOT_TOKEN }])).await;
        assert_eq!(told(&root)[0].0, "token");
    }

    async fn a_former_prefix_is_still_known(app: App) {
        let ida = app.user("ida").await;
        let (id, text) = app.token(ida.id, "api").await;
        let (gone, buried) = app.token(ida.id, "api").await;
        app.delete(&format!("/api/v1/tokens/{gone}")).root().send().await;
        let set = json!({ "personal_access_token_prefix": "acme-" });
        app.put("application/settings").root().json(set).send().await;
        let answer = identify(&app, json!([{ "value": text }, { "value": buried }])).await;
        let expected = [("token".to_owned(), id.get()), ("deleted".to_owned(), gone.get())];
        assert_eq!(told(&answer), expected);
    }

    async fn a_hint_may_mean_several(app: App) {
        let ida = app.user("ida").await;
        let (first, _) = app.token(ida.id, "api").await;
        let (second, _) = app.token(ida.id, "api").await;
        let (third, _) = app.token(ida.id, "api").await;
        app.delete(&format!("/api/v1/tokens/{third}")).root().send().await;
        let all = "UPDATE tokens SET hint = 'glpat-…same' WHERE owner_id <> 1";
        app.fixture.database.run(all).await;
        app.fixture.database.run("UPDATE tombstones SET hint = 'glpat-…same'").await;
        for hint in ["same", "glpat-…same"] {
            let answer = identify(&app, json!([{ "hint": hint }])).await.json();
            let several = &answer["results"][0];
            assert_eq!((&several["result"], &several["more"]), (&json!("several"), &json!(false)));
            let ids = [&several["tokens"][0], &several["tokens"][1], &several["tombstones"][0]];
            assert_eq!(ids.map(|one| one["id"].clone()), [json!(first), json!(second), json!(third)]);
        }
        for _ in 0..21 {
            app.token(ida.id, "api").await;
        }
        app.fixture.database.run(all).await;
        let answer = identify(&app, json!([{ "hint": "same" }])).await.json();
        let several = &answer["results"][0];
        assert_eq!(several["tokens"].as_array().unwrap().len(), 20);
        assert_eq!((&several["tombstones"], &several["more"]), (&json!([]), &json!(true)));
    }

    async fn a_thousand_are_told_at_once_in_their_order(app: App) {
        let ida = app.user("ida").await;
        let (first, text) = app.token(ida.id, "api").await;
        let (last, _) = app.token(ida.id, "api").await;
        let mut clues: Vec<Value> = (0..998).map(|number| json!({ "id": 10_000 + number })).collect();
        clues.insert(0, json!({ "value": text }));
        clues.push(json!({ "id": last }));
        let answer = told(&identify(&app, json!(clues)).await);
        assert_eq!((answer.len(), answer[0].1, answer[999].1), (1_000, first.get(), last.get()));
        assert_eq!(answer.iter().filter(|(word, _)| word == "unknown").count(), 998);
        clues.push(json!({ "id": 1 }));
        assert_eq!(refused(&identify(&app, json!(clues)).await), (400, "invalid".to_owned()));
    }

    async fn what_cannot_be_read_is_named_without_being_repeated(app: App) {
        for (bad, field) in [
            (json!([]), "tokens"),
            (json!({}), "tokens"),
            (json!([{}]), "tokens[0]"),
            (json!([{ "id": 1 }, { "id": 1, "value": "glpat-secret" }]), "tokens[1]"),
            (json!([{ "sha256": "glpat-secret" }]), "tokens[0]"),
            (json!([{ "hint": "glpat-secret-that-was-pasted-whole" }]), "tokens[0]"),
            (json!([{ "value": 1 }]), "tokens[0].value"),
            (json!([{ "text": "glpat-secret" }]), "tokens[0].text"),
        ] {
            let answer = identify(&app, bad).await;
            assert_eq!(refused(&answer), (400, "invalid".to_owned()));
            assert!(!answer.text.contains("secret"), "{}", answer.text);
            assert_eq!(answer.json()["errors"][0]["field"], field, "{}", answer.text);
        }
    }

    async fn it_is_for_administrators(app: App) {
        let ida = app.user("ida").await;
        let (_, token) = app.token(ida.id, "api").await;
        let body = json!({ "tokens": [{ "value": token }] });
        let answer = app.post(PATH).token(&token).json(body.clone()).send().await;
        assert_eq!(refused(&answer), (403, "admin_only".to_owned()));
        let stranger = app.post(PATH).json(body).send().await;
        assert_eq!(refused(&stranger), (401, "credential_missing".to_owned()));
    }
}
