//! Bodies that can't be read, on every sort of route: a clear 4xx, and
//! nothing is changed.

use serde_json::json;
use tokenry_authority::Options;
use tokenry_testkit::{App, Engine, both_engines, fixture::ROOT_TOKEN};
use tokenry_web::WebOptions;

use crate::{error, message};

/// Routes that read parameters, and routes that have nothing to read.
const ROUTES: [(&str, &str); 9] = [
    ("GET", "personal_access_tokens"),
    ("POST", "users/1/personal_access_tokens"),
    ("POST", "personal_access_tokens/1/rotate"),
    ("DELETE", "personal_access_tokens/self"),
    ("POST", "admin/token"),
    ("POST", "users"),
    ("PUT", "users/1"),
    ("POST", "users/1/block"),
    ("PUT", "application/settings"),
];
const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

both_engines! {
    async fn what_cannot_be_read_is_said_and_changes_nothing(app: App) {
        let before = app.actions().await;
        let deep = format!("{{\"name\":{}", "[".repeat(100_000));
        for (method, path) in ROUTES {
            for (content_type, body, expected) in [
                (
                    JSON,
                    b"{".as_slice(),
                    error(400, "the body isn't valid JSON"),
                ),
                (
                    JSON,
                    b"{\"name\":\"\xff\"}",
                    error(400, "the body isn't valid JSON"),
                ),
                (
                    JSON,
                    deep.as_bytes(),
                    error(400, "the body isn't valid JSON"),
                ),
                (JSON, b"{} {}", error(400, "the body isn't valid JSON")),
                (JSON, b"[]", error(400, "the JSON body must be an object")),
                (JSON, b"null", error(400, "the JSON body must be an object")),
                (
                    JSON,
                    b"\"x\"",
                    error(400, "the JSON body must be an object"),
                ),
                (JSON, b"1", error(400, "the JSON body must be an object")),
                (FORM, b"name=%ff", error(400, "the body isn't valid UTF-8")),
                (FORM, b"name=\xff", error(400, "the body isn't valid UTF-8")),
                (
                    "multipart/form-data",
                    b"x",
                    error(400, "the form can't be read"),
                ),
                (
                    "multipart/form-data; boundary=x",
                    b"--x\r\nbroken",
                    error(400, "the form can't be read"),
                ),
                (
                    "text/xml",
                    b"<name/>",
                    error(
                        415,
                        "The provided content-type 'text/xml' is not supported.",
                    ),
                ),
                (
                    "",
                    b"x",
                    error(415, "The provided content-type '' is not supported."),
                ),
            ] {
                let asking = app
                    .ask(method, path)
                    .root()
                    .body(content_type, body.to_vec());
                let answer = asking.send().await;
                assert_eq!(
                    answer.both(),
                    expected,
                    "{method} {path} {content_type} {body:.20?}"
                );
            }
            let asking = app.ask(method, &format!("{path}?name=%ff")).root();
            assert_eq!(
                asking.send().await.both(),
                error(400, "the query isn't valid UTF-8"),
                "{method} {path}"
            );
        }
        assert_eq!(app.actions().await, before);
    }

    async fn long_bodies_are_not_read_to_their_end(app: App) {
        let before = app.actions().await;
        let ten_megabytes = vec![b' '; 10 * 1024 * 1024];
        for (method, path) in ROUTES {
            let asking = app
                .ask(method, path)
                .root()
                .body(JSON, ten_megabytes.clone());
            assert_eq!(
                asking.send().await.both(),
                message(413, "413 Request Entity Too Large"),
                "{method} {path}"
            );
        }
        let pieces = futures_util::stream::iter(
            std::iter::repeat_n(vec![b' '; 65_536], 160).map(Ok::<_, std::io::Error>),
        );
        let endless = axum::body::Body::from_stream(pieces);
        let answer = app
            .post("admin/token")
            .root()
            .body(JSON, endless)
            .send()
            .await;
        assert_eq!(answer.both(), message(413, "413 Request Entity Too Large"));
        assert_eq!(app.actions().await, before);
    }

    async fn a_body_of_many_parameters_is_read_once(app: App) {
        let many = format!(
            "{{{}\"token\":\"unsupported\"}}",
            "\"a\":1,".repeat(100_000)
        );
        let answer = app.post("admin/token").root().body(JSON, many).send().await;
        assert_eq!(answer.both(), message(422, "Token type not supported."));
    }

    async fn one_source_names_a_parameter_once(app: App) {
        let path = "users/1/personal_access_tokens";
        for asking in [
            app.post(path)
                .body(JSON, r#"{"name":"a","name":"b","scopes":"api"}"#),
            app.post(path).form("name=a&name=b&scopes=api"),
            app.post(path).form("name=a&name[]=b&scopes=api"),
            app.post(&format!("{path}?name=a&name=b&scopes=api")),
        ] {
            assert_eq!(
                asking.root().send().await.both(),
                error(400, "name is invalid")
            );
        }
        let both = app
            .post(&format!("{path}?name=query&scopes=read_api"))
            .root()
            .json(json!({ "name": "body", "user_id": 4711 }));
        let issued = both.send().await.json();
        assert_eq!(
            (&issued["name"], &issued["user_id"]),
            (&json!("body"), &json!(1))
        );
    }

    async fn json_may_come_without_its_type(app: App) {
        let body = json!({ "token": ROOT_TOKEN }).to_string();
        let answer = app.post("admin/token").root().untyped(body).send().await;
        assert_eq!(answer.code(), 200);
    }
}

#[tokio::test]
async fn the_limit_is_the_operators() {
    let web = WebOptions {
        body_limit: 10,
        ..WebOptions::default()
    };
    let app = App::with_options(Engine::Sqlite, Options::default(), web).await;
    let within = app.post("admin/token").root().form("token=abcd");
    assert_eq!(within.send().await.code(), 422);
    let beyond = app.post("admin/token").root().form("token=abcde");
    assert_eq!(beyond.send().await.code(), 413);
}
