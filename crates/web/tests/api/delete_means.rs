//! What `DELETE` means on GitLab's routes: the setting `delete_means`, and the
//! parameter `hard_delete`.

use serde_json::{Value, json};
use tokenry_domain::{AccessLevel, Kind};
use tokenry_testkit::{App, both_engines};

async fn set(app: &App, means: &str) {
    let set = json!({ "delete_means": means });
    let answer = app
        .put("application/settings")
        .root()
        .json(set)
        .send()
        .await;
    assert_eq!(answer.code(), 200, "{}", answer.text);
}

/// A path that ends a fresh token, the body it takes, and the token's id.
async fn fresh(app: &App, number: usize) -> (String, Value, i64) {
    let ida = app.fixture.authority.find_user("ida").await.unwrap();
    let (id, text) = match number {
        1 => app.token_of(Kind::Impersonation, ida.id, "x", "api").await,
        _ => app.token(ida.id, "api").await,
    };
    let place = if number == 3 {
        "projects/team%2Fapp"
    } else {
        "groups/team"
    };
    match number {
        0 => (format!("personal_access_tokens/{id}"), json!({}), id.get()),
        1 => (
            format!("users/{}/impersonation_tokens/{id}", ida.id),
            json!({}),
            id.get(),
        ),
        2 => ("admin/token".to_owned(), json!({ "token": text }), id.get()),
        _ => {
            let new = json!({ "name": "bot", "scopes": ["api"], "access_level": 30 });
            let made = app
                .post(&format!("{place}/access_tokens"))
                .root()
                .json(new)
                .send()
                .await;
            let id = made.json()["id"].as_i64().unwrap();
            (format!("{place}/access_tokens/{id}"), json!({}), id)
        }
    }
}

both_engines! {
    async fn the_setting_decides_and_the_parameter_wins(app: App) {
        let ida = app.user("ida").await;
        let team = app.group("team").await;
        app.project("team/app").await;
        app.member(tokenry_domain::Place::Group(team.id), ida.id, AccessLevel::Owner).await;
        for (means, flag, action) in [
            (None, None, "token_revoked"),
            (Some("delete"), None, "token_deleted"),
            (None, Some(false), "token_revoked"),
            (Some("revoke"), None, "token_revoked"),
            (None, Some(true), "token_deleted"),
        ] {
            if let Some(means) = means {
                set(&app, means).await;
            }
            for number in 0..5 {
                let (path, mut body, id) = fresh(&app, number).await;
                if let Some(flag) = flag {
                    body["hard_delete"] = json!(flag);
                }
                let answer = app.delete(&path).root().json(body).send().await;
                assert_eq!(answer.code(), 204, "{path} {means:?} {flag:?}: {}", answer.text);
                let last = app.fixture.trail().await.pop().unwrap();
                assert_eq!((last.action.as_str(), last.target.1), (action, Some(id)), "{path} {means:?} {flag:?}");
            }
        }
    }

    async fn nobody_is_refused_by_the_setting(app: App) {
        let ida = app.user("ida").await;
        set(&app, "delete").await;
        let (_, narrow) = app.token(ida.id, "read_api").await;
        let (_, wide) = app.token(ida.id, "api").await;
        for (token, action) in [(narrow, "token_revoked"), (wide, "token_deleted")] {
            let answer = app.delete("personal_access_tokens/self").token(&token).send().await;
            assert_eq!(answer.code(), 204, "{}", answer.text);
            assert_eq!(app.actions().await.pop().unwrap(), action);
        }
    }

    async fn a_word_that_is_neither_changes_nothing(app: App) {
        for bad in [json!("purge"), json!(""), json!(true), json!(["delete"])] {
            let set = json!({ "delete_means": bad });
            let answer = app.put("application/settings").root().json(set).send().await;
            assert_eq!(answer.code(), 400, "{bad}: {}", answer.text);
        }
        let shown = app.get("application/settings").root().send().await.json();
        assert_eq!(shown["delete_means"], "revoke");
    }
}
