//! `/oauth/discovery/keys`: what others check signed tokens with.

use data_encoding::BASE64URL_NOPAD;
use ed25519_dalek::{Signature, Verifier as _, VerifyingKey};
use serde_json::{Value, json};
use tokenry_testkit::{App, both_engines};
use tokenry_token::{DigestKey, KeyId};

/// What a token states, as somebody reads it who knows the published keys and
/// nothing else; nothing if its signature is wrong.
pub(crate) async fn read_offline(app: &App, token: &str) -> Option<Value> {
    let (prefix, jwt) = token.split_at(token.find("eyJ").unwrap());
    assert!(prefix.ends_with("glcbt-"), "{prefix}");
    let parts: Vec<_> = jwt.split('.').collect();
    let [header, claims, signature] = parts[..] else {
        panic!("three parts");
    };
    let decode = |part: &str| BASE64URL_NOPAD.decode(part.as_bytes()).unwrap();
    let stated: Value = serde_json::from_slice(&decode(header)).unwrap();
    assert_eq!(
        (&stated["alg"], &stated["typ"]),
        (&json!("EdDSA"), &json!("JWT"))
    );
    let keys = app.get("/oauth/discovery/keys").send().await.json();
    let mut named = keys["keys"].as_array().unwrap().iter();
    let key = named.find(|key| key["kid"] == stated["kid"])?;
    let public = decode(key["x"].as_str().unwrap());
    let key = VerifyingKey::from_bytes(&public.try_into().unwrap()).unwrap();
    let signature = Signature::from_slice(&decode(signature)).unwrap();
    key.verify(format!("{header}.{claims}").as_bytes(), &signature)
        .ok()?;
    Some(serde_json::from_slice(&decode(claims)).unwrap())
}

both_engines! {
    async fn keys_are_published_to_everybody(app: App) {
        let answer = app.get("/oauth/discovery/keys").send().await;
        assert_eq!(answer.code(), 200);
        assert_eq!(answer.header("cache-control"), "public, max-age=300");
        insta::assert_json_snapshot!("keys", answer.json());
        let found = app.get("/.well-known/openid-configuration").send().await;
        assert_eq!((found.code(), found.header("cache-control")), (200, "public, max-age=300"));
        insta::assert_json_snapshot!("discovery", found.json());
    }
}

#[tokio::test]
async fn no_secret_is_published() {
    use tokenry_testkit::Fixture as _;
    let app = App::set_up(tokenry_testkit::Engine::Sqlite).await;
    let text = app.get("/oauth/discovery/keys").send().await.text;
    // The key of tests: 32 times the same byte.
    let secret = DigestKey::new(KeyId::new(1), [7; 32]);
    assert!(!text.contains(&BASE64URL_NOPAD.encode(secret.secret_bytes())));
    assert!(
        !text.contains("\"d\""),
        "the private part of such keys: {text}"
    );
}
