//! `GET /user`.

use serde_json::json;
use tokenry_authority::Options;
use tokenry_testkit::{App, Engine, both_engines};
use tokenry_web::WebOptions;

both_engines! {
    async fn users_see_themselves(app: App) {
        let ida = app.user("ida").await;
        let (_, token) = app.token(ida.id, "read_user").await;
        let answer = app.get("user").token(&token).send().await;
        assert_eq!(answer.code(), 200);
        insta::assert_json_snapshot!("ida", answer.json());
        let former = app.get("/api/v3/user").token(&token).send().await;
        assert_eq!(former.both(), answer.both());
    }

    async fn administrators_see_that_they_are(app: App) {
        let answer = app.get("user").root().send().await;
        insta::assert_json_snapshot!("root", answer.json());
    }
}

#[tokio::test]
async fn addresses_begin_as_configured() {
    let web = WebOptions {
        external_url: Some("https://tokens.example.com/".to_owned()),
        ..WebOptions::default()
    };
    let app = App::with_options(Engine::Sqlite, Options::default(), web).await;
    let user = app.get("user").root().send().await.json();
    assert_eq!(user["web_url"], json!("https://tokens.example.com/root"));
    let link = app.get("users?per_page=1").root().send().await;
    assert!(
        link.header("link").starts_with(
            "<https://tokens.example.com/api/v4/users?per_page=1&page=1>; rel=\"first\""
        )
    );
}
