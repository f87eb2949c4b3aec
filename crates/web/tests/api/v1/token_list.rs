//! `GET /api/v1/tokens` and `/tokens/{id}`.

use serde_json::{Value, json};
use tokenry_domain::{Kind, TokenId, UserId, token_query::FIELDS};
use tokenry_testkit::{Answer, App, both_engines};

use super::refused;

const LIST: &str = "/api/v1/tokens";

fn names(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.code(), 200, "{}", answer.text);
    let body = answer.json();
    let rows = body["tokens"].as_array().unwrap().iter();
    let names = rows.map(|row| row["name"].as_str().unwrap().to_owned());
    names.filter(|name| name != "initial root token").collect()
}

async fn root_names(app: &App, query: &str) -> Vec<String> {
    names(&app.get(&format!("{LIST}?{query}")).root().send().await)
}

/// Five tokens an hour apart. `revoked` is; `used` was, from one address;
/// `short` expires next; ida's is a deploy token of a project; bob is blocked.
async fn five(app: &App) -> Vec<TokenId> {
    let root = UserId::from_row(1);
    let mut ids = Vec::new();
    for name in ["revoked one", "used 100%", "short"] {
        app.fixture.clock.advance(3_600);
        let scopes = if name == "short" { "read_api" } else { "api" };
        let (id, text) = app.token_of(Kind::Personal, root, name, scopes).await;
        ids.push(id);
        match name {
            "revoked one" => {
                let path = format!("personal_access_tokens/{id}");
                app.delete(&path).root().send().await;
            }
            "used 100%" => {
                let own = app.get("personal_access_tokens/self").token(&text);
                own.from("203.0.113.9").send().await;
            }
            _ => {}
        }
    }
    app.fixture.clock.advance(3_600);
    let bob = app.user("bob").await;
    ids.push(app.token_of(Kind::Personal, bob.id, "bob's", "api").await.0);
    app.post(&format!("users/{}/block", bob.id))
        .root()
        .send()
        .await;
    app.group("team").await;
    let project = app.project("team/app").await;
    let body = json!({ "name": "deploy it", "scopes": ["read_repository"] });
    let path = format!("projects/{}/deploy_tokens", project.id);
    let made = app.post(&path).root().json(body).send().await.json();
    ids.push(TokenId::from_row(made["id"].as_i64().unwrap()));
    ids
}

both_engines! {
    async fn a_row_shows_all_of_a_token_but_its_secret(app: App) {
        five(&app).await;
        let answer = app.get(&format!("{LIST}?name=deploy")).root().send().await;
        insta::assert_json_snapshot!("list", answer.json());
        let answer = app.get(&format!("{LIST}/3")).root().send().await;
        insta::assert_json_snapshot!("token", answer.json());
    }

    async fn every_field_narrows_the_list(app: App) {
        let ids = five(&app).await;
        let all = ["revoked one", "used 100%", "short", "bob's", "deploy it"];
        assert_eq!(root_names(&app, "").await, all);
        let (rotated, family) = {
            let path = format!("personal_access_tokens/{}/rotate", ids[2]);
            (app.post(&path).root().send().await.json(), ids[2])
        };
        assert_eq!(rotated["name"], "short");
        let hint = app.get(&format!("{LIST}/{}", ids[1])).root().send().await.json()["hint"].clone();
        let ending: String = hint.as_str().unwrap().chars().rev().take(4).collect();
        let ending: String = ending.chars().rev().collect();
        let cases = [
            ("kind", "deploy,feed", vec!["deploy it"]),
            ("state", "revoked", vec!["revoked one", "short"]),
            ("owner", "BOB", vec!["bob's"]),
            ("owner_state", "blocked,banned", vec!["bob's"]),
            ("subject", "project:team%2Fapp", vec!["deploy it"]),
            ("scope", "read_api,read_repository", vec!["short", "deploy it", "short"]),
            ("name", "00%25", vec!["used 100%"]),
            ("hint", &ending, vec!["used 100%"]),
            ("prefix", "gldt-", vec!["deploy it"]),
            ("created_after", "2031-04-05T16:00:00Z", vec!["bob's", "deploy it", "short"]),
            ("created_before", "3h", vec!["revoked one"]),
            ("expires_after", "2032-04-04", vec!["revoked one", "used 100%", "short", "bob's"]),
            ("expires_before", "2032-04-04", vec!["short"]),
            ("expiring_within", "8d", vec!["short"]),
            ("revoked_after", "1h", vec!["short"]),
            ("revoked_before", "1h", vec!["revoked one"]),
            ("ended_before", "2031-04-05T14:00:00Z", vec!["revoked one"]),
            ("last_used_after", "3h", vec!["used 100%"]),
            ("last_used_before", "1h", vec!["used 100%"]),
            ("never_used", "false&name=1", vec!["used 100%"]),
            ("family", &family.to_string(), vec!["short", "short"]),
            ("address", "203.0.113.9", vec!["used 100%"]),
        ];
        let tried: Vec<_> = cases.iter().map(|(field, ..)| *field).collect();
        let known: Vec<_> = FIELDS.iter().map(|field| field.name).collect();
        assert_eq!(tried, known);
        for (field, text, expected) in cases {
            let found = root_names(&app, &format!("{field}={text}")).await;
            assert_eq!(found, expected, "{field}={text}");
        }
        let both = root_names(&app, "name=O&name=e&state=inactive").await;
        assert_eq!(both, ["revoked one"]);
    }

    async fn pages_of_any_order_put_together_are_the_list(app: App) {
        five(&app).await;
        for order in ["id", "created", "expires", "last_used", "name"] {
            for direction in ["asc", "desc"] {
                let query = format!("owner=root&sort={order}_{direction}");
                let whole = root_names(&app, &query).await;
                let (mut rows, mut cursor) = (Vec::new(), String::new());
                loop {
                    let path = format!("{LIST}?{query}&per_page=2&cursor={cursor}");
                    let answer = app.get(&path).root().send().await;
                    rows.extend(names(&answer));
                    let body = answer.json();
                    assert!(body["tokens"].as_array().unwrap().len() <= 2);
                    match body["next_cursor"].as_str() {
                        Some(next) => next.clone_into(&mut cursor),
                        None => break,
                    }
                }
                assert_eq!(rows, whole, "{query}");
            }
        }
    }

    async fn tokens_are_counted_if_that_is_asked_for(app: App) {
        five(&app).await;
        for (query, expected) in [
            ("per_page=1", Value::Null),
            ("count=none", Value::Null),
            ("per_page=1&count=exact", json!(6)),
            ("per_page=1&count=estimate", json!(6)),
            ("count=exact&kind=deploy", json!(1)),
            ("count=exact&name=nothing", json!(0)),
        ] {
            let answer = app.get(&format!("{LIST}?{query}")).root().send().await;
            assert_eq!(answer.json()["count"], expected, "{query}");
        }
    }

    async fn what_is_wrong_is_refused_and_named(app: App) {
        let known = app.get(&format!("{LIST}?sort=created_asc&per_page=1"));
        app.user("ida").await;
        app.token(UserId::from_row(1), "api").await;
        let cursor = known.root().send().await.json()["next_cursor"].clone();
        let cursor = cursor.as_str().unwrap();
        let (position, proof) = cursor.rsplit_once('.').unwrap();
        let other = if proof.starts_with('A') { 'B' } else { 'A' };
        let twisted = format!("cursor={position}.{other}{}&sort=created_asc", &proof[1..]);
        let elsewhere = format!("cursor={cursor}");
        for (query, code, field) in [
            ("ownr=ida", "invalid", "query"),
            ("kind=pat", "invalid", "kind"),
            ("owner=nobody", "invalid", "owner"),
            ("owner=99", "invalid", "owner"),
            ("subject=group:nothing", "invalid", "subject"),
            ("created_after=tomorrow", "invalid", "created_after"),
            ("kind=personal&kind=group", "invalid", "kind"),
            ("sort=size", "invalid", "sort"),
            ("sort=name_asc", "invalid", "sort"),
            ("sort=last_used_desc", "invalid", "sort"),
            ("per_page=0", "invalid", "per_page"),
            ("per_page=1001", "invalid", "per_page"),
            ("per_page=x", "invalid", "per_page"),
            ("count=all", "invalid", "count"),
            ("count=exact&count=none", "invalid", "count"),
            ("page=2", "invalid", "query"),
            ("cursor=x", "broken_cursor", ""),
            (&twisted, "broken_cursor", ""),
            (&elsewhere, "broken_cursor", ""),
        ] {
            let answer = app.get(&format!("{LIST}?{query}")).root().send().await;
            assert_eq!(refused(&answer), (400, code.to_owned()), "{query}");
            let body = answer.json();
            assert_eq!(body["errors"][0]["field"].as_str().unwrap_or_default(), field, "{query}");
        }
        let all = app.get(&format!("{LIST}?kind=x&state=y&sort=z&per_page=0&count=all"));
        let all = all.root().send().await.json();
        assert_eq!(all["errors"].as_array().unwrap().len(), 5);
    }

    async fn users_see_what_is_theirs_and_nothing_else(app: App) {
        let ids = five(&app).await;
        let ida = app.user("ida").await;
        let (own, token) = app.token(ida.id, "read_api").await;
        let (hidden, _) = app.token_of(Kind::Impersonation, ida.id, "hidden", "api").await;
        app.token_of(Kind::Feed, ida.id, "feed", "").await;
        let list = |query: &str| app.get(&format!("{LIST}{query}")).token(&token).send();
        for query in ["", "?owner=ida", "?owner_state=active", "?count=exact"] {
            assert_eq!(names(&list(query).await), ["a test's", "feed"], "{query}");
        }
        assert_eq!(names(&list("?sort=name_desc&kind=personal").await), ["a test's"]);
        for query in ["?owner=root", "?owner=1", "?kind=impersonation", "?kind=personal,deploy"] {
            assert_eq!(refused(&list(query).await), (403, "not_permitted".into()), "{query}");
        }
        // A place that they may not see is no place.
        assert_eq!(refused(&list("?subject=group:team").await), (400, "invalid".into()));
        assert_eq!(list(&format!("/{own}")).await.json()["owner"]["username"], "ida");
        for id in [ids[0].get(), hidden.get(), 999, i64::MAX] {
            let answer = list(&format!("/{id}")).await;
            assert_eq!(refused(&answer), (404, "token_not_found".into()), "{id}");
        }
        assert_eq!(refused(&list("/seven").await), (400, "invalid".into()));
    }

    async fn strangers_and_weak_tokens_are_refused(app: App) {
        let ida = app.user("ida").await;
        let (_, weak) = app.token(ida.id, "read_user").await;
        for path in [LIST.to_owned(), format!("{LIST}/1"), format!("{LIST}?ownr=1")] {
            assert_eq!(refused(&app.get(&path).send().await), (401, "credential_missing".into()));
            let answer = app.get(&path).token(&weak).send().await;
            assert_eq!(refused(&answer), (403, "insufficient_scope".into()));
        }
    }

    async fn reading_leaves_no_trail(app: App) {
        five(&app).await;
        let before = app.actions().await;
        for query in ["", "?last_used_before=1h&count=exact", "/1"] {
            app.get(&format!("{LIST}{query}")).root().send().await;
        }
        assert_eq!(app.actions().await, before);
    }
}
