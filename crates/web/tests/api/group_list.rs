//! `GET /groups`, `/groups/:id`, `/groups/:id/subgroups` and
//! `/groups/:id/projects`.

use serde_json::{Value, json};
use tokenry_domain::AccessLevel;
use tokenry_testkit::{App, both_engines};

use crate::{error, message};

async fn paths(app: &App, token: &str, path: &str) -> Vec<Value> {
    app.get(path).token(token).send().await.column("path")
}

/// Five groups: ida owns `own`, is a guest in `team/sub`, and `open` is open.
async fn world(app: &App) -> String {
    let ida = app.user("ida").await;
    let (_, token) = app.token(ida.id, "api").await;
    let own = json!({ "name": "Own", "path": "own" });
    app.post("groups").token(&token).json(own).send().await;
    let open = json!({ "name": "Zoo", "path": "open", "visibility": "public" });
    app.post("groups").root().json(open).send().await;
    app.group("team").await;
    let sub = app.group("team/sub").await;
    app.group("team/other").await;
    app.member(sub.place(), ida.id, AccessLevel::Guest).await;
    token
}

both_engines! {
    async fn a_group_is_shown_by_id_and_by_path(app: App) {
        app.group("team").await;
        let sub = app.group("team/sub.x").await;
        let answer = app.get("groups/team%2Fsub%2Ex").root().send().await;
        assert_eq!(answer.code(), 200);
        insta::assert_json_snapshot!("shown", answer.json());
        for path in [format!("groups/{}", sub.id), "groups/TEAM%2fSUB.X".to_owned()] {
            assert_eq!(app.get(&path).root().send().await.json(), answer.json(), "{path}");
        }
        for unknown in ["0", "4711", "-5", "99999999999999999999", "team%2F", "sub.x", "root", "%00", "team%252Fsub"] {
            let answer = app.get(&format!("groups/{unknown}")).root().send().await;
            assert_eq!(answer.both(), message(404, "404 Group Not Found"), "{unknown}");
        }
        assert_eq!(app.get("groups/%ff").root().send().await.both(), error(400, "the path isn't valid UTF-8"));
        assert_eq!(app.get("groups/team/sub.x").root().send().await.both(), error(404, "404 Not Found"));
    }

    async fn filters_all_hold(app: App) {
        let token = world(&app).await;
        for (query, expected) in [
            ("", vec!["own", "sub", "team"]),
            ("all_available=true", vec!["own", "sub", "team", "open"]),
            ("owned=true", vec!["own"]),
            ("min_access_level=10", vec!["own", "sub"]),
            ("min_access_level=20", vec!["own"]),
            ("top_level_only=true", vec!["own", "team"]),
            ("visibility=public&all_available=1", vec!["open"]),
            ("search=THE", vec!["sub", "team"]),
            ("search=e%25", vec![]),
            ("sort=desc", vec!["team", "sub", "own"]),
            ("order_by=path&sort=asc&all_available=1", vec!["open", "own", "sub", "team"]),
            ("order_by=id", vec!["own", "team", "sub"]),
        ] {
            assert_eq!(paths(&app, &token, &format!("groups?{query}")).await, expected, "{query}");
        }
        let all = app.get("groups").root().send().await;
        assert_eq!(all.column("path"), ["own", "other", "sub", "team", "open"]);
        assert_eq!(all.header("x-total"), "5");
        let none = app.get("groups?all_available=false").root().send().await;
        assert_eq!(none.column("path"), ["open"], "root owns it");
    }

    async fn bad_filters_are_named(app: App) {
        for (query, problem) in [
            ("search=a%1Fb", "search is invalid"),
            ("owned=perhaps", "owned is invalid"),
            ("min_access_level=x", "min_access_level is invalid"),
            ("min_access_level=35", "min_access_level does not have a valid value"),
            ("visibility=secret", "visibility does not have a valid value"),
            ("order_by=similarity", "order_by does not have a valid value"),
            ("sort=up", "sort does not have a valid value"),
            ("top_level_only=x", "top_level_only is invalid"),
            ("per_page=0", "per_page is invalid"),
            ("pagination=keyset&cursor=x", "cursor is invalid"),
        ] {
            let answer = app.get(&format!("groups?{query}")).root().send().await;
            assert_eq!(answer.both(), error(400, problem), "{query}");
        }
        let long = format!("groups?search={}", "x".repeat(1_000));
        let expected = json!({ "message": { "search": ["is too long (maximum is 255 characters)"] } });
        assert_eq!(app.get(&long).root().send().await.both(), (400, expected));
    }

    async fn what_lies_in_a_group_is_listed(app: App) {
        let token = world(&app).await;
        for path in ["team/a", "team/sub/b", "team/other/c"] {
            app.project(path).await;
        }
        assert_eq!(paths(&app, &token, "groups/team/subgroups").await, ["sub"]);
        assert_eq!(app.get("groups/team/subgroups").root().send().await.column("path"), ["other", "sub"]);
        assert_eq!(paths(&app, &token, "groups/team/projects").await, [""; 0]);
        assert_eq!(paths(&app, &token, "groups/team/projects?include_subgroups=true").await, ["b"]);
        let all = "groups/team/projects?include_subgroups=true&order_by=path&sort=asc";
        assert_eq!(app.get(all).root().send().await.column("path"), ["a", "b", "c"]);
        assert_eq!(app.get("groups/team/projects").root().send().await.column("path"), ["a"]);
        let hidden = app.get("groups/team%2Fother/projects").token(&token).send().await;
        assert_eq!(hidden.both(), message(404, "404 Group Not Found"));
    }

    async fn pages_put_together_are_the_list(app: App) {
        world(&app).await;
        for order in ["id", "name", "path", "created_at", "updated_at"] {
            for sort in ["asc", "desc"] {
                let query = format!("groups?order_by={order}&sort={sort}");
                let whole = app.get(&query).root().send().await.column("id");
                for way in ["", "&pagination=keyset"] {
                    let (mut ids, mut next) = (Vec::new(), Some(format!("/api/v4/{query}&per_page=2{way}")));
                    while let Some(path) = next {
                        let answer = app.get(&path).root().send().await;
                        ids.extend(answer.column("id"));
                        let mut links = answer.header("link").split(", ");
                        let found = links.find_map(|link| link.strip_suffix(">; rel=\"next\""));
                        next = found.map(|link| link.strip_prefix("<http://tokenry.test").unwrap().to_owned());
                    }
                    assert_eq!(ids, whole, "{query}{way}");
                }
            }
        }
        let after = app.get("groups?order_by=id&sort=asc&pagination=keyset&id_after=5").root().send().await;
        assert_eq!(after.column("id"), [json!(6), json!(7)]);
    }
}
