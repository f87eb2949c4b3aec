//! `GET /projects` and `GET /projects/:id`.

use serde_json::json;
use tokenry_domain::AccessLevel;
use tokenry_testkit::{App, both_engines};

use crate::{error, message};

both_engines! {
    async fn a_project_is_shown_by_id_and_by_path(app: App) {
        let ida = app.user("ida").await;
        let (_, token) = app.token(ida.id, "read_api").await;
        let group = app.group("team").await;
        let project = app.project("team/app.x").await;
        app.member(group.place(), ida.id, AccessLevel::Reporter).await;
        app.member(project.place(), ida.id, AccessLevel::Maintainer).await;
        let answer = app.get("projects/team%2Fapp%2Ex").token(&token).send().await;
        assert_eq!(answer.code(), 200);
        insta::assert_json_snapshot!("shown", answer.json());
        for path in [format!("projects/{}", project.id), "projects/TEAM%2fAPP.X".to_owned()] {
            assert_eq!(app.get(&path).token(&token).send().await.json(), answer.json(), "{path}");
        }
        let listed = app.get("projects").token(&token).send().await;
        assert_eq!(listed.json(), json!([answer.json()]));
        let by_root = app.get("projects/1").root().send().await.json();
        assert_eq!(by_root["permissions"], json!({ "project_access": null, "group_access": null }));
        for unknown in ["0", "4711", "-5", "99999999999999999999", "team", "team%2F", "app.x", "%00"] {
            let answer = app.get(&format!("projects/{unknown}")).root().send().await;
            assert_eq!(answer.both(), message(404, "404 Project Not Found"), "{unknown}");
        }
    }

    async fn filters_all_hold(app: App) {
        let ida = app.user("ida").await;
        let (_, token) = app.token(ida.id, "api").await;
        app.group("team").await;
        for (name, visibility) in [("mine", "private"), ("shown", "public")] {
            let body = json!({ "name": name, "visibility": visibility });
            app.post("projects").token(&token).json(body).send().await;
        }
        let joined = app.project("team/joined").await;
        app.member(joined.place(), ida.id, AccessLevel::Reporter).await;
        app.project("team/hidden").await;
        app.post("projects").root().json(json!({ "name": "Open", "visibility": "internal" })).send().await;
        app.post("projects/ida%2Fmine/archive").token(&token).send().await;
        for (query, expected) in [
            ("", vec!["open", "joined", "shown", "mine"]),
            ("membership=true", vec!["joined", "shown", "mine"]),
            ("owned=true", vec!["shown", "mine"]),
            ("min_access_level=20", vec!["joined", "shown", "mine"]),
            ("min_access_level=30", vec!["shown", "mine"]),
            ("min_access_level=5", vec!["joined", "shown", "mine"]),
            ("visibility=internal", vec!["open"]),
            ("search=OPE", vec!["open"]),
            ("archived=true", vec!["mine"]),
            ("archived=false&owned=1", vec!["shown"]),
            ("sort=asc", vec!["mine", "shown", "joined", "open"]),
            ("order_by=path&sort=asc", vec!["joined", "mine", "open", "shown"]),
            ("order_by=last_activity_at&sort=asc", vec!["mine", "shown", "joined", "open"]),
            ("pagination=keyset&order_by=id&sort=asc&id_after=2", vec!["joined", "open"]),
        ] {
            let answer = app.get(&format!("projects?{query}")).token(&token).send().await;
            assert_eq!(answer.column("path"), expected, "{query}");
        }
        assert_eq!(app.get("projects").root().send().await.column("path").len(), 5);
        assert_eq!(app.get("projects?membership=true").root().send().await.column("path"), ["open"]);
    }

    async fn bad_filters_are_named(app: App) {
        for (query, problem) in [
            ("membership=perhaps", "membership is invalid"),
            ("archived=x", "archived is invalid"),
            ("min_access_level=0", "min_access_level does not have a valid value"),
            ("order_by=stars", "order_by does not have a valid value"),
            ("visibility=", "visibility does not have a valid value"),
            ("page=0", "page is invalid"),
        ] {
            let answer = app.get(&format!("projects?{query}")).root().send().await;
            assert_eq!(answer.both(), error(400, problem), "{query}");
        }
        let deep = app.get("projects?page=501&per_page=100").root().send().await;
        assert_eq!(deep.code(), 405);
        assert!(deep.text.contains("objects of type Project"), "{}", deep.text);
    }
}
