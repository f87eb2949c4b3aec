//! `/session` and `/user/sessions`: signing in with a browser.

use serde_json::{Value, json};
use tokenry_authority::users::{NewUser, UserChange};
use tokenry_domain::{User, UserId, settings::SettingsChange, user::Profile, user::StateChange};
use tokenry_testkit::{App, Asking, Engine, both_engines};
use tokenry_web::WebOptions;

use crate::{error, forbidden, message, unauthorized};

const PASSWORD: &str = "correct horse";

async fn ida(app: &App) -> User {
    let new = NewUser {
        profile: Profile {
            username: "ida".to_owned(),
            name: "Ida Tester".to_owned(),
            email: "Ida@example.com".to_owned(),
            admin: false,
            external: false,
        },
        password: Some(PASSWORD.into()),
    };
    let console = app.fixture.console();
    let created = app.fixture.authority.create_user(&console, new).await;
    created.unwrap()
}

/// A session: its cookie, and what pages send along.
#[derive(Debug)]
struct Browser {
    cookie: String,
    proof: String,
    id: Value,
}

impl Browser {
    fn reads(&self, asking: Asking) -> Asking {
        asking.header("cookie", &self.cookie)
    }

    fn changes(&self, asking: Asking) -> Asking {
        self.reads(asking).header("x-csrf-token", &self.proof)
    }
}

fn ask(app: &App, login: &str, password: &str) -> Asking {
    app.post("session")
        .json(json!({ "login": login, "password": password }))
}

async fn sign_in(app: &App, login: &str) -> Browser {
    let answer = ask(app, login, PASSWORD).send().await;
    assert_eq!(answer.code(), 201, "{}", answer.text);
    let cookie = answer.header("set-cookie").split(';').next().unwrap();
    Browser {
        cookie: cookie.to_owned(),
        proof: answer.json()["csrf_token"].as_str().unwrap().to_owned(),
        id: answer.json()["session_id"].clone(),
    }
}

async fn change(app: &App, user: UserId, change: UserChange) {
    let console = app.fixture.console();
    let authority = &app.fixture.authority;
    authority.update_user(&console, user, change).await.unwrap();
}

both_engines! {
    async fn whoever_knows_the_password_signs_in(app: App) {
        ida(&app).await;
        let before = app.actions().await.len();
        let answer = ask(&app, "ida", PASSWORD)
            .header("user-agent", "Browser/1.0\tof a test")
            .send()
            .await;
        assert_eq!(answer.code(), 201);
        let mut body = answer.json();
        body["csrf_token"] = json!("[proof]");
        insta::assert_json_snapshot!("signed_in", body);
        let cookie = answer.header("set-cookie");
        let (value, attributes) = cookie.split_once(';').unwrap();
        assert!(value.starts_with("_tokenry_session=") && value.len() > 40, "{value}");
        assert_eq!(attributes, " Path=/; HttpOnly; SameSite=Lax; Max-Age=604800");
        let secret = value.split_once('=').unwrap().1;
        assert!(!answer.text.contains(secret), "scripts don't see it");
        let trail = app.fixture.trail().await;
        assert_eq!(trail.len(), before + 1);
        let entry = trail.last().unwrap();
        assert_eq!((entry.action.as_str(), entry.actor_user), ("token_created", Some(2)));
        assert_eq!(entry.after["kind"], "session");
    }

    async fn names_and_addresses_are_taken_in_any_case(app: App) {
        ida(&app).await;
        for login in ["IDA", "ida@EXAMPLE.com"] {
            assert_eq!(ask(&app, login, PASSWORD).send().await.code(), 201, "{login}");
        }
    }

    async fn others_are_refused_alike(app: App) {
        ida(&app).await;
        app.user("eve").await;
        let before = app.actions().await;
        for (login, password) in [
            ("ida", "correct horsE"),
            ("ida", ""),
            ("ida\0", PASSWORD),
            ("eve", PASSWORD),
            ("nobody", PASSWORD),
            ("", ""),
            ("ida", &"x".repeat(10_000)),
        ] {
            let answer = ask(&app, login, password).send().await;
            assert_eq!(answer.both(), unauthorized(), "{login:?}");
            assert_eq!(answer.header("set-cookie"), "");
        }
        assert_eq!(app.actions().await, before);
    }

    async fn bad_requests_say_what_is_missing(app: App) {
        let ask = async |body| app.post("session").json(body).send().await.both();
        assert_eq!(ask(json!({})).await, error(400, "login is missing, password is missing"));
        assert_eq!(ask(json!({ "login": ["x"], "password": {} })).await, error(400, "login is invalid, password is invalid"));
        let in_address = app.post("session?login=ida&password=correct").send().await;
        assert_eq!(in_address.both(), error(400, "login is missing, password is missing"), "addresses are logged");
    }

    async fn a_cookie_reads_and_with_the_proof_changes(app: App) {
        ida(&app).await;
        let browser = sign_in(&app, "ida").await;
        let user = browser.reads(app.get("user")).send().await;
        assert_eq!((user.code(), &user.json()["username"]), (200, &json!("ida")));
        let body = json!({ "name": "mine", "scopes": ["self_rotate"] });
        let path = "user/personal_access_tokens";
        let bare = browser.reads(app.post(path).json(body.clone())).send().await;
        assert_eq!(bare.both(), unauthorized());
        for wrong in ["", "x", &sign_in(&app, "ida").await.proof] {
            let forged = browser.reads(app.post(path).json(body.clone()));
            let answer = forged.header("x-csrf-token", wrong).send().await;
            assert_eq!(answer.both(), unauthorized());
        }
        let meant = browser.changes(app.post(path).json(body)).send().await;
        assert_eq!(meant.code(), 201, "{}", meant.text);
    }

    async fn a_cookie_comes_after_all_else(app: App) {
        ida(&app).await;
        let browser = sign_in(&app, "ida").await;
        let root = browser.reads(app.get("user").root()).send().await;
        assert_eq!(root.json()["username"], "root");
        let bad = browser.reads(app.get("user").token("glpat-abcdefghijklmnopqrst"));
        assert_eq!(bad.send().await.both(), unauthorized());
        let others = format!("a=b; {}; _other=1", browser.cookie);
        let among = app.get("user").header("cookie", others).send().await;
        assert_eq!(among.code(), 200);
    }

    async fn a_session_is_no_access_token(app: App) {
        ida(&app).await;
        let browser = sign_in(&app, "ida").await;
        let value = browser.cookie.split_once('=').unwrap().1;
        for text in [value, &browser.cookie, &format!("_gitlab_session={value}")] {
            assert_eq!(app.get("user").token(text).send().await.both(), unauthorized());
        }
        for (method, path) in [
            ("GET", "personal_access_tokens/self"),
            ("DELETE", "personal_access_tokens/self"),
            ("POST", "personal_access_tokens/self/rotate"),
        ] {
            let answer = browser.changes(app.ask(method, path)).send().await;
            assert_eq!(answer.both(), unauthorized(), "{method} {path}");
        }
        let (_, token) = app.token(UserId::from_row(1), "api").await;
        let as_cookie = format!("_tokenry_session={token}");
        let answer = app.get("user").header("cookie", as_cookie).send().await;
        assert_eq!(answer.both(), unauthorized());
    }

    async fn it_is_found_under_either_name_of_the_cookie(app: App) {
        ida(&app).await;
        let browser = sign_in(&app, "ida").await;
        let value = browser.cookie.split_once('=').unwrap().1;
        let gitlabs = format!("_gitlab_session={value}");
        for text in [&browser.cookie, &gitlabs] {
            let identified = app.post("admin/token").root().json(json!({ "token": text }));
            let told = identified.send().await;
            assert_eq!((told.code(), &told.json()["token_type"]), (200, &json!("session")));
            assert_eq!((&told.json()["id"], &told.json()["token_id"]), (&json!(2), &browser.id));
            assert_eq!(told.json()["token_state"], "active");
        }
        let not_found = (404, json!({ "message": { "error": "Not found" } }));
        for text in ["_gitlab_session=", "_tokenry_session=", "_gitlab_session=0123456789abcdef0123456789abcdef"] {
            for method in ["POST", "DELETE"] {
                let asked = app.ask(method, "admin/token").root();
                let answer = asked.json(json!({ "token": text })).send().await;
                assert_eq!(answer.both(), not_found, "{method} {text}");
            }
        }
        let ended = app.delete("admin/token").root().json(json!({ "token": browser.cookie }));
        assert_eq!(ended.send().await.code(), 204);
        assert_eq!(browser.reads(app.get("user")).send().await.code(), 401);
    }

    async fn signing_out_ends_it(app: App) {
        ida(&app).await;
        let (browser, other) = (sign_in(&app, "ida").await, sign_in(&app, "ida").await);
        let before = app.actions().await.len();
        let answer = browser.changes(app.delete("session")).send().await;
        assert_eq!((answer.code(), answer.text.as_str()), (204, ""));
        assert_eq!(
            answer.header("set-cookie"),
            "_tokenry_session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0"
        );
        assert_eq!(app.actions().await[before..], ["token_revoked"]);
        assert_eq!(browser.reads(app.get("user")).send().await.code(), 401);
        assert_eq!(browser.changes(app.delete("session")).send().await.code(), 401);
        assert_eq!(other.reads(app.get("user")).send().await.code(), 200);
        let by_token = app.delete("session").root().send().await;
        assert_eq!(by_token.both(), message(404, "404 Session Not Found"));
    }

    async fn one_sees_and_ends_ones_own(app: App) {
        ida(&app).await;
        let (first, second) = (sign_in(&app, "ida").await, sign_in(&app, "ida").await);
        let listed = first.reads(app.get("user/sessions?sort=asc")).send().await;
        assert_eq!(listed.column("id"), [first.id.clone(), second.id.clone()]);
        assert_eq!(listed.column("current"), [true, false]);
        assert_eq!(listed.header("x-total"), "2");
        insta::assert_json_snapshot!("listed", listed.json()[1]);
        let path = format!("user/sessions/{}", second.id);
        assert_eq!(app.delete(&path).root().send().await.both(), message(404, "404 Session Not Found"));
        let before = app.actions().await.len();
        for _ in 0..2 {
            assert_eq!(first.changes(app.delete(&path)).send().await.code(), 204);
        }
        assert_eq!(app.actions().await[before..], ["token_revoked"]);
        assert_eq!(second.reads(app.get("user")).send().await.code(), 401);
        let listed = first.reads(app.get("user/sessions")).send().await;
        assert_eq!(listed.column("id"), std::slice::from_ref(&first.id));
        let (other, token) = app.token(UserId::from_row(2), "api").await;
        for (id, code) in [(format!("{other}"), 404), ("999".into(), 404), ("x".into(), 400)] {
            let answer = app.delete(&format!("user/sessions/{id}")).token(&token).send().await;
            assert_eq!(answer.code(), code, "{id}: {}", answer.text);
        }
        assert_eq!(app.get("user").token(&token).send().await.code(), 200);
        assert!(app.get("user/sessions").root().send().await.column("id").is_empty());
    }

    async fn a_new_password_ends_them(app: App) {
        let user = ida(&app).await;
        let browsers = [sign_in(&app, "ida").await, sign_in(&app, "ida").await];
        let before = app.actions().await.len();
        change(&app, user.id, UserChange { name: Some("Ida B.".into()), ..UserChange::default() }).await;
        assert_eq!(browsers[0].reads(app.get("user")).send().await.code(), 200);
        change(&app, user.id, UserChange { password: Some("another horse".into()), ..UserChange::default() }).await;
        for browser in &browsers {
            assert_eq!(browser.reads(app.get("user")).send().await.code(), 401);
        }
        let trail = app.fixture.trail().await;
        assert_eq!(trail.len(), before + 2);
        let ended: Vec<_> = browsers.iter().map(|browser| browser.id.clone()).collect();
        assert_eq!(trail.last().unwrap().after["sessions_ended"], json!(ended));
        assert_eq!(ask(&app, "ida", PASSWORD).send().await.both(), unauthorized());
        assert_eq!(ask(&app, "ida", "another horse").send().await.code(), 201);
    }

    async fn who_is_shut_out_cannot_sign_in_or_go_on(app: App) {
        let user = ida(&app).await;
        let browser = sign_in(&app, "ida").await;
        let console = app.fixture.console();
        let block = StateChange::Block;
        app.fixture.authority.change_user_state(&console, user.id, block).await.unwrap();
        let blocked = message(403, "403 Forbidden - Your account has been blocked.");
        assert_eq!(browser.reads(app.get("user")).send().await.both(), blocked);
        assert_eq!(ask(&app, "ida", PASSWORD).send().await.both(), blocked);
        assert_eq!(ask(&app, "ida", "wrong horse").send().await.both(), unauthorized());
    }

    async fn it_ends_after_a_week(app: App) {
        ida(&app).await;
        let browser = sign_in(&app, "ida").await;
        app.fixture.clock.advance(7 * 86_400 - 1);
        assert_eq!(browser.reads(app.get("user")).send().await.code(), 200);
        app.fixture.clock.advance(2);
        assert_eq!(browser.reads(app.get("user")).send().await.code(), 401);
    }

    async fn an_administrator_administers_unless_in_admin_mode(app: App) {
        let user = ida(&app).await;
        change(&app, user.id, UserChange { admin: Some(true), ..UserChange::default() }).await;
        let browser = sign_in(&app, "ida").await;
        let settings = "application/settings";
        assert_eq!(browser.reads(app.get(settings)).send().await.code(), 200);
        let console = app.fixture.console();
        let mode = SettingsChange { admin_mode: Some(true), ..SettingsChange::default() };
        app.fixture.authority.change_settings(&console, mode).await.unwrap();
        assert_eq!(browser.reads(app.get(settings)).send().await.both(), forbidden());
    }

    async fn it_outlives_the_switching_off_of_tokens(app: App) {
        ida(&app).await;
        let browser = sign_in(&app, "ida").await;
        let console = app.fixture.console();
        let off = SettingsChange { disable_personal_access_tokens: Some(true), ..SettingsChange::default() };
        app.fixture.authority.change_settings(&console, off).await.unwrap();
        assert_eq!(browser.reads(app.get("user")).send().await.code(), 200);
        assert_eq!(app.get("user").root().send().await.both(), unauthorized());
    }

    async fn who_guesses_too_often_must_wait(app: App) {
        ida(&app).await;
        let guess = async |password: &str, address: &str| {
            ask(&app, "ida", password).from(address).send().await
        };
        for _ in 0..10 {
            assert_eq!(guess("wrong horse", "203.0.113.1").await.both(), unauthorized());
        }
        let answer = guess(PASSWORD, "203.0.113.1").await;
        assert_eq!(answer.both(), message(429, "429 Too Many Requests"));
        assert!(answer.header("retry-after").parse::<u32>().unwrap() <= 60);
        assert_eq!(guess(PASSWORD, "203.0.113.2").await.code(), 201);
    }
}

#[tokio::test]
async fn over_https_the_cookie_stays_there() {
    let web = WebOptions {
        external_url: Some("https://tokens.example.com".into()),
        ..WebOptions::default()
    };
    let options = tokenry_authority::Options::default();
    let app = App::with_options(Engine::Sqlite, options, web).await;
    ida(&app).await;
    let answer = ask(&app, "ida", PASSWORD).send().await;
    assert!(answer.header("set-cookie").ends_with("; Secure"));
}
