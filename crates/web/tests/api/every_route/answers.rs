//! What every answer has, and what is said where nothing is served.

use tokenry_testkit::{App, both_engines};

use crate::{error, message};

both_engines! {
    async fn every_answer_has_a_name_and_is_not_kept(app: App) {
        let mut names = std::collections::HashSet::new();
        for path in ["/-/liveness", "/nowhere", "/api/v4/user", "/api/v4/version"] {
            for answer in [
                app.get(path).send().await,
                app.get(path).root().send().await,
                app.delete(path).send().await,
            ] {
                assert_eq!(answer.header("cache-control"), "no-store");
                assert_eq!(answer.header("x-content-type-options"), "nosniff");
                assert!(
                    names.insert(answer.header("x-request-id").to_owned()),
                    "{path}"
                );
            }
        }
        let named = app
            .get("version")
            .root()
            .header("x-request-id", "mine")
            .send()
            .await;
        assert!(
            names.insert(named.header("x-request-id").to_owned())
                && named.header("x-request-id") != "mine"
        );
    }

    async fn what_is_not_served_is_said_so(app: App) {
        for path in [
            "/",
            "/api/v4",
            "/api/v4/nothing",
            "/api/v4/users/1/nothing",
            "/api/v4/user/",
        ] {
            assert_eq!(
                app.get(path).root().send().await.both(),
                error(404, "404 Not Found"),
                "{path}"
            );
        }
        for (method, path, allowed) in [
            ("PATCH", "users/1", ["GET", "PUT", "DELETE"].as_slice()),
            ("PUT", "personal_access_tokens/self", &["GET", "DELETE"]),
            ("GET", "admin/token", &["POST", "DELETE"]),
        ] {
            let answer = app.ask(method, path).root().send().await;
            assert_eq!(
                answer.both(),
                message(405, "405 Method Not Allowed"),
                "{method} {path}"
            );
            let said: Vec<_> = answer
                .header("allow")
                .split(',')
                .filter(|name| *name != "HEAD")
                .collect();
            assert_eq!(said.len(), allowed.len(), "{said:?}");
            assert!(allowed.iter().all(|name| said.contains(name)), "{said:?}");
        }
    }

    async fn a_head_is_a_get_without_a_body(app: App) {
        let answer = app
            .ask("HEAD", "personal_access_tokens")
            .root()
            .send()
            .await;
        assert_eq!((answer.code(), answer.text.as_str()), (200, ""));
        assert_eq!(answer.header("x-total"), "1");
    }
}
