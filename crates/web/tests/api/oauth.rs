//! `/oauth`: the grant for client credentials, revocation and introspection.

use serde_json::{Value, json};
use tokenry_testkit::{Answer, App, Asking, both_engines, fixture::ROOT_TOKEN};

use crate::{message, unauthorized};

/// An application that is there: its id, what it calls itself, its secret.
struct Client {
    id: i64,
    uid: String,
    secret: String,
}

impl Client {
    async fn new(app: &App, route: &str, token: &str, scopes: &str) -> Self {
        let form = json!({ "name": "Bridge", "redirect_uri": "urn:x", "scopes": scopes });
        let made = app.post(route).token(token).json(form).send().await;
        assert_eq!(made.code(), 201, "{}", made.text);
        let text = |field: &str| made.json()[field].as_str().unwrap().to_owned();
        Self {
            id: made.json()["id"].as_i64().unwrap(),
            uid: text("application_id"),
            secret: text("secret"),
        }
    }

    /// With the credentials in the header.
    fn basic(&self, asking: Asking) -> Asking {
        let pair = data_encoding::BASE64.encode(format!("{}:{}", self.uid, self.secret).as_bytes());
        asking.header("authorization", format!("Basic {pair}"))
    }

    fn ask(&self, app: &App, path: &str, form: &str) -> Asking {
        self.basic(posted(app, path, form))
    }

    async fn granted(&self, app: &App) -> String {
        let answer = self.ask(app, "/oauth/token", GRANT).send().await;
        assert_eq!(answer.code(), 200, "{}", answer.text);
        answer.json()["access_token"].as_str().unwrap().to_owned()
    }
}

const GRANT: &str = "grant_type=client_credentials";

fn posted(app: &App, path: &str, form: &str) -> Asking {
    app.post(path)
        .body("application/x-www-form-urlencoded", form.to_owned())
}

fn refused(answer: &Answer) -> (u16, Value) {
    assert!(
        !answer.json()["error_description"]
            .as_str()
            .unwrap()
            .is_empty()
    );
    (answer.code(), answer.json()["error"].clone())
}

both_engines! {
    async fn a_secret_is_good_for_an_access_token(app: App) {
        let ida = app.user("ida").await;
        let (_, own) = app.token(ida.id, "api").await;
        let client = Client::new(&app, "user/applications", &own, "read_api read_user openid").await;
        let before = app.actions().await.len();
        let answer = client.ask(&app, "/oauth/token", GRANT).send().await;
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("pragma"), "no-cache");
        let mut body = answer.json();
        let token = body["access_token"].as_str().unwrap().to_owned();
        assert!(token.starts_with("gloat-"), "{token}");
        body["access_token"] = json!("[secret]");
        let created_at = app.fixture.authority.now().as_second();
        assert_eq!(body, json!({
            "access_token": "[secret]", "token_type": "Bearer", "expires_in": 7200,
            "scope": "read_api read_user openid", "created_at": created_at,
        }));
        assert_eq!(app.actions().await[before..], ["token_created"]);

        let bearer = format!("Bearer {token}");
        let user = app.get("user").header("authorization", &bearer).send().await;
        assert_eq!((user.code(), &user.json()["username"]), (200, &json!("ida")));
        assert_eq!(app.get(&format!("user?access_token={token}")).send().await.code(), 200);
        let narrow = app.post("user/applications").header("authorization", &bearer).json(json!({})).send().await;
        assert_eq!((narrow.code(), &narrow.json()["error"]), (403, &json!("insufficient_scope")));
        let not_personal = message(400, "400 Bad request - This endpoint requires token type to be a personal access token");
        for (method, path) in [
            ("GET", "personal_access_tokens/self"), ("DELETE", "personal_access_tokens/self"),
            ("GET", "personal_access_tokens/self/associations"),
        ] {
            let answer = app.ask(method, path).header("authorization", &bearer).send().await;
            assert_eq!(answer.both(), not_personal, "{method} {path}");
        }
        let rotated = app.post("personal_access_tokens/self/rotate").header("authorization", &bearer).send().await;
        assert_eq!(rotated.both(), message(405, "405 Method Not Allowed"));
        let listed = app.get("personal_access_tokens").token(&own).send().await;
        assert_eq!(listed.column("name").len(), 1, "it is no personal access token");
        let listed = app.get("personal_access_tokens").root().send().await;
        assert!(!listed.column("name").contains(&json!("Bridge")));

        app.fixture.clock.advance(7_199);
        assert_eq!(app.get("user").header("authorization", &bearer).send().await.code(), 200);
        app.fixture.clock.advance(2);
        let late = app.get("user").header("authorization", &bearer).send().await;
        assert_eq!((late.code(), &late.json()["error"]), (401, &json!("invalid_token")));
    }

    async fn an_access_token_lives_no_longer_by_rotation(app: App) {
        let client = Client::new(&app, "applications", ROOT_TOKEN, "api").await;
        let token = client.granted(&app).await;
        let id = app.post("admin/token").root().json(json!({ "token": token })).send().await.json()["id"].clone();
        for bearer in [token.as_str(), ROOT_TOKEN] {
            let answer = app.post(&format!("personal_access_tokens/{id}/rotate")).token(bearer).json(json!({ "expires_at": "2031-12-31" })).send().await;
            assert!([401, 404].contains(&answer.code()), "{}", answer.text);
        }
    }

    async fn one_of_the_instance_acts_as_whoever_made_it(app: App) {
        let admin = app.admin("boss").await;
        let (_, own) = app.token(admin.id, "api").await;
        let client = Client::new(&app, "applications", &own, "api").await;
        let token = client.granted(&app).await;
        let user = app.get("user").token(&token).send().await.json();
        assert_eq!((&user["username"], &user["is_admin"]), (&json!("boss"), &json!(true)));
        let path = format!("users/{}/block", admin.id);
        assert_eq!(app.post(&path).root().send().await.code(), 201);
        assert_eq!(app.get("user").token(&token).send().await.code(), 403);
        let answer = client.ask(&app, "/oauth/token", GRANT).send().await;
        assert_eq!(refused(&answer), (400, json!("unauthorized_client")));
    }

    async fn a_client_that_cannot_keep_its_secret_gets_nothing_for_it(app: App) {
        let form = json!({ "name": "Phone", "redirect_uri": "urn:x", "scopes": "api", "confidential": false });
        let made = app.post("applications").root().json(form).send().await.json();
        let text = |field: &str| made[field].as_str().unwrap().to_owned();
        let client = Client { id: 0, uid: text("application_id"), secret: text("secret") };
        let before = app.actions().await.len();
        let answer = client.ask(&app, "/oauth/token", GRANT).send().await;
        assert_eq!(refused(&answer), (400, json!("unauthorized_client")));
        assert_eq!(app.actions().await.len(), before);
    }

    async fn scopes_are_the_applications_own(app: App) {
        let client = Client::new(&app, "applications", ROOT_TOKEN, "read_api read_user").await;
        let one = client.ask(&app, "/oauth/token", &format!("{GRANT}&scope=read_user")).send().await;
        assert_eq!((one.code(), &one.json()["scope"]), (200, &json!("read_user")));
        let all = client.ask(&app, "/oauth/token", &format!("{GRANT}&scope=")).send().await;
        assert_eq!(all.json()["scope"], "read_api read_user");
        let before = app.actions().await;
        for scope in ["api", "read_user+sudo", "root", "read_user,read_api"] {
            let answer = client.ask(&app, "/oauth/token", &format!("{GRANT}&scope={scope}")).send().await;
            assert_eq!(refused(&answer), (400, json!("invalid_scope")), "{scope}");
        }
        assert_eq!(app.actions().await, before);
    }

    async fn a_client_shows_who_it_is(app: App) {
        let client = Client::new(&app, "applications", ROOT_TOKEN, "read_api").await;
        let other = Client::new(&app, "applications", ROOT_TOKEN, "read_api").await;
        let (uid, secret) = (&client.uid, &client.secret);
        let in_body = format!("{GRANT}&client_id={uid}&client_secret={secret}");
        assert_eq!(posted(&app, "/oauth/token", &in_body).send().await.code(), 200);
        let json = json!({ "grant_type": "client_credentials", "client_id": uid, "client_secret": secret });
        assert_eq!(app.post("/oauth/token").json(json).send().await.code(), 200);
        let access = client.granted(&app).await;
        let before = app.actions().await;
        for (id, secret) in [
            (uid.as_str(), other.secret.as_str()), (&other.uid, secret), (uid, ""), ("", secret), (uid, "gloas-x"),
            (uid, ROOT_TOKEN), (uid, &access), (uid, "%00"), (&"x".repeat(10_000), secret),
        ] {
            let form = format!("{GRANT}&client_id={id}&client_secret={secret}");
            let answer = posted(&app, "/oauth/token", &form).send().await;
            assert_eq!(refused(&answer), (401, json!("invalid_client")), "{form}");
            assert_eq!(answer.header("www-authenticate"), r#"Basic realm="tokenry""#);
        }
        for header in ["Basic", "Basic !", "Basic eA==", "Bearer x"] {
            let answer = posted(&app, "/oauth/token", GRANT).header("authorization", header).send().await;
            assert_eq!(refused(&answer), (401, json!("invalid_client")), "{header}");
        }
        let in_address = app.post(&format!("/oauth/token?{in_body}")).send().await;
        assert_eq!(refused(&in_address), (400, json!("invalid_request")), "addresses are logged");
        let twice = client.ask(&app, "/oauth/token", &in_body).send().await;
        assert_eq!(refused(&twice), (400, json!("invalid_request")));
        assert_eq!(app.actions().await, before);
    }

    async fn requests_are_what_they_should_be(app: App) {
        let client = Client::new(&app, "applications", ROOT_TOKEN, "read_api").await;
        let before = app.actions().await;
        for (form, expected) in [
            ("", "invalid_request"),
            ("grant_type=", "invalid_request"),
            ("grant_type=client_credentials&grant_type=client_credentials", "invalid_request"),
            ("grant_type=client_credentials&scope=read_api&scope=read_api", "invalid_request"),
            ("grant_type=password&username=root&password=x", "unsupported_grant_type"),
            ("grant_type=authorization_code&code=x", "unsupported_grant_type"),
        ] {
            let answer = client.ask(&app, "/oauth/token", form).send().await;
            assert_eq!(refused(&answer), (400, json!(expected)), "{form}");
            assert_eq!(answer.header("cache-control"), "no-store");
        }
        assert_eq!(app.get("/oauth/token").send().await.code(), 405);
        assert_eq!(app.actions().await, before);
    }

    async fn a_renewed_or_removed_secret_gets_nothing_more(app: App) {
        let mut client = Client::new(&app, "applications", ROOT_TOKEN, "read_api").await;
        let access = client.granted(&app).await;
        let path = format!("applications/{}", client.id);
        let renewed = app.post(&format!("{path}/renew-secret")).root().send().await.json();
        let answer = client.ask(&app, "/oauth/token", GRANT).send().await;
        assert_eq!(refused(&answer), (401, json!("invalid_client")));
        assert_eq!(app.get("version").token(&access).send().await.code(), 200, "what it got stays");
        client.secret = renewed["secret"].as_str().unwrap().to_owned();
        client.granted(&app).await;
        let killed = json!({ "token": client.secret });
        assert_eq!(app.delete("admin/token").root().json(killed).send().await.code(), 204);
        let answer = client.ask(&app, "/oauth/token", GRANT).send().await;
        assert_eq!(refused(&answer), (401, json!("invalid_client")));
        assert_eq!(app.delete(&path).root().send().await.code(), 204);
        assert_eq!(app.get("version").token(&access).send().await.both(), unauthorized());
    }

    async fn a_client_revokes_its_own_tokens(app: App) {
        let client = Client::new(&app, "applications", ROOT_TOKEN, "read_api").await;
        let other = Client::new(&app, "applications", ROOT_TOKEN, "read_api").await;
        let access = client.granted(&app).await;
        let form = format!("token={access}");
        let before = app.actions().await.len();
        let foreign = other.ask(&app, "/oauth/revoke", &form).send().await;
        assert_eq!(refused(&foreign), (400, json!("unauthorized_client")));
        let personal = client.ask(&app, "/oauth/revoke", &format!("token={ROOT_TOKEN}")).send().await;
        assert_eq!(refused(&personal), (400, json!("unauthorized_client")));
        let stranger = posted(&app, "/oauth/revoke", &form).send().await;
        assert_eq!(refused(&stranger), (401, json!("invalid_client")));
        let missing = client.ask(&app, "/oauth/revoke", "").send().await;
        assert_eq!(refused(&missing), (400, json!("invalid_request")));
        assert_eq!(app.get("version").token(&access).send().await.code(), 200);
        for text in [access.as_str(), &access, "gloat-unknown", "rubbish"] {
            let answer = client.ask(&app, "/oauth/revoke", &format!("token={text}")).send().await;
            assert_eq!(answer.both(), (200, json!({})), "{text}");
        }
        assert_eq!(app.get("version").token(&access).send().await.code(), 401);
        assert_eq!(app.actions().await[before..], ["token_revoked"]);
    }

    async fn services_ask_what_a_token_is(app: App) {
        let ida = app.user("ida").await;
        let (_, own) = app.token(ida.id, "api").await;
        let service = Client::new(&app, "applications", ROOT_TOKEN, "read_api").await;
        let private = Client::new(&app, "user/applications", &own, "read_user").await;
        let access = private.granted(&app).await;
        let second = app.fixture.authority.now().as_second();
        let described = json!({
            "active": true, "scope": "read_user", "client_id": private.uid, "username": "ida",
            "token_type": "Bearer", "exp": second + 7_201, "iat": second, "sub": ida.id.to_string(), "kind": "oauth_access",
        });
        let form = format!("token={access}&token_type_hint=access_token");
        for client in [&service, &private] {
            assert_eq!(client.ask(&app, "/oauth/introspect", &form).send().await.both(), (200, described.clone()));
        }
        let admin = posted(&app, "/oauth/introspect", &form).token(ROOT_TOKEN);
        assert_eq!(admin.send().await.both(), (200, described));
        let secret = posted(&app, "/oauth/introspect", &format!("token={}", private.secret)).token(ROOT_TOKEN).send().await.json();
        assert_eq!((&secret["active"], &secret["kind"], &secret["username"], &secret["token_type"]),
            (&json!(true), &json!("oauth_application_secret"), &Value::Null, &Value::Null));

        let inactive = (200, json!({ "active": false }));
        let about_own = private.ask(&app, "/oauth/introspect", &format!("token={own}"));
        assert_eq!(about_own.send().await.both(), inactive, "a user's application asks for its own");
        for text in ["rubbish", "glpat-unknown", ""] {
            let answer = service.ask(&app, "/oauth/introspect", &format!("token={text}x")).send().await;
            assert_eq!(answer.both(), inactive, "{text}");
        }
        let before = app.actions().await;
        app.post(&format!("users/{}/block", ida.id)).root().send().await;
        assert_eq!(service.ask(&app, "/oauth/introspect", &form).send().await.both(), inactive);
        assert_eq!(app.actions().await.len(), before.len() + 1, "asking writes nothing");
    }

    async fn not_everybody_asks_what_a_token_is(app: App) {
        let ida = app.user("ida").await;
        let (_, own) = app.token(ida.id, "api").await;
        let root = tokenry_domain::UserId::from_row(1);
        let (_, reading) = app.token(root, "read_api").await;
        let form = format!("token={own}");
        assert_eq!(refused(&posted(&app, "/oauth/introspect", &form).send().await), (401, json!("invalid_client")));
        let wrong = posted(&app, "/oauth/introspect", &format!("{form}&client_id=x&client_secret=y")).send().await;
        assert_eq!(refused(&wrong), (401, json!("invalid_client")));
        let asked = posted(&app, "/oauth/introspect", &form).token(&own).send().await;
        assert_eq!(asked.both(), message(403, "403 Forbidden"));
        let asked = posted(&app, "/oauth/introspect", &form).token(&reading).send().await;
        assert_eq!((asked.code(), &asked.json()["error"]), (403, &json!("insufficient_scope")));
        let asked = posted(&app, "/oauth/introspect", &form).token("glpat-unknown").send().await;
        assert_eq!(asked.both(), unauthorized());
        let missing = posted(&app, "/oauth/introspect", "").root().send().await;
        assert_eq!(refused(&missing), (400, json!("invalid_request")));
    }
}
