//! `POST /api/v1/tokens`: every kind over one route, by the rules of its own.

use serde_json::{Value, json};
use tokenry_domain::{
    AccessLevel, Kind, UserId,
    kind::{Issuing, KINDS},
};
use tokenry_testkit::{Answer, App, both_engines, fixture::ROOT_TOKEN};

use super::refused;
use crate::{identified, secret};

pub(super) const TOKENS: &str = "/api/v1/tokens";

async fn issue(app: &App, by: &str, body: &Value) -> Answer {
    app.post(TOKENS).token(by).json(body.clone()).send().await
}

/// A good request for a token of each kind, in `team` and `team/app`.
pub(super) async fn good(app: &App) -> Vec<(Kind, Value)> {
    let group = app.group("team").await.id.get();
    let project = app.project("team/app").await.id.get();
    let made = async |path: String, body: Value| {
        let answer = app.post(&path).root().json(body).send().await;
        assert_eq!(answer.code(), 201, "{path}: {}", answer.text);
        answer.json()["id"].clone()
    };
    let robot = made(format!("groups/{group}/service_accounts"), json!({})).await;
    let agent = made(
        format!("projects/{project}/cluster_agents"),
        json!({ "name": "prod" }),
    )
    .await;
    let (project, group) = (
        json!({ "type": "project", "id": project }),
        json!({ "type": "group", "id": group }),
    );
    let bodies = [
        json!({ "kind": "personal", "name": "a", "scopes": ["api"], "owner": 1 }),
        json!({ "kind": "impersonation", "name": "a", "scopes": ["api"], "owner": "root" }),
        json!({ "kind": "project", "name": "a", "scopes": ["api"], "subject": project }),
        json!({ "kind": "group", "name": "a", "scopes": ["api"], "subject": group }),
        json!({ "kind": "service_account", "name": "a", "scopes": ["api"], "owner": robot }),
        json!({ "kind": "deploy", "name": "a", "scopes": ["read_repository"], "subject": "project:team/app", "username": "ci" }),
        json!({ "kind": "feed" }),
        json!({ "kind": "incoming_email" }),
        json!({ "kind": "cluster_agent", "name": "a", "subject": { "type": "cluster_agent", "id": agent } }),
        json!({ "kind": "runner", "name": "a", "subject": "group:team" }),
        json!({ "kind": "pipeline_trigger", "name": "a", "subject": project }),
        json!({ "kind": "job", "name": "a", "ref": "main", "timeout": 600, "subject": project }),
        json!({ "kind": "feature_flags_client", "name": "a", "subject": project }),
        json!({ "kind": "scim", "name": "a", "subject": group }),
        json!({ "kind": "scim", "name": "a" }),
    ];
    let kind = |body: &Value| Kind::from_name(body["kind"].as_str().unwrap()).unwrap();
    bodies.into_iter().map(|body| (kind(&body), body)).collect()
}

/// The kinds of which one was issued.
async fn issued(app: &App, by: &str, good: &[(Kind, Value)]) -> Vec<&'static str> {
    let mut kinds = Vec::new();
    for (kind, body) in good {
        let before = app.actions().await.len();
        let answer = issue(app, by, body).await;
        if answer.code() == 201 {
            kinds.push(kind.name());
        } else {
            assert!(
                [403, 404].contains(&refused(&answer).0),
                "{body}: {}",
                answer.text
            );
            assert_eq!(app.actions().await.len(), before, "{body}");
        }
    }
    kinds
}

#[test]
fn every_kind_says_how_it_comes_about() {
    for line in &KINDS {
        if let Issuing::Otherwise(way) = line.issuing {
            assert!(way.contains("POST /"), "{}", line.name);
        }
    }
}

both_engines! {
    async fn one_of_every_kind_is_issued_and_known(app: App) {
        let good = good(&app).await;
        let asked = |line: &&tokenry_domain::kind::Descriptor| good.iter().any(|(kind, _)| *kind == line.kind);
        let others: Vec<_> = KINDS.iter().filter(|line| !asked(line)).collect();
        for line in others {
            assert!(matches!(line.issuing, Issuing::Otherwise(_)), "{}", line.name);
        }
        let mut shown = Vec::new();
        for (kind, body) in &good {
            let before = app.actions().await.len();
            let answer = issue(&app, ROOT_TOKEN, body).await;
            assert_eq!(answer.code(), 201, "{body}: {}", answer.text);
            assert_eq!(app.actions().await.len(), before + 1, "{body}");
            let told = identified(&app, &secret(&answer)).await;
            assert_eq!(told["token_type"], kind.name(), "{told}");
            let mut token = answer.json();
            let id = token["id"].as_i64().unwrap();
            let read = app.get(&format!("{TOKENS}/{id}")).root().send().await.json();
            token.as_object_mut().unwrap().remove("token");
            assert_eq!(read, token);
            for volatile in ["hint", "created_at", "expires_at"] {
                token.as_object_mut().unwrap().remove(volatile);
            }
            if ["project", "group"].contains(&kind.name()) {
                token["owner"]["username"] = json!("[bot]");
            }
            if kind.name() == "service_account" {
                token["owner"]["username"] = json!("[robot]");
            }
            shown.push(token);
        }
        insta::assert_json_snapshot!("each_kind", shown);
    }

    async fn what_comes_about_otherwise_is_told_how(app: App) {
        let before = app.actions().await;
        for line in &KINDS {
            let Issuing::Otherwise(way) = line.issuing else { continue };
            let answer = issue(&app, ROOT_TOKEN, &json!({ "kind": line.name, "name": "a" })).await;
            assert_eq!(refused(&answer), (422, "issued_otherwise".to_owned()), "{}", line.name);
            assert!(answer.json()["detail"].as_str().unwrap().ends_with(way));
        }
        let reset = json!({ "kind": "runner", "name": "a", "subject": { "type": "runner", "id": 1 } });
        let answer = issue(&app, ROOT_TOKEN, &reset).await;
        assert_eq!(refused(&answer), (422, "issued_otherwise".to_owned()));
        assert_eq!(app.actions().await, before);
    }

    /// By role, as on the routes of the kinds: spec/rest.md sections 2 and 3.
    async fn rights_are_those_of_the_kinds_own_routes(app: App) {
        let good = good(&app).await;
        let (ida, guest, dev, boss, owner) = (
            app.user("ida").await.id, app.user("guest").await.id, app.user("dev").await.id,
            app.user("boss").await.id, app.user("owner").await.id,
        );
        let (_, project) = &good.iter().find(|(kind, _)| kind.name() == "job").unwrap();
        let project = project["subject"]["id"].as_i64().unwrap();
        let project = tokenry_domain::Place::Project(tokenry_domain::ProjectId::from_row(project));
        let group = good.iter().find(|(kind, _)| kind.name() == "group").unwrap().1["subject"]["id"].as_i64();
        let group = tokenry_domain::Place::Group(tokenry_domain::GroupId::from_row(group.unwrap()));
        app.member(project, guest, AccessLevel::Guest).await;
        app.member(project, dev, AccessLevel::Developer).await;
        app.member(project, boss, AccessLevel::Maintainer).await;
        app.member(group, owner, AccessLevel::Owner).await;
        let own = ["feed", "incoming_email"];
        let of_project = ["project", "deploy", "feed", "incoming_email", "cluster_agent", "pipeline_trigger", "job", "feature_flags_client"];
        let of_group = [
            "project", "group", "service_account", "deploy", "feed", "incoming_email", "cluster_agent", "runner",
            "pipeline_trigger", "job", "feature_flags_client", "scim",
        ];
        let expected: [(UserId, &[&str]); 5] = [
            (ida, &own), (guest, &own), (dev, &["feed", "incoming_email", "job"]), (boss, &of_project), (owner, &of_group),
        ];
        for (user, kinds) in expected {
            let (_, token) = app.token(user, "api").await;
            assert_eq!(issued(&app, &token, &good).await, kinds, "{user}");
        }
    }

    async fn people_give_themselves_little(app: App) {
        let ida = app.user("ida").await;
        let (_, token) = app.token(ida.id, "api").await;
        let mine = |scope: &str| json!({ "kind": "personal", "name": "mine", "scopes": [scope], "expires_at": null });
        let answer = issue(&app, &token, &mine("k8s_proxy")).await;
        assert_eq!((answer.code(), &answer.json()["owner"]["username"]), (201, &json!("ida")), "{}", answer.text);
        let answer = issue(&app, &token, &mine("read_api")).await;
        assert_eq!(refused(&answer), (403, "not_permitted".to_owned()));
        let mut other = mine("k8s_proxy");
        other["owner"] = json!("root");
        assert_eq!(refused(&issue(&app, &token, &other).await), (403, "not_permitted".to_owned()));
    }

    async fn a_bot_issues_nothing(app: App) {
        let good = good(&app).await;
        let body = &good.iter().find(|(kind, _)| kind.name() == "project").unwrap().1;
        let bot = secret(&issue(&app, ROOT_TOKEN, body).await);
        assert_eq!(refused(&issue(&app, &bot, body).await), (403, "not_permitted".to_owned()));
    }

    async fn dates_and_moments_are_taken_as_the_kind_ends(app: App) {
        let good = good(&app).await;
        let at = |kind: &str, when: Value| {
            let mut body = good.iter().find(|(known, _)| known.name() == kind).unwrap().1.clone();
            body["expires_at"] = when;
            body
        };
        let soon = app.fixture.authority.now() + jiff::SignedDuration::from_hours(50);
        let soon = soon.round(jiff::Unit::Second).unwrap();
        for (kind, expected) in [("deploy", soon), ("personal", tokenry_domain::expiry::moment(tokenry_domain::expiry::date(soon)))] {
            let answer = issue(&app, ROOT_TOKEN, &at(kind, json!(soon.to_string()))).await;
            let told: jiff::Timestamp = answer.json()["expires_at"].as_str().unwrap().parse().unwrap();
            assert_eq!(told, expected, "{kind}");
        }
    }

    async fn what_is_wrong_is_told_by_field(app: App) {
        let good = good(&app).await;
        let before = app.actions().await;
        let with = |kind: &str, changes: Value| {
            let mut body = good.iter().find(|(known, _)| known.name() == kind).unwrap().1.clone();
            for (name, value) in changes.as_object().unwrap() {
                body[name] = value.clone();
            }
            body
        };
        let cases: [(Value, &[&str]); 22] = [
            (json!({}), &["kind"]),
            (json!({ "kind": "Personal" }), &["kind"]),
            (json!({ "kind": "nothing", "scopes": ["root"], "access_level": 7 }), &["kind", "scopes", "access_level"]),
            (json!({ "kind": "personal", "scopes": ["api"] }), &["name"]),
            (json!({ "kind": "personal", "name": "a" }), &["scopes"]),
            (json!({ "kind": "service_account", "name": "a", "scopes": ["api"] }), &["owner"]),
            (json!({ "kind": "job" }), &["name", "subject", "ref"]),
            (with("personal", json!({ "name": "a\u{0}", "scopes": [] })), &["name", "scopes"]),
            (with("personal", json!({ "subject": "project:1", "access_level": 40 })), &["subject", "access_level"]),
            (with("personal", json!({ "expires_at": "2001-01-01" })), &["expires_at"]),
            (with("personal", json!({ "expires_at": "tomorrow" })), &["expires_at"]),
            (with("personal", json!({ "owner": "a\u{0}b" })), &["owner"]),
            (with("personal", json!({ "secret": "x" })), &["secret"]),
            (with("personal", json!({ "token": "glpat-chosen" })), &["token"]),
            (with("personal", json!({ "reason": "a\nb" })), &["reason"]),
            (with("service_account", json!({ "owner": "root" })), &["owner"]),
            (with("service_account", json!({ "subject": "project:team/app" })), &["subject"]),
            (with("project", json!({ "subject": "group:team" })), &["subject"]),
            (with("deploy", json!({ "subject": "team/app", "username": "a b" })), &["subject"]),
            (with("deploy", json!({ "username": "a b" })), &["username"]),
            (with("cluster_agent", json!({ "subject": { "type": "cluster_agent", "id": "prod" } })), &["subject"]),
            (with("feed", json!({ "name": "a", "ref": "main" })), &["name", "ref"]),
        ];
        for (body, fields) in cases {
            let answer = issue(&app, ROOT_TOKEN, &body).await;
            assert_eq!(refused(&answer), (400, "invalid".to_owned()), "{body}: {}", answer.text);
            let errors = answer.json()["errors"].clone();
            let told: Vec<_> = errors.as_array().unwrap().iter().map(|error| error["field"].as_str().unwrap()).collect();
            assert_eq!(told, fields, "{body}: {errors}");
        }
        for (body, code) in [
            (with("personal", json!({ "owner": 4711 })), "user_not_found"),
            (with("personal", json!({ "owner": "nobody" })), "user_not_found"),
            (with("personal", json!({ "owner": -1 })), "user_not_found"),
            (with("project", json!({ "subject": "project:4711" })), "project_not_found"),
            (with("group", json!({ "subject": { "type": "group", "id": "nothing" } })), "group_not_found"),
            (with("cluster_agent", json!({ "subject": { "type": "cluster_agent", "id": 4711 } })), "holder_not_found"),
        ] {
            assert_eq!(refused(&issue(&app, ROOT_TOKEN, &body).await), (404, code.to_owned()), "{body}");
        }
        assert_eq!(app.actions().await, before);
    }
}
