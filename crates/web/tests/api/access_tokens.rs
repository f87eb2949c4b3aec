//! `/projects/:id/access_tokens` and `/groups/:id/access_tokens`.

use futures_util::future::join_all;
use serde_json::{Value, json};
use tokenry_domain::{AccessLevel, Group, Project, UserId};
use tokenry_testkit::{Answer, App, both_engines};

use crate::{error, forbidden, message, unauthorized, without_secret};

/// A group with a project in it, and both as paths of routes.
const PLACES: [&str; 2] = ["projects/team%2Fapp", "groups/team"];

async fn places(app: &App) -> (Group, Project) {
    (app.group("team").await, app.project("team/app").await)
}

/// A person with a role in the project and in the group, and their token.
async fn person(app: &App, name: &str, level: AccessLevel) -> (UserId, String) {
    let user = app.user(name).await.id;
    for path in PLACES {
        let place = if path.starts_with("groups") {
            let path = tokenry_domain::PlaceName::Path("team".to_owned());
            let console = app.fixture.console();
            app.fixture
                .authority
                .group(&console, &path)
                .await
                .unwrap()
                .0
                .place()
        } else {
            let path = tokenry_domain::PlaceName::Path("team/app".to_owned());
            let console = app.fixture.console();
            app.fixture
                .authority
                .project(&console, &path)
                .await
                .unwrap()
                .0
                .place()
        };
        app.member(place, user, level).await;
    }
    let (_, token) = app.token(user, "api").await;
    (user, token)
}

/// A token of a place with this role, issued by root.
async fn issue(app: &App, place: &str, level: i64) -> Answer {
    let body = json!({ "name": "robot", "scopes": ["api"], "access_level": level });
    let path = format!("{place}/access_tokens");
    let answer = app.post(&path).root().json(body).send().await;
    assert_eq!(answer.code(), 201, "{}", answer.text);
    answer
}

/// The id and the text of a token that was issued.
fn parts(answer: &Answer) -> (i64, String) {
    let body = answer.json();
    let text = body["token"].as_str().expect("a secret").to_owned();
    (body["id"].as_i64().unwrap(), text)
}

/// The body without what is drawn at random or differs by place.
fn settled(mut body: Value) -> Value {
    for field in ["id", "user_id", "resource_id", "resource_type"] {
        body[field] = json!(format!("[{field}]"));
    }
    body
}

both_engines! {
    async fn a_bot_comes_with_its_token(app: App) {
        places(&app).await;
        for (place, sort) in PLACES.into_iter().zip(["project", "group"]) {
            let before = app.actions().await.len();
            let path = format!("{place}/access_tokens");
            let body = json!({
                "name": "nightly sync", "description": "by cron", "scopes": ["read_api", "self_rotate"],
                "access_level": 30, "expires_at": "2031-12-31",
            });
            let answer = app.post(&path).root().json(body).send().await;
            assert_eq!(answer.code(), 201, "{}", answer.text);
            insta::allow_duplicates! {
                insta::assert_json_snapshot!("issued", settled(without_secret(&answer)));
            }
            let (id, token) = parts(&answer);
            assert_eq!(answer.json()["resource_type"], sort);
            assert_eq!(app.actions().await[before..], ["token_created"]);
            let entry = app.fixture.trail().await.pop().unwrap();
            let facts = entry.after;
            assert_eq!((&facts["access_level"], &facts["owner_id"]), (&json!(30), &answer.json()["user_id"]));

            let bot = app.get("user").token(&token).send().await.json();
            let username = bot["username"].as_str().unwrap().to_owned();
            assert!(username.starts_with(&format!("{sort}_{}_bot_", answer.json()["resource_id"])));
            assert_eq!((&bot["name"], &bot["id"]), (&json!("nightly sync"), &answer.json()["user_id"]));
            assert_eq!(bot["email"], format!("{username}@noreply.tokenry.invalid"));
            let members = app.get(&format!("{place}/members")).token(&token).send().await;
            assert_eq!((members.column("id"), members.column("access_level")), (vec![bot["id"].clone()], vec![json!(30)]));

            let shown = app.get(&format!("{path}/{id}")).root().send().await;
            let listed = app.get(&path).root().send().await;
            assert_eq!(listed.json(), json!([shown.json()]));
            assert!(shown.json()["last_used_at"].is_string());
            assert_eq!(shown.json()["token"], Value::Null);
        }
    }

    async fn a_bot_is_from_outside_if_its_maker_is(app: App) {
        places(&app).await;
        let (maker, token) = person(&app, "ida", AccessLevel::Owner).await;
        let outside = json!({ "external": true });
        assert_eq!(app.put(&format!("users/{maker}")).root().json(outside).send().await.code(), 200);
        let body = json!({ "name": "x", "scopes": ["api"] });
        let answer = app.post("groups/team/access_tokens").token(&token).json(body).send().await;
        assert_eq!((answer.code(), &answer.json()["access_level"]), (201, &json!(40)));
        let bot = app.get(&format!("users/{}", answer.json()["user_id"])).root().send().await.json();
        assert_eq!(bot["external"], true);
    }

    async fn roles_decide(app: App) {
        places(&app).await;
        let (_, maintainer) = person(&app, "mia", AccessLevel::Maintainer).await;
        let (_, developer) = person(&app, "dora", AccessLevel::Developer).await;
        let (_, owner) = person(&app, "otto", AccessLevel::Owner).await;
        let body = json!({ "name": "x", "scopes": ["api"], "access_level": 10 });
        for (place, sort, token, may) in [
            (PLACES[0], "project", &developer, false),
            (PLACES[0], "project", &maintainer, true),
            (PLACES[1], "group", &developer, false),
            (PLACES[1], "group", &maintainer, false),
            (PLACES[1], "group", &owner, true),
        ] {
            let (id, _) = parts(&issue(&app, place, 20).await);
            let (path, before) = (format!("{place}/access_tokens"), app.actions().await.len());
            let one = format!("{path}/{id}");
            let listed = app.get(&path).token(token).send().await;
            let shown = app.get(&one).token(token).send().await;
            let issued = app.post(&path).token(token).json(body.clone()).send().await;
            let rotated = app.post(&format!("{one}/rotate")).token(token).send().await;
            if may {
                assert_eq!([listed.code(), shown.code(), issued.code(), rotated.code()], [200, 200, 201, 200]);
                let one = format!("{path}/{}", rotated.json()["id"]);
                assert_eq!(app.delete(&one).token(token).send().await.both(), (204, Value::Null));
                assert_eq!(app.actions().await[before..], ["token_created", "token_rotated", "token_revoked"]);
                continue;
            }
            assert_eq!(listed.both(), unauthorized());
            assert_eq!(shown.both(), unauthorized());
            assert_eq!(rotated.both(), unauthorized());
            let reason = format!("400 Bad request - User does not have permission to create {sort} access token");
            assert_eq!(issued.both(), message(400, &reason));
            let deleted = app.delete(&one).token(token).send().await;
            assert_eq!(deleted.code(), 400);
            assert!(deleted.text.contains(" Tester cannot delete robot\""), "{}", deleted.text);
            let hard = app.delete(&format!("{one}?hard_delete=true")).token(token).send().await;
            assert_eq!(hard.both(), deleted.both());
            assert_eq!(app.actions().await.len(), before);
        }
    }

    async fn nobody_gets_more_than_they_have(app: App) {
        places(&app).await;
        let (_, maintainer) = person(&app, "mia", AccessLevel::Maintainer).await;
        let path = "projects/team%2Fapp/access_tokens";
        let (id, text) = parts(&issue(&app, PLACES[0], 50).await);
        let before = app.actions().await;
        let body = json!({ "name": "x", "scopes": ["api"], "access_level": 50 });
        let answer = app.post(path).token(&maintainer).json(body).send().await;
        assert_eq!(answer.both(), message(400,
            "400 Bad request - Access level of the token contains permissions not held by the creating user"));
        let answer = app.post(&format!("{path}/{id}/rotate")).token(&maintainer).send().await;
        assert_eq!(answer.both(), message(400,
            "400 Bad request - Not eligible to rotate token with access level higher than the user"));
        let answer = app.post(&format!("personal_access_tokens/{id}/rotate")).token(&maintainer).send().await;
        assert_eq!(answer.both(), forbidden());
        assert_eq!(app.actions().await, before);
        assert_eq!(app.get("user").token(&text).send().await.code(), 200);
        let ended = app.delete(&format!("{path}/{id}")).token(&maintainer).send().await;
        assert_eq!(ended.code(), 204, "ending takes no more than the role that manages");
    }

    async fn the_routes_by_id_know_roles_too(app: App) {
        places(&app).await;
        let (_, maintainer) = person(&app, "mia", AccessLevel::Maintainer).await;
        let (_, developer) = person(&app, "dora", AccessLevel::Developer).await;
        let (id, _) = parts(&issue(&app, PLACES[0], 30).await);
        let path = format!("personal_access_tokens/{id}");
        assert_eq!(app.get(&path).token(&developer).send().await.both(), unauthorized());
        assert_eq!(app.get(&path).token(&maintainer).send().await.code(), 200);
        let refused = app.delete(&path).token(&developer).send().await;
        assert_eq!(refused.both(), message(400, "400 Bad request - Not permitted to revoke"));
        assert_eq!(app.delete(&path).token(&maintainer).send().await.code(), 204);
    }

    async fn bots_manage_but_do_not_multiply(app: App) {
        places(&app).await;
        for place in PLACES {
            let (_, bot) = parts(&issue(&app, place, 50).await);
            let (sibling, text) = parts(&issue(&app, place, 30).await);
            let path = format!("{place}/access_tokens");
            assert_eq!(app.get(&path).token(&bot).send().await.column("id").len(), 2);
            let before = app.actions().await.len();
            let body = json!({ "name": "x", "scopes": ["self_rotate"], "access_level": 10 });
            let answer = app.post(&path).token(&bot).json(body.clone()).send().await;
            assert_eq!(answer.code(), 400);
            assert!(answer.text.contains("does not have permission to create"), "{}", answer.text);
            let answer = app.post("user/personal_access_tokens").token(&bot).json(body).send().await;
            assert_eq!(answer.both(), message(422, "Not permitted to create"));
            assert_eq!(app.delete(&format!("{path}/{sibling}")).token(&bot).send().await.code(), 204);
            assert_eq!(app.get("user").token(&text).send().await.code(), 401);
            assert_eq!(app.actions().await[before..], ["token_revoked"]);
        }
    }

    async fn a_bot_rotates_itself(app: App) {
        places(&app).await;
        let path = "projects/team%2Fapp/access_tokens/self/rotate";
        for scope in ["api", "self_rotate"] {
            let body = json!({ "name": "x", "scopes": [scope], "access_level": 10 });
            let issued = app.post("projects/team%2Fapp/access_tokens").root().json(body).send().await;
            let (_, old) = parts(&issued);
            let answer = app.post(path).token(&old).json(json!({ "expires_at": "2031-08-01" })).send().await;
            assert_eq!(answer.code(), 200, "{}", answer.text);
            let kept = ["user_id", "access_level", "resource_id", "name", "scopes"];
            for field in kept {
                assert_eq!(answer.json()[field], issued.json()[field]);
            }
            let (_, new) = parts(&answer);
            assert_eq!(app.get("personal_access_tokens/self").token(&new).send().await.code(), 200);
            let reused = app.post(path).token(&old).send().await;
            assert_eq!((reused.code(), &reused.json()["error"]), (401, &json!("invalid_token")));
            assert_eq!(app.get("personal_access_tokens/self").token(&new).send().await.code(), 401);
            assert_eq!(app.actions().await.pop().unwrap(), "token_family_revoked");
        }
        let before = app.actions().await;
        assert_eq!(app.post(path).root().send().await.both(), message(405, "405 Method Not Allowed"));
        app.project("team/other").await;
        for elsewhere in ["projects/team%2Fother", "groups/team"] {
            let (_, bot) = parts(&issue(&app, elsewhere, 10).await);
            assert_eq!(app.post(path).token(&bot).send().await.both(), unauthorized());
        }
        assert_eq!(app.actions().await.len(), before.len() + 3, "a project and two tokens");
        let body = json!({ "name": "x", "scopes": ["read_api"], "access_level": 50 });
        let (_, narrow) = parts(&app.post("projects/team%2Fapp/access_tokens").root().json(body).send().await);
        let refused = app.post(path).token(&narrow).send().await;
        assert_eq!((refused.code(), &refused.json()["error"]), (403, &json!("insufficient_scope")));
    }

    async fn tokens_of_other_places_are_not_there(app: App) {
        places(&app).await;
        app.project("team/other").await;
        let (_, owner) = person(&app, "otto", AccessLevel::Owner).await;
        let (foreign, _) = parts(&issue(&app, "projects/team%2Fother", 10).await);
        let (personal, _) = app.token(UserId::from_row(1), "api").await;
        let before = app.actions().await;
        for (place, sort) in PLACES.into_iter().zip(["project", "group"]) {
            for id in [foreign, personal.get(), 4_711, 0] {
                let path = format!("{place}/access_tokens/{id}");
                let text = format!("404 Could not find {sort} access token with token_id: {id} Not Found");
                for method in ["GET", "DELETE"] {
                    let answer = app.ask(method, &path).token(&owner).send().await;
                    assert_eq!(answer.both(), message(404, &text), "{method} {path}");
                }
                let rotate = format!("{path}/rotate");
                assert_eq!(app.post(&rotate).token(&owner).send().await.both(), unauthorized());
                assert_eq!(app.post(&rotate).root().send().await.both(), message(404, "404 Not Found"));
            }
            let path = format!("{place}/access_tokens/x");
            assert_eq!(app.get(&path).root().send().await.both(), error(400, "token_id is invalid"));
        }
        assert_eq!(app.actions().await, before);
    }

    async fn lists_are_filtered(app: App) {
        places(&app).await;
        app.project("team/other").await;
        issue(&app, "projects/team%2Fother", 10).await;
        let path = "projects/team%2Fapp/access_tokens";
        let mut ids = Vec::new();
        for name in ["alpha", "beta", "gamma"] {
            let body = json!({ "name": name, "scopes": ["api"], "access_level": 20 });
            ids.push(parts(&app.post(path).root().json(body).send().await).0);
        }
        app.delete(&format!("{path}/{}", ids[1])).root().send().await;
        for (query, names) in [
            ("", vec!["alpha", "beta", "gamma"]),
            ("?state=active", vec!["alpha", "gamma"]),
            ("?state=inactive", vec!["beta"]),
            ("?revoked=true", vec!["beta"]),
            ("?search=AMM", vec!["gamma"]),
            ("?sort=name_desc", vec!["gamma", "beta", "alpha"]),
            ("?per_page=1&page=2", vec!["beta"]),
            ("?expires_before=2031-05-01", vec![]),
            ("?user_id=1", vec!["alpha", "beta", "gamma"]),
        ] {
            let answer = app.get(&format!("{path}{query}")).root().send().await;
            assert_eq!(answer.column("name"), names, "{query}");
            assert!(answer.column("access_level").iter().all(|level| *level == json!(20)));
        }
        let answer = app.get(&format!("{path}?state=dead")).root().send().await;
        assert_eq!(answer.both(), error(400, "state does not have a valid value"));
    }

    async fn with_its_last_token_a_bot_goes(app: App) {
        places(&app).await;
        for place in PLACES {
            let issued = issue(&app, place, 30).await;
            let (first, _) = parts(&issued);
            let path = format!("{place}/access_tokens");
            let rotated = app.post(&format!("{path}/{first}/rotate")).root().send().await;
            let (second, _) = parts(&rotated);
            let bot = format!("users/{}", issued.json()["user_id"]);
            let before = app.actions().await.len();
            for (id, status) in [(first, 200), (second, 404)] {
                let deleted = app.delete(&format!("{path}/{id}?hard_delete=true")).root().send().await;
                assert_eq!(deleted.code(), 204);
                assert_eq!(app.get(&bot).root().send().await.code(), status);
            }
            assert_eq!(app.get(&format!("{place}/members")).root().send().await.json(), json!([]));
            assert_eq!(app.get(&path).root().send().await.json(), json!([]));
            assert_eq!(app.actions().await[before..], ["token_deleted", "token_deleted"]);
        }
    }

    async fn dates_that_nobody_names(app: App) {
        places(&app).await;
        let path = "groups/team/access_tokens";
        let body = json!({ "name": "x", "scopes": ["api"] });
        let mut cleared = body.clone();
        cleared["expires_at"] = Value::Null;
        for (required, absent, null) in [
            (true, json!("2032-04-04"), json!("2032-04-04")),
            (false, json!("2032-04-04"), Value::Null),
        ] {
            let change = json!({ "require_personal_access_token_expiry": required });
            app.put("application/settings").root().json(change).send().await;
            let answer = app.post(path).root().json(body.clone()).send().await;
            assert_eq!(answer.json()["expires_at"], absent);
            let answer = app.post(path).root().json(cleared.clone()).send().await;
            assert_eq!(answer.json()["expires_at"], null);
        }
    }

    async fn bad_values_change_nothing(app: App) {
        places(&app).await;
        let users = app.get("users").root().send().await.json();
        let before = app.actions().await;
        let long = "x".repeat(10_240);
        for place in PLACES {
            let path = format!("{place}/access_tokens");
            for (body, problem) in [
                (json!({}), "name is missing, scopes is missing"),
                (json!({ "name": {}, "scopes": ["api"] }), "name is invalid"),
                (json!({ "name": "x", "scopes": ["sudo"] }), "scopes does not have a valid value"),
                (json!({ "name": "x", "scopes": ["read_user"] }), "scopes does not have a valid value"),
                (json!({ "name": "x", "scopes": ["api"], "access_level": 35 }), "access_level does not have a valid value"),
                (json!({ "name": "x", "scopes": ["api"], "access_level": "high" }), "access_level is invalid"),
                (json!({ "name": "x", "scopes": ["api"], "expires_at": "soon" }), "expires_at is invalid"),
            ] {
                let answer = app.post(&path).root().json(body).send().await;
                assert!(answer.text.contains(problem) && answer.code() == 400, "{}", answer.text);
            }
            for (body, reason) in [
                (json!({ "name": " ", "scopes": ["api"] }), "Name can't be blank"),
                (json!({ "name": "a\u{0}b", "scopes": ["api"] }), "Name can't contain control characters"),
                (json!({ "name": long, "scopes": ["api"] }), "Name is too long (maximum is 255 characters)"),
                (json!({ "name": "x", "description": long, "scopes": ["api"] }), "Description is too long (maximum is 255 characters)"),
                (json!({ "name": "x", "scopes": [] }), "Scopes can't be blank"),
                (json!({ "name": "x", "scopes": ["api"], "expires_at": "2031-04-05" }), "Expiration date must be in the future"),
                (json!({ "name": "x", "scopes": ["api"], "expires_at": "9999-12-31" }), "Expiration date must be before 2032-04-05"),
            ] {
                let answer = app.post(&path).root().json(body).send().await;
                assert_eq!(answer.both(), message(400, &format!("400 Bad request - {reason}")));
            }
        }
        assert_eq!(app.actions().await, before);
        assert_eq!(app.get("users").root().send().await.json(), users, "no bot stays behind");
    }

    async fn of_changes_at_once_each_is_whole(app: App) {
        places(&app).await;
        let path = "projects/team%2Fapp/access_tokens";
        let body = json!({ "name": "x", "scopes": ["api"], "access_level": 10 });
        let issued = join_all((0..6).map(|_| app.post(path).root().json(body.clone()).send())).await;
        assert!(issued.iter().all(|answer| answer.code() == 201));
        let (id, _) = parts(&issued[0]);
        let rotate = format!("{path}/{id}/rotate");
        let rotated = join_all((0..4).map(|_| app.post(&rotate).root().send())).await;
        let mut codes: Vec<_> = rotated.iter().map(Answer::code).collect();
        codes.sort_unstable();
        assert_eq!(codes, [200, 400, 400, 400]);
        let delete = format!("{path}/{}?hard_delete=true", parts(&issued[1]).0);
        let deleted = join_all((0..3).map(|_| app.delete(&delete).root().send())).await;
        let mut codes: Vec<_> = deleted.iter().map(Answer::code).collect();
        codes.sort_unstable();
        assert_eq!(codes, [204, 404, 404]);
    }
}
