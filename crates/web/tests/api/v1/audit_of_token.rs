//! `GET /api/v1/audit?token=…`: the whole story of a token, however it ended.

use serde_json::{Value, json};
use tokenry_testkit::{App, both_engines};

use super::audit::{actions, pages};
use crate::secret;

/// A token, and what is told of it, the newest first.
struct Story {
    way: &'static str,
    id: i64,
    told: &'static [&'static str],
}

const fn story(way: &'static str, id: i64, told: &'static [&'static str]) -> Story {
    Story { way, id, told }
}

/// Does something as root; answers the body.
async fn done(app: &App, method: &str, path: &str, body: Value) -> Value {
    let answer = app.ask(method, path).root().json(body).send().await;
    assert!(answer.status.is_success(), "{path}: {}", answer.text);
    answer.json()
}

async fn delete(app: &App, path: &str) {
    let answer = app.delete(path).root().send().await;
    assert!(answer.status.is_success(), "{path}: {}", answer.text);
}

fn id(body: &Value) -> i64 {
    body["id"].as_i64().unwrap()
}

/// Another user's token.
async fn owned(app: &App, username: &str) -> i64 {
    let user = app.user(username).await;
    app.token(user.id, "api").await.0.get()
}

/// The id of the newest token of a kind.
async fn newest(app: &App, kind: &str) -> i64 {
    let path = format!("/api/v1/tokens?kind={kind}&per_page=100");
    let listed = app.get(&path).root().send().await.json();
    listed["tokens"]
        .as_array()
        .unwrap()
        .iter()
        .map(id)
        .max()
        .unwrap()
}

/// What is done to one token, or puts one in another's place.
async fn one_by_one(app: &App) -> Vec<Story> {
    let (revoked, deleted) = (owned(app, "a").await, owned(app, "b").await);
    delete(app, &format!("personal_access_tokens/{revoked}")).await;
    delete(
        app,
        &format!("personal_access_tokens/{deleted}?hard_delete=true"),
    )
    .await;

    let ida = app.user("ida").await;
    let (first, text) = app.token(ida.id, "api").await;
    let rotate = format!("personal_access_tokens/{first}/rotate");
    let second = id(&done(app, "POST", &rotate, json!({})).await);
    // Its text comes up once more.
    let again = app
        .post("personal_access_tokens/self/rotate")
        .token(&text)
        .send()
        .await;
    assert_eq!(again.code(), 401);

    let login = |if_exists: &str| json!({ "kind": "personal", "name": "login", "scopes": ["api"], "if_exists": if_exists });
    let mut logins = Vec::new();
    for if_exists in ["add", "add", "replace"] {
        logins.push(id(
            &done(app, "POST", "/api/v1/tokens", login(if_exists)).await
        ));
    }
    vec![
        story("revoked", revoked, &["token_revoked", "token_created"]),
        story("deleted", deleted, &["token_deleted", "token_created"]),
        story(
            "rotated",
            first.get(),
            &["token_family_revoked", "token_rotated", "token_created"],
        ),
        story(
            "its family was revoked",
            second,
            &["token_family_revoked", "token_rotated"],
        ),
        story("replaced", logins[0], &["token_replaced", "token_created"]),
        story(
            "replaced as well",
            logins[1],
            &["token_replaced", "token_created"],
        ),
        story("replaces others", logins[2], &["token_replaced"]),
    ]
}

/// What goes with its owner or its place, or goes over to another owner.
async fn with_owners(app: &App) -> Vec<Story> {
    let (group, _) = (app.group("team").await, app.project("team/app").await);
    let gone = app.user("gone").await;
    let own = app.token(gone.id, "api").await.0.get();
    let owner = tokenry_domain::AccessLevel::Owner;
    app.member(group.place(), gone.id, owner).await;
    let (_, text) = app.token(gone.id, "api").await;
    let new = json!({ "name": "mirror", "scopes": ["read_repository"] });
    let made = app
        .post("projects/team%2Fapp/deploy_tokens")
        .token(&text)
        .json(new)
        .send()
        .await;
    let deploy = id(&made.json());
    delete(app, &format!("users/{}", gone.id)).await;
    delete(app, &format!("groups/{}", group.id)).await;

    let new = json!({ "username": "eva", "email": "eva@example.com", "name": "Eva",
                      "password": "correct horse", "skip_confirmation": true });
    let eva = id(&done(app, "POST", "users", new).await);
    let sign_in = json!({ "login": "eva", "password": "correct horse" });
    let session = app.post("session").json(sign_in).send().await.json()["session_id"].as_i64();
    let password = json!({ "password": "another horse" });
    done(app, "PUT", &format!("users/{eva}"), password).await;
    vec![
        story(
            "its owner was removed",
            own,
            &["user_deleted", "token_created"],
        ),
        story(
            "was handed over, and went with its place",
            deploy,
            &["group_deleted", "user_deleted", "token_created"],
        ),
        story(
            "its owner's password changed",
            session.unwrap(),
            &["user_updated", "token_created"],
        ),
    ]
}

/// What belongs to something that holds it.
async fn with_holders(app: &App) -> Vec<Story> {
    let new = json!({ "runner_type": "instance_type" });
    let runner = id(&done(app, "POST", "user/runners", new).await);
    let first = newest(app, "runner").await;
    let reset = format!("runners/{runner}/reset_authentication_token");
    done(app, "POST", &reset, json!({})).await;
    let second = newest(app, "runner").await;
    delete(app, &format!("runners/{runner}")).await;

    app.group("lab").await;
    app.project("lab/app").await;
    let new = json!({ "name": "unit", "ref": "main" });
    let job = id(&done(app, "POST", "projects/lab%2Fapp/jobs", new).await);
    let of_job = newest(app, "job").await;
    done(
        app,
        "POST",
        &format!("jobs/{job}/finish"),
        json!({ "status": "success" }),
    )
    .await;
    vec![
        story(
            "reset",
            first,
            &["holder_deleted", "token_reset", "holder_created"],
        ),
        story(
            "what held it was removed",
            second,
            &["holder_deleted", "token_reset"],
        ),
        story("its job ended", of_job, &["holder_ended", "holder_created"]),
    ]
}

/// What the server ends by rules, and by filters. The tombstones go as well.
async fn by_rules(app: &App) -> Vec<Story> {
    let (purged, old) = (owned(app, "left").await, app.user("old").await);
    let filed = json!({ "filter": { "owner": "left" } });
    done(app, "POST", "/api/v1/purges", filed).await;
    app.fixture.authority.work_off_purges().await.unwrap();
    let acting = tokenry_domain::Kind::Impersonation;
    let due = app.token_of(acting, old.id, "acting", "api").await.0.get();
    done(
        app,
        "POST",
        &format!("/api/v1/tokens/{due}/revoke"),
        json!({}),
    )
    .await;
    let out = app.user("out").await;
    let unwanted = app.token(out.id, "api").await.0.get();
    done(app, "POST", &format!("users/{}/block", out.id), json!({})).await;
    let rules = json!({
        "tokens": [{ "kinds": ["impersonation"], "days": 1 }],
        "tombstone_days": 1,
        "hygiene": { "owner_out": true },
    });
    done(app, "PUT", "/api/v1/retention", rules).await;
    for _ in 0..2 {
        app.fixture.clock.advance(2 * 86_400);
        app.fixture.authority.retain().await.unwrap();
    }
    vec![
        story("purged", purged, &["tokens_purged", "token_created"]),
        story(
            "its retention was over",
            due,
            &["retention_applied", "token_revoked", "token_created"],
        ),
        story(
            "against the rules of hygiene",
            unwanted,
            &["hygiene_applied", "token_created"],
        ),
    ]
}

both_engines! {
    async fn however_a_token_ended_its_story_is_told(app: App) {
        let mut stories = one_by_one(&app).await;
        stories.extend(with_owners(&app).await);
        stories.extend(with_holders(&app).await);
        stories.extend(by_rules(&app).await);
        assert_eq!(app.fixture.database.count("tombstones").await, 0, "nothing else tells of them");
        for Story { way, id, told } in stories {
            let query = format!("token={id}");
            assert_eq!(actions(&app, &query).await, told, "{way}");
            assert_eq!(pages(&app, &query, 1).await, told, "{way}, one at a time");
        }
    }

    async fn what_befell_other_tokens_is_not_told(app: App) {
        let (mine, other) = (owned(&app, "ida").await, owned(&app, "ben").await);
        let filed = json!({ "filter": { "owner": "ben" } });
        done(&app, "POST", "/api/v1/purges", filed).await;
        app.fixture.authority.work_off_purges().await.unwrap();
        assert_eq!(actions(&app, &format!("token={mine}")).await, ["token_created"]);
        let purges = format!("token={other}&action=tokens_purged");
        assert_eq!(actions(&app, &purges).await, ["tokens_purged"]);
    }

    async fn what_went_with_its_entry_leaves_nothing(app: App) {
        let purged = owned(&app, "ben").await;
        let filed = json!({ "filter": { "owner": "ben" } });
        done(&app, "POST", "/api/v1/purges", filed).await;
        app.fixture.authority.work_off_purges().await.unwrap();
        let rotated = format!("personal_access_tokens/{}/rotate", owned(&app, "ida").await);
        assert!(!secret(&app.post(&rotated).root().send().await).is_empty());
        assert_eq!(app.fixture.database.count("audit_tokens").await, 2);
        done(&app, "PUT", "/api/v1/retention", json!({ "tokens": [], "audit_days": 1 })).await;
        app.fixture.clock.advance(2 * 86_400);
        app.fixture.authority.retain().await.unwrap();
        assert_eq!(app.fixture.database.count("audit_tokens").await, 0);
        assert_eq!(actions(&app, &format!("token={purged}")).await, [""; 0]);
        assert_eq!(app.actions().await, ["retention_applied"]);
    }
}
