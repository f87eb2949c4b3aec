//! Where a token may stand in a request, and what is said of bad ones
//! (spec/rest.md sections 1.3 to 1.6).

use serde_json::{Value, json};
use tokenry_authority::Options;
use tokenry_domain::{Kind, UserId, settings::SettingsChange, user::StateChange};
use tokenry_testkit::{App, Engine, both_engines, fixture::ROOT_TOKEN};
use tokenry_web::WebOptions;

use crate::{forbidden, message, unauthorized};

const SELF: &str = "personal_access_tokens/self";
const UNKNOWN: &str = "glpat-unknownUnknownUnkno1";
const DAY: i64 = 86_400;

fn invalid_token(description: &str) -> (u16, Value) {
    (
        401,
        json!({ "error": "invalid_token", "error_description": description }),
    )
}

both_engines! {
    async fn a_token_may_stand_in_four_places(app: App) {
        let query = format!("{SELF}?private_token={ROOT_TOKEN}");
        let access = format!("{SELF}?access_token={ROOT_TOKEN}");
        for (place, asking) in [
            ("header", app.get(SELF).header("PRIVATE-TOKEN", ROOT_TOKEN)),
            (
                "bearer",
                app.get(SELF)
                    .header("authorization", format!("Bearer {ROOT_TOKEN}")),
            ),
            (
                "bearer in lower case",
                app.get(SELF)
                    .header("authorization", format!("bearer  {ROOT_TOKEN}")),
            ),
            ("query", app.get(&query)),
            ("access_token", app.get(&access)),
            (
                "body",
                app.get(SELF).json(json!({ "private_token": ROOT_TOKEN })),
            ),
        ] {
            assert_eq!(asking.send().await.code(), 200, "{place}");
        }
    }

    async fn the_first_place_that_is_not_empty_counts(app: App) {
        let bearer = format!("Bearer {ROOT_TOKEN}");
        let good = format!("{SELF}?private_token={ROOT_TOKEN}");
        let bad = format!("{SELF}?private_token={UNKNOWN}");
        let empty = format!("{SELF}?private_token=");
        for (code, asking) in [
            (200, app.get(&good).token(UNKNOWN)),
            (401, app.get(&bad).root()),
            (200, app.get(&empty).root()),
            (
                401,
                app.get(SELF)
                    .token(UNKNOWN)
                    .header("authorization", &bearer),
            ),
            (
                200,
                app.get(SELF).token("").header("authorization", &bearer),
            ),
            (
                200,
                app.get(SELF)
                    .root()
                    .header("authorization", "Bearer nonsense"),
            ),
            (
                200,
                app.get(SELF)
                    .root()
                    .header("authorization", "Basic cm9vdDp4"),
            ),
            (401, app.get(SELF).header("authorization", "Basic cm9vdDp4")),
        ] {
            assert_eq!(asking.send().await.code(), code);
        }
    }

    async fn what_can_be_no_token_is_refused(app: App) {
        let long = "glpat-".to_owned() + &"a".repeat(20_000);
        let typo = ROOT_TOKEN.to_owned() + "x";
        for garbage in [
            UNKNOWN,
            "",
            " ",
            "x",
            "glpat-",
            &long,
            &typo,
            "rootRootRootRoot0001",
        ] {
            let answer = app.get(SELF).token(garbage).send().await;
            assert_eq!(answer.both(), unauthorized(), "{garbage:.40}");
            assert_eq!(answer.header("www-authenticate"), "");
        }
        let bytes = app
            .get(SELF)
            .header("private-token", b"glpat-\xff\xfe")
            .send()
            .await;
        assert_eq!(bytes.both(), unauthorized());
        let bytes = app
            .get(SELF)
            .header("authorization", b"Bearer \xff")
            .send()
            .await;
        assert_eq!(bytes.both(), unauthorized());
        for query in ["private_token[]=x", "private_token=a&private_token=b"] {
            let answer = app.get(&format!("{SELF}?{query}")).root().send().await;
            assert_eq!(answer.both(), unauthorized(), "{query}");
        }
    }

    async fn a_revoked_token_is_told_so(app: App) {
        let ida = app.user("ida").await;
        let (id, token) = app.token(ida.id, "api").await;
        app.fixture
            .authority
            .revoke_token(&app.fixture.console(), id)
            .await
            .unwrap();
        let answer = app.get(SELF).token(&token).send().await;
        assert_eq!(
            answer.both(),
            invalid_token("Token was revoked. You have to re-authorize from the user.")
        );
        let challenge = answer.header("www-authenticate");
        assert!(
            challenge.starts_with("Bearer realm=")
                && challenge.contains(r#"error="invalid_token""#),
            "{challenge}"
        );
    }

    async fn an_expired_token_is_told_so_even_if_it_is_revoked(app: App) {
        let ida = app.user("ida").await;
        let (id, token) = app.token(ida.id, "api").await;
        app.fixture
            .authority
            .revoke_token(&app.fixture.console(), id)
            .await
            .unwrap();
        app.fixture.clock.advance(400 * DAY);
        let answer = app.get(SELF).token(&token).send().await;
        let text = "Token is expired. You can either do re-authorization or token refresh.";
        assert_eq!(answer.both(), invalid_token(text));
        assert!(answer.header("www-authenticate").contains(text));
    }

    async fn shut_out_users_are_told_why(app: App) {
        let ida = app.user("ida").await;
        let (_, token) = app.token(ida.id, "api").await;
        let console = app.fixture.console();
        for (verb, back, text) in [
            (
                StateChange::Block,
                StateChange::Unblock,
                "Your account has been blocked.",
            ),
            (
                StateChange::Ban,
                StateChange::Unban,
                "Your account has been blocked.",
            ),
            (
                StateChange::Deactivate,
                StateChange::Activate,
                "Your account has been deactivated by your administrator. Please log back in from a web \
              browser to reactivate your account at http://tokenry.test",
            ),
        ] {
            app.fixture
                .authority
                .change_user_state(&console, ida.id, verb)
                .await
                .unwrap();
            let answer = app.get(SELF).token(&token).send().await;
            assert_eq!(
                answer.both(),
                message(403, &format!("403 Forbidden - {text}"))
            );
            app.fixture
                .authority
                .change_user_state(&console, ida.id, back)
                .await
                .unwrap();
            assert_eq!(app.get(SELF).token(&token).send().await.code(), 200);
        }
    }

    async fn scopes_say_what_a_token_may_do(app: App) {
        let root = UserId::from_row(1);
        let (_, reader) = app.token(root, "read_api").await;
        let (_, user_reader) = app.token(root, "read_user").await;
        let (_, rotator) = app.token(root, "self_rotate").await;
        let list = "personal_access_tokens";
        for (code, method, path, token) in [
            (200, "GET", list, &reader),
            (403, "GET", list, &user_reader),
            (403, "GET", list, &rotator),
            (200, "GET", "user", &reader),
            (200, "GET", "user", &user_reader),
            (403, "GET", "user", &rotator),
            (200, "GET", SELF, &reader),
            (200, "GET", SELF, &user_reader),
            (200, "GET", SELF, &rotator),
            (403, "POST", "admin/token", &reader),
            (403, "DELETE", "personal_access_tokens/1", &rotator),
        ] {
            let answer = app.ask(method, path).token(token).send().await;
            assert_eq!(answer.code(), code, "{method} {path}: {}", answer.text);
        }
        let answer = app.get(list).token(&rotator).send().await;
        assert_eq!(
            answer.both(),
            (
                403,
                json!({
                    "error": "insufficient_scope",
                    "error_description": "The request requires higher privileges than provided by the access token.",
                    "scope": "api read_api",
                })
            )
        );
    }

    async fn all_tokens_can_be_switched_off(app: App) {
        let change = SettingsChange {
            disable_personal_access_tokens: Some(true),
            ..SettingsChange::default()
        };
        app.fixture
            .authority
            .change_settings(&app.fixture.console(), change)
            .await
            .unwrap();
        assert_eq!(app.get(SELF).root().send().await.both(), unauthorized());
    }

    async fn in_admin_mode_the_scope_makes_the_administrator(app: App) {
        let change = SettingsChange {
            admin_mode: Some(true),
            ..SettingsChange::default()
        };
        app.fixture
            .authority
            .change_settings(&app.fixture.console(), change)
            .await
            .unwrap();
        let (_, plain) = app.token(UserId::from_row(1), "api").await;
        let (_, full) = app.token(UserId::from_row(1), "api admin_mode").await;
        let settings = "application/settings";
        assert_eq!(
            app.get(settings).token(&plain).send().await.both(),
            forbidden()
        );
        assert_eq!(app.get(settings).token(&full).send().await.code(), 200);
        assert_eq!(
            app.get("user").token(&plain).send().await.json()["is_admin"],
            Value::Null
        );
        assert_eq!(
            app.get("user").token(&full).send().await.json()["is_admin"],
            true
        );
    }

    async fn a_removed_users_tokens_are_unknown(app: App) {
        let ida = app.user("ida").await;
        let (_, token) = app.token(ida.id, "api").await;
        app.fixture
            .authority
            .remove_user(&app.fixture.console(), ida.id)
            .await
            .unwrap();
        assert_eq!(
            app.get(SELF).token(&token).send().await.both(),
            unauthorized()
        );
    }
}

#[tokio::test]
async fn an_operator_may_refuse_tokens_in_parameters() {
    let web = WebOptions {
        private_token_parameter: false,
        ..WebOptions::default()
    };
    let app = App::with_options(Engine::Sqlite, Options::default(), web).await;
    for name in ["private_token", "access_token"] {
        let path = format!("{SELF}?{name}={ROOT_TOKEN}");
        assert_eq!(app.get(&path).send().await.both(), unauthorized());
        assert_eq!(app.get(&path).root().send().await.code(), 200);
    }
}

#[tokio::test]
async fn impersonation_tokens_can_be_switched_off() {
    let options = Options {
        impersonation: false,
        ..Options::default()
    };
    let app = App::with_options(Engine::Sqlite, options, WebOptions::default()).await;
    let ida = app.user("ida").await;
    let (_, token) = app.token_of(Kind::Impersonation, ida.id, "x", "api").await;
    let answer = app.get(SELF).token(&token).send().await;
    let text = "Token is an impersonation token but impersonation was disabled.";
    assert_eq!(answer.both(), invalid_token(text));
}

#[tokio::test]
async fn who_guesses_too_often_must_wait() {
    let options = Options {
        unknown_per_minute: 3,
        ..Options::default()
    };
    let app = App::with_options(Engine::Sqlite, options, WebOptions::default()).await;
    for _ in 0..3 {
        let answer = app
            .get(SELF)
            .token(UNKNOWN)
            .from("203.0.113.1")
            .send()
            .await;
        assert_eq!(answer.both(), unauthorized());
    }
    let answer = app
        .get(SELF)
        .token(UNKNOWN)
        .from("203.0.113.1")
        .send()
        .await;
    assert_eq!(answer.both(), message(429, "429 Too Many Requests"));
    let seconds: u32 = answer.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&seconds));
    let other = app
        .get(SELF)
        .token(UNKNOWN)
        .from("203.0.113.2")
        .send()
        .await;
    assert_eq!(other.both(), unauthorized());
}

#[tokio::test]
async fn a_proxy_of_ours_says_who_the_client_is() {
    let web = WebOptions {
        trusted_proxies: vec!["10.0.0.0/8".parse().unwrap()],
        ..WebOptions::default()
    };
    let app = App::with_options(Engine::Sqlite, Options::default(), web).await;
    let body = json!({ "admin_mode": false });
    let asking = app
        .put("application/settings")
        .root()
        .json(body.clone())
        .from("10.1.1.1");
    let answer = asking
        .header("x-forwarded-for", "192.0.2.1, 198.51.100.7")
        .send()
        .await;
    let name = answer.header("x-request-id").to_owned();
    let last = app.fixture.trail().await.pop().unwrap();
    assert_eq!(
        (last.address.as_deref(), last.request_id),
        (Some("198.51.100.7"), name)
    );
    let asking = app
        .put("application/settings")
        .root()
        .json(body)
        .from("203.0.113.5");
    asking
        .header("x-forwarded-for", "198.51.100.7")
        .send()
        .await;
    let last = app.fixture.trail().await.pop().unwrap();
    assert_eq!(last.address.as_deref(), Some("203.0.113.5"));
}
