//! One good request for every route that changes something.
//!
//! ```text
//! METHOD "path" { parameters } => status, options;
//! ```
//!
//! What a request needs is made by other examples of this table: an id in a
//! path by a `POST` to the path before it (or as [`MAKERS`] says), and
//! `<token of POST groups/{id}/access_tokens>` by that route, in the same
//! group. `<new>` is a word that nobody used yet, `<root>` the token of root,
//! who asks where nobody else is named.

use std::sync::LazyLock;

use serde_json::{Value, json};

/// One request that does what its route is for.
#[derive(Debug)]
pub(super) struct Example {
    /// Method and path, as in the document.
    pub(super) route: &'static str,
    pub(super) parameters: Value,
    pub(super) status: u16,
    /// The route that must have been asked before.
    pub(super) after: Option<&'static str>,
    /// The route that gave whoever asks a token or a session.
    pub(super) by: Option<&'static str>,
    /// Why it leaves no row in the audit trail.
    pub(super) silent: Option<&'static str>,
}

const PLAIN: Example = Example {
    route: "",
    parameters: Value::Null,
    status: 0,
    after: None,
    by: None,
    silent: None,
};

/// What makes that which an id stands for, by the path before the id, or a word
/// that is good there; where nothing is said, a `POST` to that path.
pub(super) const MAKERS: [(&str, &str); 8] = [
    ("-/errors", "token_not_found"),
    (
        "personal_access_tokens",
        "id of POST users/{user_id}/personal_access_tokens",
    ),
    (
        "api/v1/tokens",
        "id of POST users/{user_id}/personal_access_tokens",
    ),
    ("api/v1/purges", "id of POST /api/v1/purges"),
    ("jobs", "id of POST projects/{id}/jobs"),
    ("user/sessions", "session_id of POST session"),
    ("groups/{id}/members/all", "id of POST groups/{id}/members"),
    (
        "projects/{id}/members/all",
        "id of POST projects/{id}/members",
    ),
];

macro_rules! examples {
    ($($method:ident $path:literal $parameters:tt => $status:literal
       $(, $option:ident: $value:literal)*;)+) => {
        vec![$(Example {
            route: concat!(stringify!($method), " ", $path),
            parameters: json!($parameters),
            status: $status,
            $($option: Some($value),)*
            ..PLAIN
        }),+]
    };
}

pub(super) static EXAMPLES: LazyLock<Vec<Example>> = LazyLock::new(|| {
    examples! {
        // Any token, by its text
        POST   "admin/token" { "token": "<token of POST user/runners>" } => 200,
               silent: "it only names the token";
        DELETE "admin/token" { "token": "<token of POST user/runners>" } => 204;
        POST   "groups/{id}/tokens/revoke"
               { "token": "<token of POST groups/{id}/deploy_tokens>" } => 204;

        // Tokens of every kind, on tokenry's own face
        POST   "/api/v1/tokens" {
            "kind": "project", "name": "ci", "scopes": ["api"], "access_level": 40,
            "subject": { "type": "project", "id": "<id of POST projects>" },
        } => 201;
        POST   "/api/v1/tokens/identify"
               { "tokens": [{ "value": "<token of POST user/runners>" }, { "hint": "x3f9" }] } => 200,
               silent: "it only names tokens";
        POST   "/api/v1/tokens/revoke"
               { "tokens": [{ "id": "<id of POST users/{user_id}/personal_access_tokens>" }],
                 "reason": "leaked" } => 200;
        POST   "/api/v1/tokens/{id}/revoke" { "reason": "leaked" } => 200;
        POST   "/api/v1/tokens/{id}/rotate" {} => 200;
        PATCH  "/api/v1/tokens/{id}" { "name": "other", "description": "another" } => 200;
        DELETE "/api/v1/tokens/{id}" { "reason": "leaked" } => 204;

        // Purges and retention
        POST   "/api/v1/purges" { "filter": { "state": "revoked" }, "reason": "tidying" } => 202;
        POST   "/api/v1/purges/{id}/cancel" {} => 200;
        PUT    "/api/v1/retention" { "tokens": [] } => 200;
        POST   "/api/v1/retention/preview" { "tokens": [] } => 200, silent: "it only counts";
        POST   "/api/v1/retention/runs" {} => 202, silent: "what it deletes, it tells itself";

        // Access tokens of users
        POST   "users/{user_id}/personal_access_tokens" { "name": "ci", "scopes": ["api"] } => 201;
        POST   "user/personal_access_tokens" { "name": "ci", "scopes": ["k8s_proxy"] } => 201;
        POST   "personal_access_tokens/{id}/rotate" {} => 200;
        DELETE "personal_access_tokens/{id}" {} => 204;
        POST   "personal_access_tokens/self/rotate" {} => 200,
               by: "POST users/{user_id}/personal_access_tokens";
        DELETE "personal_access_tokens/self" {} => 204,
               by: "POST users/{user_id}/personal_access_tokens";
        POST   "users/{user_id}/impersonation_tokens"
               { "name": "acting", "scopes": ["api"] } => 201;
        DELETE "users/{user_id}/impersonation_tokens/{impersonation_token_id}" {} => 204;

        // Access tokens of groups and projects
        POST   "groups/{id}/access_tokens" { "name": "ci", "scopes": ["api"] } => 201;
        POST   "groups/{id}/access_tokens/{token_id}/rotate" {} => 200;
        POST   "groups/{id}/access_tokens/self/rotate" {} => 200,
               by: "POST groups/{id}/access_tokens";
        DELETE "groups/{id}/access_tokens/{token_id}" {} => 204;
        POST   "projects/{id}/access_tokens"
               { "name": "ci", "scopes": ["api"], "access_level": 40 } => 201;
        POST   "projects/{id}/access_tokens/{token_id}/rotate" {} => 200;
        POST   "projects/{id}/access_tokens/self/rotate" {} => 200,
               by: "POST projects/{id}/access_tokens";
        DELETE "projects/{id}/access_tokens/{token_id}" {} => 204;

        // Service accounts
        POST   "service_accounts" {} => 201;
        PATCH  "service_accounts/{user_id}" { "name": "Robot" } => 200;
        DELETE "service_accounts/{user_id}" {} => 204;
        POST   "groups/{id}/service_accounts" {} => 201;
        PATCH  "groups/{id}/service_accounts/{user_id}" { "name": "Robot" } => 200;
        DELETE "groups/{id}/service_accounts/{user_id}" {} => 204;
        POST   "groups/{id}/service_accounts/{user_id}/personal_access_tokens"
               { "name": "ci", "scopes": ["api"] } => 201;
        POST   "groups/{id}/service_accounts/{user_id}/personal_access_tokens/{token_id}/rotate"
               {} => 200;
        DELETE "groups/{id}/service_accounts/{user_id}/personal_access_tokens/{token_id}" {} => 204;
        POST   "projects/{id}/service_accounts" {} => 201;
        PATCH  "projects/{id}/service_accounts/{user_id}" { "name": "Robot" } => 200;
        DELETE "projects/{id}/service_accounts/{user_id}" {} => 204;
        POST   "projects/{id}/service_accounts/{user_id}/personal_access_tokens"
               { "name": "ci", "scopes": ["api"] } => 201;
        POST   "projects/{id}/service_accounts/{user_id}/personal_access_tokens/{token_id}/rotate"
               {} => 200;
        DELETE "projects/{id}/service_accounts/{user_id}/personal_access_tokens/{token_id}"
               {} => 204;

        // Tokens that open nothing here
        POST   "groups/{id}/deploy_tokens"
               { "name": "mirror", "scopes": ["read_repository"] } => 201;
        DELETE "groups/{id}/deploy_tokens/{token_id}" {} => 204;
        POST   "projects/{id}/deploy_tokens"
               { "name": "mirror", "scopes": ["read_repository"] } => 201;
        DELETE "projects/{id}/deploy_tokens/{token_id}" {} => 204;
        POST   "projects/{id}/triggers" { "description": "docs" } => 201;
        PUT    "projects/{id}/triggers/{trigger_id}" { "description": "other docs" } => 200;
        POST   "projects/{id}/triggers/{trigger_id}/take_ownership" {} => 200,
               by: "POST projects/{id}/access_tokens";
        DELETE "projects/{id}/triggers/{trigger_id}" {} => 204;
        POST   "groups/{id}/scim_tokens" {} => 201;
        DELETE "groups/{id}/scim_tokens/{token_id}" {} => 204;
        POST   "application/scim_tokens" {} => 201;
        DELETE "application/scim_tokens/{token_id}" {} => 204;
        POST   "user/feed_token/reset" {} => 201;
        DELETE "user/feed_token" {} => 204, after: "POST user/feed_token/reset";
        POST   "user/incoming_email_token/reset" {} => 201;
        DELETE "user/incoming_email_token" {} => 204, after: "POST user/incoming_email_token/reset";

        // What holds a token of its own
        POST   "projects/{id}/cluster_agents" { "name": "<new>" } => 201;
        DELETE "projects/{id}/cluster_agents/{agent_id}" {} => 204;
        POST   "projects/{id}/cluster_agents/{agent_id}/tokens" { "name": "prod" } => 201;
        DELETE "projects/{id}/cluster_agents/{agent_id}/tokens/{token_id}" {} => 204;
        POST   "projects/{id}/feature_flags_clients" {} => 201;
        POST   "projects/{id}/feature_flags_clients/{client_id}/reset" {} => 201;
        DELETE "projects/{id}/feature_flags_clients/{client_id}" {} => 204;
        POST   "projects/{id}/jobs" { "name": "unit", "ref": "main" } => 201;
        POST   "jobs/{id}/finish" { "status": "success" } => 200;

        // Runners
        POST   "user/runners" { "runner_type": "instance_type" } => 201;
        PUT    "runners/{id}" { "description": "linux" } => 200;
        POST   "runners/{id}/reset_authentication_token" {} => 201;
        DELETE "runners/{id}" {} => 204;
        POST   "runners" { "token": "<root>", "system_id": "s_1" } => 201;
        POST   "runners/verify" {
            "token": "<token of POST user/runners>",
            "system_id": "s_1", "info": { "version": "17.1" },
        } => 200;
        DELETE "runners/managers"
               { "token": "<token of POST user/runners>", "system_id": "s_1" } => 204,
               after: "POST runners/verify";
        POST   "runners/reset_authentication_token"
               { "token": "<token of POST user/runners>" } => 201;
        DELETE "runners" { "token": "<token of POST user/runners>" } => 204;

        // OAuth applications
        POST   "applications" { "name": "Bridge", "redirect_uri": "urn:x", "scopes": "api" } => 201;
        POST   "applications/{id}/renew-secret" {} => 201;
        DELETE "applications/{id}" {} => 204;
        POST   "user/applications"
               { "name": "Bridge", "redirect_uri": "urn:x", "scopes": "api" } => 201;
        PUT    "user/applications/{id}" { "name": "Tunnel" } => 200;
        POST   "user/applications/{id}/renew-secret" {} => 201;
        DELETE "user/applications/{id}" {} => 204;
        POST   "/oauth/token" {
            "grant_type": "client_credentials",
            "client_id": "<application_id of POST applications>",
            "client_secret": "<secret of POST applications>",
        } => 200;
        POST   "/oauth/introspect" {
            "token": "<access_token of POST /oauth/token>",
            "client_id": "<application_id of POST applications>",
            "client_secret": "<secret of POST applications>",
        } => 200, silent: "it only asks";
        POST   "/oauth/revoke" {
            "token": "<access_token of POST /oauth/token>",
            "client_id": "<application_id of POST applications>",
            "client_secret": "<secret of POST applications>",
        } => 200;

        // Groups and projects
        POST   "groups" { "name": "Team", "path": "<new>" } => 201;
        PUT    "groups/{id}" { "description": "ours" } => 200;
        DELETE "groups/{id}" {} => 202;
        POST   "groups/{id}/members" { "user_id": "<id of POST users>", "access_level": 10 } => 201;
        PUT    "groups/{id}/members/{user_id}" { "access_level": 20 } => 200;
        DELETE "groups/{id}/members/{user_id}" {} => 204;
        POST   "projects" { "name": "App", "path": "<new>" } => 201;
        PUT    "projects/{id}" { "description": "ours" } => 200;
        POST   "projects/{id}/archive" {} => 201;
        POST   "projects/{id}/unarchive" {} => 201, after: "POST projects/{id}/archive";
        DELETE "projects/{id}" {} => 202;
        POST   "projects/{id}/members"
               { "user_id": "<id of POST users>", "access_level": 10 } => 201;
        PUT    "projects/{id}/members/{user_id}" { "access_level": 20 } => 200;
        DELETE "projects/{id}/members/{user_id}" {} => 204;

        // Users and their sessions
        POST   "users" {
            "username": "<new>", "email": "<new>@example.com",
            "name": "Ida", "password": "correct horse",
        } => 201;
        PUT    "users/{id}" { "name": "Ada" } => 200;
        POST   "users/{id}/block" {} => 201;
        POST   "users/{id}/unblock" {} => 201, after: "POST users/{id}/block";
        POST   "users/{id}/ban" {} => 201;
        POST   "users/{id}/unban" {} => 201, after: "POST users/{id}/ban";
        POST   "users/{id}/deactivate" {} => 201;
        POST   "users/{id}/activate" {} => 201, after: "POST users/{id}/deactivate";
        DELETE "users/{id}" {} => 204;
        POST   "session"
               { "login": "<username of POST users>", "password": "correct horse" } => 201;
        DELETE "session" {} => 204, by: "POST session";
        DELETE "user/sessions/{id}" {} => 204, by: "POST session";

        // The instance
        PUT    "application/settings" { "service_access_tokens_expiration_enforced": false } => 200;
    }
});
