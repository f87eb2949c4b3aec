//! The keys that signed tokens are checked with, for whoever checks them
//! offline (RFC 7517, RFC 8037). No token is asked for: they are no secret.

use axum::{
    http::{HeaderValue, header},
    response::Response,
};
use data_encoding::BASE64URL_NOPAD;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{answer, app::App, visit::Visit};

/// Where the keys are, below the address of the instance.
const KEYS: &str = "/oauth/discovery/keys";

/// How long others may keep the keys. A new key signs at once, and whoever
/// doesn't know it yet asks again, as is usual.
const KEPT: HeaderValue = HeaderValue::from_static("public, max-age=300");

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::default()
        .routes(routes!(keys))
        .routes(routes!(discovery))
}

/// A set of public keys.
#[derive(Debug, Serialize, ToSchema)]
struct KeySet {
    /// The newest first; tokens of former keys are checked with the others.
    keys: Vec<PublicKey>,
}

/// A public key.
#[derive(Debug, Serialize, ToSchema)]
struct PublicKey {
    /// Always `OKP`.
    kty: &'static str,
    /// Always `Ed25519`.
    crv: &'static str,
    /// The key, in base64 as in URLs.
    x: String,
    /// The name under which tokens name it.
    kid: String,
    /// Always `sig`.
    r#use: &'static str,
    /// Always `EdDSA`.
    alg: &'static str,
}

/// Show the keys that signed tokens are checked with
#[utoipa::path(
    get, path = "/oauth/discovery/keys", tag = "Keys", security(()),
    responses((status = 200, body = KeySet))
)]
async fn keys(visit: Visit) -> Response {
    let keys = visit.authority().verifying_keys();
    let keys = keys.into_iter().map(|key| PublicKey {
        kty: "OKP",
        crv: "Ed25519",
        x: BASE64URL_NOPAD.encode(&key.public),
        kid: key.id.to_string(),
        r#use: "sig",
        alg: "EdDSA",
    });
    kept(answer::ok(&KeySet {
        keys: keys.collect(),
    }))
}

/// Show who signs, and where the keys are
#[utoipa::path(
    get, path = "/.well-known/openid-configuration", tag = "Keys", security(()),
    responses((status = 200))
)]
async fn discovery(visit: Visit) -> Response {
    let issuer = visit.base();
    kept(answer::ok(&json!({
        "issuer": issuer,
        "jwks_uri": format!("{issuer}{KEYS}"),
        "id_token_signing_alg_values_supported": ["EdDSA"],
        "response_types_supported": ["id_token"],
        "subject_types_supported": ["public"],
        "claims_supported": [
            "iss", "sub", "aud", "iat", "nbf", "exp", "jti", "version", "job_id",
            "project_id", "project_path", "user_id", "user_login", "ref",
        ],
    })))
}

fn kept(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, KEPT);
    response
}
