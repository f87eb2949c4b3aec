//! Every change is in the table of examples, works, and leaves one row.

use std::collections::BTreeSet;

use serde_json::Value;
use tokenry_testkit::{App, both_engines};

use super::{
    document::{Route, routes},
    examples::EXAMPLES,
    scene::Scene,
};

/// The fields in which secrets come and go.
const SECRETS: [&str; 6] = [
    "token",
    "secret",
    "access_token",
    "client_secret",
    "password",
    "csrf_token",
];

#[test]
fn every_change_has_its_example() {
    let routes = routes();
    let changes = routes.iter().filter(|route| route.changes());
    let documented: BTreeSet<_> = changes.map(Route::name).collect();
    let examples: BTreeSet<_> = EXAMPLES.iter().map(|one| one.route.to_owned()).collect();
    assert_eq!(examples.len(), EXAMPLES.len(), "two for one route");
    let missing: Vec<_> = documented.difference(&examples).collect();
    assert!(missing.is_empty(), "write an example for {missing:?}");
    let gone: Vec<_> = examples.difference(&documented).collect();
    assert!(gone.is_empty(), "the document has no {gone:?}");
}

both_engines! {
    async fn each_leaves_one_row_in_the_trail(app: App) {
        let routes = routes();
        for example in EXAMPLES.iter() {
            let name = example.route;
            let route = routes.iter().find(|route| route.name() == name).unwrap();
            let ready = Scene::new(&app, &routes).request(route).await;
            let before = app.fixture.trail().await.len();
            let answer = ready.ask(&app, route).send().await;
            assert_eq!(answer.code(), example.status, "{name}: {}", answer.text);
            let rows = app.fixture.trail().await.split_off(before);
            let [row] = rows.as_slice() else {
                assert!(rows.is_empty() && example.silent.is_some(), "{name}: {rows:?}");
                continue;
            };
            assert_eq!(example.silent, None, "{name}: {row:?}");
            assert_eq!(row.request_id, answer.header("x-request-id"), "{name}");
            let somebody = row.actor_user.is_some() || row.actor_token.is_some();
            assert!(somebody, "{name}: nobody did {row:?}");
            assert_ne!(row.before, row.after, "{name}: nothing changed");
            let told = format!("{row:?}");
            let sent = Value::Object(ready.parameters);
            for field in SECRETS {
                for body in [&answer.json(), &sent] {
                    let leaked = body[field].as_str().is_some_and(|secret| told.contains(secret));
                    assert!(!leaked, "{name}: {field} in {told}");
                }
            }
        }
    }
}
