//! What happens at once.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;
use tokenry_testkit::{App, both_engines};

use crate::message;

const SELF: &str = "personal_access_tokens/self";

both_engines! {
    async fn of_several_rotations_one_wins(app: App) {
        let ida = app.user("ida").await;
        for _ in 0..5 {
            let (id, _) = app.token(ida.id, "api").await;
            let path = format!("personal_access_tokens/{id}/rotate");
            let before = app.actions().await.len();
            let answers = join_all((0..6).map(|_| app.post(&path).root().send())).await;
            let won: Vec<_> = answers
                .iter()
                .filter(|answer| answer.code() == 200)
                .collect();
            assert_eq!(won.len(), 1);
            for lost in answers.iter().filter(|answer| answer.code() != 200) {
                assert_eq!(
                    lost.both(),
                    message(400, "400 Bad request - Token already revoked")
                );
            }
            assert_eq!(app.actions().await[before..], ["token_rotated"]);
            let new = won[0].json()["token"].as_str().unwrap().to_owned();
            assert_eq!(app.get(SELF).token(&new).send().await.code(), 200);
        }
    }

    async fn a_token_that_is_revoked_while_it_rotates_is_dead_afterwards(app: App) {
        let ida = app.user("ida").await;
        for _ in 0..10 {
            let (id, old) = app.token(ida.id, "api").await;
            let path = format!("personal_access_tokens/{id}");
            let rotating = app.post(&format!("{path}/rotate")).root().send();
            let revoking = app.delete(&path).root().send();
            let (rotated, revoked) = tokio::join!(rotating, revoking);
            assert_eq!(revoked.code(), 204);
            assert!([200, 400].contains(&rotated.code()), "{}", rotated.text);
            assert_eq!(app.get(SELF).token(&old).send().await.code(), 401);
            if rotated.code() == 200 {
                let new = rotated.json()["token"].as_str().unwrap().to_owned();
                assert_eq!(app.get(SELF).token(&new).send().await.code(), 200);
            }
        }
    }

    async fn a_client_that_goes_away_does_not_stop_a_change(app: App) {
        let ida = app.user("ida").await;
        for _ in 0..20 {
            app.token(ida.id, "api").await;
        }
        let path = format!("users/{}", ida.id);
        let impatient = app.delete(&path).root().send();
        let gone = tokio::time::timeout(Duration::from_micros(1), impatient).await;
        assert!(gone.is_err() || gone.unwrap().code() == 204);
        loop {
            let trail = app.actions().await;
            if trail.last().unwrap() == "user_deleted" {
                break;
            }
            tokio::task::yield_now().await;
        }
        let answer = app.get(&path).root().send().await;
        assert_eq!(answer.both(), message(404, "404 User Not Found"));
    }

    async fn a_name_is_given_once(app: App) {
        let body = json!({ "email": "ida@example.com", "username": "ida", "name": "Ida", "reset_password": true });
        let answers =
            join_all((0..4).map(|_| app.post("users").root().json(body.clone()).send())).await;
        let mut codes: Vec<_> = answers.iter().map(tokenry_testkit::Answer::code).collect();
        codes.sort_unstable();
        assert_eq!(codes, [201, 409, 409, 409]);
    }
}
