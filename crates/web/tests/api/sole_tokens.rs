//! `/user/feed_token` and `/user/incoming_email_token`.

use futures_util::future::join_all;
use serde_json::json;
use tokenry_testkit::{App, both_engines};

use crate::{ended, identified, message, secret, unauthorized};

/// Path, what a text begins with, and the name when it isn't there.
const KINDS: [(&str, &str, &str); 2] = [
    ("user/feed_token", "glft-", "404 Feed Token Not Found"),
    (
        "user/incoming_email_token",
        "glimt-",
        "404 Incoming Email Token Not Found",
    ),
];

both_engines! {
    async fn one_is_made_shown_again_reset_and_revoked(app: App) {
        let ida = app.user("ida").await;
        let (_, token) = app.token(ida.id, "api").await;
        for (path, prefix, missing) in KINDS {
            let before = app.actions().await.len();
            let show = async || app.get(path).token(&token).send().await;
            let reset = async || app.post(&format!("{path}/reset")).token(&token).send().await;
            let revoke = async || app.delete(path).token(&token).send().await;
            assert_eq!(show().await.both(), message(404, missing));
            assert_eq!(revoke().await.both(), message(404, missing));
            let first = reset().await;
            assert_eq!(first.code(), 201);
            assert!(secret(&first).starts_with(prefix), "{}", first.text);
            assert_eq!(show().await.both(), (200, first.json()));
            let second = reset().await;
            assert_eq!(second.code(), 201);
            assert_ne!(secret(&first), secret(&second));
            assert_eq!(show().await.json(), second.json());
            assert_eq!(identified(&app, &secret(&first)).await["token_state"], "revoked");
            assert_eq!(identified(&app, &secret(&second)).await["token_state"], "active");
            assert_eq!((revoke().await.code(), show().await.code()), (204, 404));
            assert_eq!(identified(&app, &secret(&second)).await["token_state"], "revoked");
            assert_eq!(reset().await.code(), 201, "another can be made");
            assert_eq!(
                app.actions().await[before..],
                ["token_created", "token_reset", "token_revoked", "token_created"]
            );
            let mut body = first.json();
            body["token"] = json!("[secret]");
            insta::assert_json_snapshot!(path.replace('/', "_"), body);
        }
    }

    async fn everybody_has_their_own(app: App) {
        for (path, ..) in KINDS {
            let mut texts = Vec::new();
            for name in ["ida", "bo"] {
                let user = app.user(&format!("{name}-{}", path.len())).await;
                let (_, token) = app.token(user.id, "api").await;
                let made = app.post(&format!("{path}/reset")).token(&token).send().await;
                assert_eq!(app.get(path).token(&token).send().await.json(), made.json());
                texts.push(secret(&made));
            }
            assert_ne!(texts[0], texts[1]);
            assert_eq!(app.get(path).root().send().await.code(), 404, "not root's");
            assert_eq!(app.get(path).send().await.both(), unauthorized());
        }
    }

    async fn what_hands_out_a_secret_takes_the_scope_for_changes(app: App) {
        let ida = app.user("ida").await;
        let (_, api) = app.token(ida.id, "api").await;
        let (_, reader) = app.token(ida.id, "read_api read_user").await;
        for (path, ..) in KINDS {
            app.post(&format!("{path}/reset")).token(&api).send().await;
            let before = app.actions().await;
            for (method, path) in [("GET", path), ("DELETE", path), ("POST", &format!("{path}/reset"))] {
                let answer = app.ask(method, path).token(&reader).send().await;
                assert_eq!((answer.code(), &answer.json()["error"]), (403, &json!("insufficient_scope")));
            }
            assert_eq!(app.actions().await, before);
        }
    }

    async fn a_found_one_is_reset_and_nobody_is_told_the_next(app: App) {
        let ida = app.user("ida").await;
        let (_, token) = app.token(ida.id, "api").await;
        for (path, ..) in KINDS {
            let found = secret(&app.post(&format!("{path}/reset")).token(&token).send().await);
            let before = app.actions().await.len();
            for _ in 0..2 {
                assert_eq!(ended(&app, &found).await, 204);
            }
            assert_eq!(app.actions().await[before..], ["token_reset"], "the second time nothing happens");
            let next = app.get(path).token(&token).send().await;
            assert_ne!(secret(&next), found);
            assert_eq!(identified(&app, &found).await["token_state"], "revoked");
            assert_eq!(identified(&app, &secret(&next)).await["token_state"], "active");
        }
    }

    async fn it_opens_nothing_here(app: App) {
        let ida = app.user("ida").await;
        let (_, token) = app.token(ida.id, "api").await;
        for (path, ..) in KINDS {
            let own = secret(&app.post(&format!("{path}/reset")).token(&token).send().await);
            for route in ["user", "personal_access_tokens/self", path] {
                assert_eq!(app.get(route).token(&own).send().await.both(), unauthorized());
            }
            let rotated = app.post("personal_access_tokens/self/rotate").token(&own).send().await;
            assert_eq!(rotated.both(), unauthorized());
        }
    }

    async fn of_several_resets_at_once_the_last_one_is_in_force(app: App) {
        let ida = app.user("ida").await;
        let (_, token) = app.token(ida.id, "api").await;
        for (path, ..) in KINDS {
            let reset = format!("{path}/reset");
            let answers = join_all((0..6).map(|_| app.post(&reset).token(&token).send())).await;
            let mut states = Vec::new();
            for answer in &answers {
                assert_eq!(answer.code(), 201, "{}", answer.text);
                states.push(identified(&app, &secret(answer)).await["token_state"].clone());
            }
            let active: Vec<_> = states.iter().filter(|state| **state == "active").collect();
            assert_eq!(active.len(), 1, "{states:?}");
            let shown = secret(&app.get(path).token(&token).send().await);
            assert_eq!(identified(&app, &shown).await["token_state"], "active");
        }
    }
}
