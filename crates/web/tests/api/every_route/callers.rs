//! Who may ask: nobody without a token, and nobody without the role.

use serde_json::json;
use tokenry_domain::{AccessLevel, GroupId, Place, ProjectId, UserId};
use tokenry_testkit::{App, both_engines};

use super::{
    document::{Route, routes},
    in_words,
    scene::{Bearer, Ready, Scene},
};
use crate::message;

/// The routes that any user may call.
const FOR_EVERYBODY: &[&str] = &[
    "GET /api/v3/user",
    "GET metadata",
    "GET personal_access_tokens",
    "GET personal_access_tokens/{id}",
    "GET personal_access_tokens/self",
    "GET personal_access_tokens/self/associations",
    "DELETE session",
    "GET job",
    "GET job/allowed_agents",
    "DELETE user/sessions/{id}",
    "GET user",
    "GET user/sessions",
    "GET user/feed_token",
    "GET user/incoming_email_token",
    "GET users",
    "GET users/{id}",
    "GET version",
    "POST personal_access_tokens/{id}/rotate",
    "POST personal_access_tokens/self/rotate",
    "POST user/feed_token/reset",
    "POST user/incoming_email_token/reset",
    "POST user/personal_access_tokens",
    "DELETE personal_access_tokens/{id}",
    "DELETE personal_access_tokens/self",
    "DELETE user/feed_token",
    "DELETE user/incoming_email_token",
    "GET /api/v1/kinds",
    "GET /api/v1/tokens",
    "POST /api/v1/tokens",
    "PATCH /api/v1/tokens/{id}",
    "GET /api/v1/tokens/{id}",
    "DELETE /api/v1/tokens/{id}",
    "POST /api/v1/tokens/{id}/revoke",
    "POST /api/v1/tokens/{id}/rotate",
];

/// What changes nothing, though it isn't a `GET`, or is for any scope.
const FOR_ANY_SCOPE: [&str; 3] = [
    "DELETE personal_access_tokens/self",
    "POST /api/v1/tokens/identify",
    "POST /api/v1/retention/preview",
];

/// The routes where a role decides, not whether somebody administers.
const BY_ROLE: [&str; 6] = [
    "groups",
    "jobs",
    "projects",
    "runners",
    "user/applications",
    "user/runners",
];

/// How a guest is refused, by the end of a route's name, where it isn't by 403
/// (spec/rest.md section 3.2).
const TO_GUESTS: [(&str, u16); 4] = [
    ("{id}/access_tokens", 400),
    ("{id}/access_tokens/{token_id}", 400),
    ("{id}/access_tokens/self/rotate", 405),
    ("{id}/access_tokens/{token_id}/rotate", 401),
];

/// What a route belongs to, if it is a group or a project, and what that is
/// called.
fn place(route: &Route, ready: &Ready) -> Option<(Place, &'static str)> {
    let id = |start: &str| {
        let below = route.path.starts_with(start);
        below.then(|| ready.id(route, route.parameter("id")).parse().unwrap())
    };
    let group = id("groups/{id}").map(|id| (Place::Group(GroupId::from_row(id)), "Group"));
    let project =
        || id("projects/{id}").map(|id| (Place::Project(ProjectId::from_row(id)), "Project"));
    group.or_else(project)
}

/// The routes that ask for a token.
fn guarded() -> impl Iterator<Item = Route> {
    routes().into_iter().filter(|route| !route.open)
}

both_engines! {
    async fn strangers_are_told_nothing(app: App) {
        let before = app.actions().await;
        for route in guarded() {
            let (method, path) = (&route.method, route.with_ones());
            let plain = app.ask(method, &path).send().await;
            assert!(plain.code() == 401 && in_words(&route, &plain), "{method} {path}");
            let broken = format!("{path}?page=x&state=x&%ff");
            let bad = app.ask(method, &broken).json(json!([])).send().await;
            assert_eq!(bad.both(), plain.both(), "{method} {broken}");
        }
        assert_eq!(app.actions().await, before);
    }

    async fn only_administrators_administer(app: App) {
        let ida = app.user("ida").await;
        let (_, token) = app.token(ida.id, "api").await;
        let before = app.actions().await;
        let mut asked = 0;
        for route in guarded() {
            let name = route.name();
            let by_role = BY_ROLE.iter().any(|start| route.path.starts_with(start));
            if by_role || FOR_EVERYBODY.contains(&name.as_str()) {
                continue;
            }
            let asking = app.ask(&route.method, &route.with_ones()).token(&token);
            let answer = asking.json(json!({ "broken": [] })).send().await;
            assert!(answer.code() == 403 && in_words(&route, &answer), "{name}: {}", answer.text);
            asked += 1;
        }
        assert!(asked > 20, "{asked}");
        assert_eq!(app.actions().await, before);
    }

    async fn what_is_private_is_not_there_for_others(app: App) {
        let routes = routes();
        let ida = app.user("ida").await;
        let ida = Bearer::Token(app.token(ida.id, "api").await.1);
        for route in routes.iter().filter(|route| route.has_place()) {
            let name = route.name();
            let good = Scene::new(&app, &routes).request(route).await;
            let (_, thing) = place(route, &good).unwrap();
            let before = app.actions().await.len();
            let own = Ready { bearer: ida.clone(), ..good };
            let unknown = own.with(route.parameter("id"), route, json!(4_711));
            for asking in [own, unknown] {
                let answer = asking.ask(&app, route).send().await;
                let expected = message(404, &format!("404 {thing} Not Found"));
                assert_eq!(answer.both(), expected, "{name}");
            }
            assert_eq!(app.actions().await.len(), before, "{name}");
        }
    }

    async fn guests_change_nothing(app: App) {
        let routes = routes();
        let ida = app.user("ida").await.id;
        let bearer = Bearer::Token(app.token(ida, "api").await.1);
        for route in routes.iter().filter(|route| route.changes() && route.has_place()) {
            let name = route.name();
            let good = Scene::new(&app, &routes).request(route).await;
            let (place, _) = place(route, &good).unwrap();
            app.member(place, ida, AccessLevel::Guest).await;
            let before = app.actions().await.len();
            let asking = Ready { bearer: bearer.clone(), ..good };
            let answer = asking.ask(&app, route).send().await;
            let otherwise = TO_GUESTS.iter().find(|(end, _)| name.ends_with(end));
            let expected = otherwise.map_or(403, |(_, code)| *code);
            assert_eq!(answer.code(), expected, "{name}: {}", answer.text);
            assert_eq!(app.actions().await.len(), before, "{name}");
        }
    }

    async fn reading_scopes_change_nothing(app: App) {
        let root = UserId::from_row(1);
        let (_, token) = app.token(root, "read_api read_user read_repository").await;
        let before = app.actions().await;
        for route in guarded() {
            let (name, path) = (route.name(), route.with_ones());
            if !route.changes() || FOR_ANY_SCOPE.contains(&name.as_str()) {
                continue;
            }
            let answer = app.ask(&route.method, &path).token(&token).send().await;
            assert_eq!(answer.code(), 403, "{name}");
            let word = if route.is_own() { "code" } else { "error" };
            assert_eq!(answer.json()[word], "insufficient_scope", "{name}");
            assert_eq!(answer.header("www-authenticate"), "", "{name}");
        }
        assert_eq!(app.actions().await, before);
    }
}
