//! `POST /groups/:id/tokens/revoke`.

use serde_json::{Value, json};
use tokenry_domain::{AccessLevel, Kind, UserId};
use tokenry_testkit::{Answer, App, both_engines};

use crate::{error, forbidden, message};

const PATH: &str = "groups/team/tokens/revoke";

async fn revoke(app: &App, token: &str, found: &str) -> Answer {
    let body = json!({ "token": found });
    app.post(PATH).token(token).json(body).send().await
}

fn not_found() -> (u16, Value) {
    (404, json!({ "message": { "error": "Not found" } }))
}

/// The secret of what was issued.
fn secret(answer: &Answer) -> String {
    assert_eq!(answer.code(), 201, "{}", answer.text);
    answer.json()["token"].as_str().unwrap().to_owned()
}

/// The owner of `team`, and their token.
async fn owner(app: &App) -> (UserId, String) {
    let group = app.group("team").await;
    let user = app.user("otto").await.id;
    app.member(group.place(), user, AccessLevel::Owner).await;
    (user, app.token(user, "api").await.1)
}

both_engines! {
    async fn what_is_in_reach_is_revoked(app: App) {
        let (_, owner) = owner(&app).await;
        app.group("team/sub").await;
        let project = app.project("team/sub/app").await;
        let ida = app.user("ida").await.id;
        app.member(project.place(), ida, AccessLevel::Guest).await;
        let new = json!({ "name": "x", "scopes": ["api"] });
        let account = app.post("projects/team%2Fsub%2Fapp/service_accounts").root().send().await.json()["id"].clone();
        let account = format!("projects/team%2Fsub%2Fapp/service_accounts/{account}/personal_access_tokens");
        let mut found = vec![
            app.token(ida, "api").await.1,
            app.token_of(Kind::Impersonation, ida, "x", "api").await.1,
            app.token(ida, "read_user").await.1,
        ];
        for path in ["groups/team/access_tokens", "projects/team%2Fsub%2Fapp/access_tokens", account.as_str()] {
            found.push(secret(&app.post(path).root().json(new.clone()).send().await));
        }
        for text in found {
            let before = app.actions().await.len();
            for _ in 0..2 {
                assert_eq!(revoke(&app, &owner, &text).await.both(), (204, Value::Null));
            }
            assert_eq!(app.actions().await[before..], ["token_revoked"], "once");
            assert_eq!(app.get("personal_access_tokens/self").token(&text).send().await.code(), 401);
        }
    }

    async fn it_ends_as_its_kind_says(app: App) {
        let (_, owner) = owner(&app).await;
        let project = app.project("team/app").await;
        let ida = app.user("ida").await.id;
        app.member(project.place(), ida, AccessLevel::Developer).await;
        let (_, token) = app.token(ida, "api").await;
        let asked = json!({ "name": "unit", "ref": "main" });
        let feed = secret(&app.post("user/feed_token/reset").token(&token).send().await);
        let job = secret(&app.post("projects/team%2Fapp/jobs").token(&token).json(asked).send().await);
        for (found, action) in [(feed, "token_reset"), (job, "holder_ended")] {
            let before = app.actions().await.len();
            for _ in 0..2 {
                assert_eq!(revoke(&app, &owner, &found).await.both(), (204, Value::Null));
            }
            assert_eq!(app.actions().await[before..], [action]);
        }
        let next = app.get("user/feed_token").token(&token).send().await;
        assert_eq!(next.code(), 200, "another took its place");
        let jobs = app.get("projects/team%2Fapp/jobs").token(&token).send().await;
        assert_eq!(jobs.column("status"), ["canceled"]);
    }

    async fn what_is_not_in_reach_is_not_there(app: App) {
        let (_, owner) = owner(&app).await;
        app.group("other").await;
        app.project("other/app").await;
        let bo = app.user("bo").await.id;
        let new = json!({ "name": "x", "scopes": ["api"] });
        let account = app.post("service_accounts").root().send().await.json()["id"].clone();
        let found = [
            app.token(bo, "api").await.1,
            secret(&app.post("projects/other%2Fapp/access_tokens").root().json(new.clone()).send().await),
            secret(&app.post("groups/other/access_tokens").root().json(new.clone()).send().await),
            secret(&app.post(&format!("users/{account}/personal_access_tokens")).root().json(new).send().await),
        ];
        let before = app.actions().await;
        for text in &found {
            assert_eq!(revoke(&app, &owner, text).await.both(), not_found());
            assert_eq!(app.get("personal_access_tokens/self").token(text).send().await.code(), 200);
        }
        for never in ["glpat-neverNeverNever000000", "glpat-", &format!("{} ", found[0])] {
            assert_eq!(revoke(&app, &owner, never).await.both(), not_found(), "{never}");
        }
        for strange in ["unsupported", "", &"x".repeat(10_240)] {
            assert_eq!(revoke(&app, &owner, strange).await.both(), message(422, "Token type not supported."));
        }
        assert_eq!(app.post(PATH).token(&owner).send().await.both(), error(400, "token is missing"));
        assert_eq!(app.post(PATH).token(&owner).json(json!({ "token": {} })).send().await.both(), error(400, "token is invalid"));
        assert_eq!(app.actions().await, before);
    }

    async fn only_owners_of_groups_at_the_top_may(app: App) {
        let (user, owner) = owner(&app).await;
        let (_, found) = app.token(user, "api").await;
        let place = app.group("team/sub").await.place();
        let mia = app.user("mia").await.id;
        let (_, maintainer) = app.token(mia, "api").await;
        app.member(place, mia, AccessLevel::Owner).await;
        assert_eq!(revoke(&app, &maintainer, &found).await.both(), forbidden());
        let below = app.post("groups/team%2Fsub/tokens/revoke").token(&owner).json(json!({ "token": found })).send().await;
        assert_eq!(below.both(), message(403, "403 Forbidden - not permitted to revoke tokens in a group that lies in another"));
        let (_, narrow) = app.token(user, "read_api").await;
        assert_eq!(revoke(&app, &narrow, &found).await.json()["error"], "insufficient_scope");
        assert_eq!(app.get("user").token(&found).send().await.code(), 200);
        assert_eq!(revoke(&app, tokenry_testkit::fixture::ROOT_TOKEN, &found).await.code(), 204);
    }
}
