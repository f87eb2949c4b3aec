//! `/service_accounts`, the same below projects and groups, and their tokens.

use serde_json::{Value, json};
use tokenry_domain::{AccessLevel, Place, UserId};
use tokenry_testkit::{App, both_engines};

use crate::{error, forbidden, message, unauthorized, without_secret};

const INSTANCE: &str = "service_accounts";
const OF_GROUP: &str = "groups/team/service_accounts";
const OF_PROJECT: &str = "projects/team%2Fapp/service_accounts";

async fn places(app: &App) -> [Place; 2] {
    [
        app.group("team").await.place(),
        app.project("team/app").await.place(),
    ]
}

/// A member of both places, and their token.
async fn person(app: &App, places: [Place; 2], name: &str, level: AccessLevel) -> (UserId, String) {
    let user = app.user(name).await.id;
    for place in places {
        app.member(place, user, level).await;
    }
    (user, app.token(user, "api").await.1)
}

/// A new service account's id.
async fn create(app: &App, path: &str, token: &str) -> i64 {
    let answer = app.post(path).token(token).send().await;
    assert_eq!(answer.code(), 201, "{}", answer.text);
    answer.json()["id"].as_i64().unwrap()
}

const ROOT: &str = tokenry_testkit::fixture::ROOT_TOKEN;

both_engines! {
    async fn accounts_are_created_edited_listed_and_removed(app: App) {
        places(&app).await;
        for (path, stem) in [
            (INSTANCE, "service_account_"),
            (OF_GROUP, "service_account_group_"),
            (OF_PROJECT, "service_account_project_"),
        ] {
            let before = app.actions().await.len();
            let made_up = app.post(path).root().body("application/json", "").send().await;
            assert_eq!((made_up.code(), &made_up.json()["name"]), (201, &json!("Service account user")));
            let username = made_up.json()["username"].as_str().unwrap().to_owned();
            assert!(username.starts_with(stem), "{username}");
            assert_eq!(made_up.json()["email"], format!("{username}@noreply.tokenry.invalid"));

            let body = json!({ "name": "Deployer", "username": "deployer", "email": "deployer@example.com" });
            let answer = app.post(path).root().json(body.clone()).send().await;
            let id = answer.json()["id"].clone();
            let mut expected = body.clone();
            expected["id"] = id.clone();
            assert_eq!(answer.both(), (201, expected));
            let again = json!({ "username": "Deployer" });
            let again = app.post(path).root().json(again).send().await;
            assert_eq!(again.both(), message(400, "400 Bad request - Username has already been taken"));

            let one = format!("{path}/{id}");
            let edited = app.ask("PATCH", &one).root().json(json!({ "name": "Releaser" })).send().await;
            assert_eq!((edited.code(), &edited.json()["name"], &edited.json()["username"]), (200, &json!("Releaser"), &json!("deployer")));
            let taken = app.ask("PATCH", &one).root().json(json!({ "email": "root@localhost" })).send().await;
            assert_eq!(taken.both(), message(400, "400 Bad request - Email has already been taken"));

            let listed = app.get(path).root().send().await;
            assert_eq!(listed.column("username"), [json!("deployer"), json!(username)], "only those at home here");
            let listed = app.get(&format!("{path}?order_by=username&sort=desc&per_page=1")).root().send().await;
            assert_eq!(listed.column("username"), [json!(username)]);
            assert_eq!(listed.header("x-total"), "2");
            assert_eq!(app.delete(&one).root().send().await.both(), (204, Value::Null));
            assert_eq!(app.delete(&one).root().send().await.both(), message(404, "404 User Not Found"));
            let actions = app.actions().await.split_off(before);
            assert_eq!(actions, ["user_created", "user_created", "user_updated", "user_deleted"]);
        }
        let listed = app.get(&format!("{INSTANCE}?order_by=email")).root().send().await;
        assert_eq!(listed.both(), error(400, "order_by does not have a valid value"));
    }

    async fn roles_decide(app: App) {
        let places = places(&app).await;
        let (_, maintainer) = person(&app, places, "mia", AccessLevel::Maintainer).await;
        let (_, owner) = person(&app, places, "otto", AccessLevel::Owner).await;
        let (_, developer) = person(&app, places, "dora", AccessLevel::Developer).await;
        for (path, token, may) in [
            (INSTANCE, &owner, false),
            (OF_GROUP, &maintainer, false),
            (OF_GROUP, &owner, true),
            (OF_PROJECT, &developer, false),
            (OF_PROJECT, &maintainer, true),
        ] {
            let id = create(&app, path, ROOT).await;
            let (one, before) = (format!("{path}/{id}"), app.actions().await.len());
            let tokens = format!("{one}/personal_access_tokens");
            let new = json!({ "name": "x", "scopes": ["read_api"] });
            let mut asked = vec![("GET", path.to_owned()), ("PATCH", one.clone())];
            if path != INSTANCE {
                asked.extend([
                    ("GET", tokens.clone()),
                    ("POST", tokens.clone()),
                    ("POST", format!("{tokens}/1/rotate")),
                    ("DELETE", format!("{tokens}/1")),
                ]);
            }
            asked.extend([("POST", path.to_owned()), ("DELETE", one)]);
            for (method, path) in asked {
                let body = if path == tokens { new.clone() } else { json!({}) };
                let answer = app.ask(method, &path).token(token).json(body).send().await;
                if may {
                    assert!([200, 201, 204, 404].contains(&answer.code()), "{method} {path}: {}", answer.text);
                } else {
                    assert_eq!(answer.both(), forbidden(), "{method} {path}");
                }
            }
            let written = app.actions().await.split_off(before);
            let all: &[&str] = if may { &["user_updated", "token_created", "user_created", "user_deleted"] } else { &[] };
            assert_eq!(written, all);
        }
    }

    async fn tokens_are_issued_rotated_and_revoked(app: App) {
        let places = places(&app).await;
        let (_, owner) = person(&app, places, "otto", AccessLevel::Owner).await;
        for path in [OF_GROUP, OF_PROJECT] {
            let id = create(&app, path, &owner).await;
            let tokens = format!("{path}/{id}/personal_access_tokens");
            let before = app.actions().await.len();
            let body = json!({ "name": "deploy", "scopes": "api,read_user", "expires_at": "2031-12-31" });
            let issued = app.post(&tokens).token(&owner).json(body).send().await;
            assert_eq!(issued.code(), 201, "{}", issued.text);
            let mut shown = without_secret(&issued);
            shown["id"] = json!("[id]");
            shown["user_id"] = json!("[user_id]");
            insta::allow_duplicates! { insta::assert_json_snapshot!("issued", shown); }
            let text = issued.json()["token"].as_str().unwrap().to_owned();
            assert_eq!(app.get("user").token(&text).send().await.json()["id"], id);
            let named = app.post("admin/token").root().json(json!({ "token": text })).send().await;
            assert_eq!(named.json()["token_type"], "service_account");

            let first = format!("{tokens}/{}", issued.json()["id"]);
            let rotated = app.post(&format!("{first}/rotate")).token(&owner).send().await;
            assert_eq!((rotated.code(), &rotated.json()["expires_at"]), (200, &json!("2031-04-12")));
            assert_eq!(app.get("user").token(&text).send().await.code(), 401);
            let again = app.post(&format!("{first}/rotate")).token(&owner).send().await;
            assert_eq!(again.both(), message(400, "400 Bad request - Token already revoked"));
            let listed = app.get(&format!("{tokens}?state=active")).token(&owner).send().await;
            assert_eq!(listed.column("id"), [rotated.json()["id"].clone()]);

            let second = format!("{tokens}/{}", rotated.json()["id"]);
            assert_eq!(app.delete(&second).token(&owner).send().await.code(), 204);
            assert_eq!(app.get(&tokens).token(&owner).send().await.column("revoked"), [json!(true), json!(true)]);
            assert_eq!(app.delete(&format!("{second}?hard_delete=true")).token(&owner).send().await.code(), 204);
            let gone = app.delete(&second).token(&owner).send().await;
            assert_eq!(gone.both(), message(404, "404 Personal Access Token Not Found"));
            let actions = app.actions().await.split_off(before);
            assert_eq!(actions, ["token_created", "token_rotated", "token_revoked", "token_deleted"]);
        }
    }

    async fn a_token_is_reached_through_its_own_account_alone(app: App) {
        places(&app).await;
        let (one, other) = (create(&app, OF_GROUP, ROOT).await, create(&app, OF_GROUP, ROOT).await);
        let elsewhere = create(&app, OF_PROJECT, ROOT).await;
        let body = json!({ "name": "x", "scopes": ["api"] });
        let issued = app.post(&format!("{OF_GROUP}/{one}/personal_access_tokens")).root().json(body.clone()).send().await;
        let id = issued.json()["id"].clone();
        let before = app.actions().await;
        let path = format!("{OF_GROUP}/{other}/personal_access_tokens/{id}");
        assert_eq!(app.post(&format!("{path}/rotate")).root().send().await.both(), message(404, "404 Not Found"));
        assert_eq!(app.delete(&path).root().send().await.both(), message(404, "404 Personal Access Token Not Found"));
        let listed = app.get(&format!("{OF_GROUP}/{other}/personal_access_tokens")).root().send().await;
        assert_eq!(listed.json(), json!([]));
        let human = app.user("ida").await;
        for user in [elsewhere, human.id.get(), 4_711, 0] {
            for (method, rest) in [("GET", ""), ("POST", ""), ("POST", "/1/rotate"), ("DELETE", "/1")] {
                let path = format!("{OF_GROUP}/{user}/personal_access_tokens{rest}");
                let answer = app.ask(method, &path).root().json(body.clone()).send().await;
                assert_eq!(answer.both(), message(404, "404 User Not Found"), "{method} {path}");
            }
        }
        let place = app.fixture.authority.group(&app.fixture.console(), &tokenry_domain::PlaceName::Path("team".into())).await.unwrap().0.place();
        app.member(place, human.id, AccessLevel::Guest).await;
        let answer = app.get(&format!("{OF_GROUP}/{}/personal_access_tokens", human.id)).root().send().await;
        assert_eq!(answer.both(), message(400, "400 Bad request - User is not of type Service Account"));
        assert_eq!(app.actions().await[before.len()..], ["user_created", "member_added"]);
    }

    async fn administrators_issue_tokens_of_the_kind(app: App) {
        places(&app).await;
        app.put("application/settings").root().json(json!({ "service_access_tokens_expiration_enforced": false })).send().await;
        let body = json!({ "name": "x", "scopes": ["api"] });
        for path in [INSTANCE, OF_GROUP] {
            let id = create(&app, path, ROOT).await;
            let answer = app.post(&format!("users/{id}/personal_access_tokens")).root().json(body.clone()).send().await;
            assert_eq!((answer.code(), &answer.json()["expires_at"]), (201, &Value::Null), "{}", answer.text);
            let text = answer.json()["token"].as_str().unwrap().to_owned();
            let named = app.post("admin/token").root().json(json!({ "token": text })).send().await;
            assert_eq!(named.json()["token_type"], "service_account");
            let own = json!({ "name": "own", "scopes": ["self_rotate"] });
            let answer = app.post("user/personal_access_tokens").token(&text).json(own).send().await;
            assert_eq!(answer.code(), 201, "{}", answer.text);
            let listed = app.get("personal_access_tokens").token(&text).send().await;
            assert_eq!(listed.column("name"), [json!("x"), json!("own")]);
        }
        app.put("application/settings").root().json(json!({ "service_access_tokens_expiration_enforced": true })).send().await;
        let id = create(&app, INSTANCE, ROOT).await;
        let answer = app.post(&format!("users/{id}/personal_access_tokens")).root().json(body.clone()).send().await;
        assert_eq!(answer.json()["expires_at"], "2032-04-04");
        let issued = app.post("groups/team/access_tokens").root().json(body.clone()).send().await;
        let bot = format!("users/{}/personal_access_tokens", issued.json()["user_id"]);
        let answer = app.post(&bot).root().json(body).send().await;
        assert_eq!(answer.both(), message(422, "Not permitted to create"));
    }

    async fn nobody_gets_more_than_they_have(app: App) {
        let places = places(&app).await;
        let (_, maintainer) = person(&app, places, "mia", AccessLevel::Maintainer).await;
        let id = create(&app, OF_PROJECT, &maintainer).await;
        app.member(places[1], UserId::new(id).unwrap(), AccessLevel::Owner).await;
        let tokens = format!("{OF_PROJECT}/{id}/personal_access_tokens");
        let body = json!({ "name": "x", "scopes": ["api"] });
        assert_eq!(app.post(&tokens).token(&maintainer).json(body.clone()).send().await.both(), forbidden());
        let issued = app.post(&tokens).root().json(body.clone()).send().await;
        let path = format!("{tokens}/{}", issued.json()["id"]);
        assert_eq!(app.post(&format!("{path}/rotate")).token(&maintainer).send().await.both(), forbidden());
        let text = issued.json()["token"].as_str().unwrap().to_owned();
        assert_eq!(app.get("user").token(&text).send().await.code(), 200);
        let issued = app.post("projects/team%2Fapp/access_tokens").root().json(json!({ "name": "bot", "scopes": ["api"] })).send().await;
        let bot = issued.json()["token"].as_str().unwrap().to_owned();
        let other = create(&app, OF_PROJECT, &maintainer).await;
        let answer = app.post(OF_PROJECT).token(&bot).send().await;
        assert_eq!(answer.both(), message(403, "403 Forbidden - not permitted to create"));
        let answer = app.post(&format!("{OF_PROJECT}/{other}/personal_access_tokens")).token(&bot).json(body).send().await;
        assert_eq!(answer.both(), message(422, "Not permitted to create"));
    }

    async fn the_last_owner_of_a_group_stays_unless_insisted(app: App) {
        let [group, _] = places(&app).await;
        let id = create(&app, OF_GROUP, ROOT).await;
        app.member(group, UserId::new(id).unwrap(), AccessLevel::Owner).await;
        let path = format!("{OF_GROUP}/{id}");
        let text = app.post(&format!("{path}/personal_access_tokens")).root().json(json!({ "name": "x", "scopes": ["api"] })).send().await;
        let text = text.json()["token"].as_str().unwrap().to_owned();
        let before = app.actions().await;
        let refused = app.delete(&path).root().send().await;
        assert_eq!(refused.both(), message(409, "User cannot be removed while is the sole-owner of a group"));
        assert_eq!(app.actions().await, before);
        assert_eq!(app.delete(&format!("{path}?hard_delete=true")).root().send().await.code(), 204);
        assert_eq!(app.get("user").token(&text).send().await.both(), unauthorized());
    }

    async fn bad_values_change_nothing(app: App) {
        places(&app).await;
        let id = create(&app, OF_GROUP, ROOT).await;
        let before = app.actions().await;
        let long = "x".repeat(10_240);
        for (body, field) in [
            (json!({ "name": "" }), "name"),
            (json!({ "name": "a\u{0}" }), "name"),
            (json!({ "name": long }), "name"),
            (json!({ "username": "a b" }), "username"),
            (json!({ "username": "" }), "username"),
            (json!({ "email": "nowhere" }), "email"),
        ] {
            for path in [INSTANCE, OF_GROUP, OF_PROJECT] {
                let answer = app.post(path).root().json(body.clone()).send().await;
                assert_eq!(answer.code(), 400);
                assert!(answer.json()["message"][field].is_array(), "{}", answer.text);
            }
            let answer = app.ask("PATCH", &format!("{OF_GROUP}/{id}")).root().json(body).send().await;
            assert_eq!(answer.code(), 400);
        }
        let answer = app.post(OF_GROUP).root().json(json!({ "name": [] })).send().await;
        assert_eq!(answer.both(), error(400, "name is invalid"));
        let tokens = format!("{OF_GROUP}/{id}/personal_access_tokens");
        for (body, expected) in [
            (json!({}), error(400, "name is missing, scopes is missing")),
            (json!({ "name": "x", "scopes": ["root"] }), error(400, "scopes does not have a valid value")),
            (json!({ "name": "", "scopes": ["api"] }), message(422, "Name can't be blank")),
            (json!({ "name": "x", "scopes": ["sudo"] }), message(422, "Scopes can only contain available scopes")),
            (json!({ "name": "x", "scopes": ["api"], "expires_at": "2031-04-01" }), message(422, "Expiration date must be in the future")),
        ] {
            assert_eq!(app.post(&tokens).root().json(body).send().await.both(), expected);
        }
        assert_eq!(app.actions().await, before);
    }
}
