//! What isn't there, and what is there but elsewhere, is 404.

use serde_json::{Value, json};
use tokenry_testkit::{App, both_engines};

use super::{
    BY_THE_TOKEN_ALONE,
    document::{Parameter, Place, Route, routes},
    in_words, refused_in_words,
    scene::{Ready, Scene},
};

/// Ids for one in the path that don't belong there.
fn strange(id: &Parameter, route: &Route, elsewhere: &Ready) -> Vec<Value> {
    let mut ids = vec![json!(4_711), json!(0), json!(-1), json!(u64::MAX)];
    let alone = route.ids().count() == 1;
    // What a single id stands for belongs to nothing else.
    ids.extend((!alone).then(|| json!(elsewhere.id(route, id))));
    ids
}

both_engines! {
    async fn ids_that_are_unknown_or_of_another_place_are_not_found(app: App) {
        let routes = routes();
        for route in routes.iter().filter(|route| route.ids().count() > 0) {
            let name = route.name();
            let good = Scene::new(&app, &routes).request(route).await;
            if !route.changes() {
                let answer = good.ask(&app, route).send().await;
                assert_eq!(answer.code(), 200, "{name}: {}", answer.text);
            }
            let elsewhere = Scene::new(&app, &routes).request(route).await;
            let expected = if BY_THE_TOKEN_ALONE.contains(&name.as_str()) { 401 } else { 404 };
            let before = app.actions().await.len();
            for id in route.ids() {
                for value in strange(id, route, &elsewhere) {
                    let answer = good.with(id, route, value.clone()).ask(&app, route).send().await;
                    assert_eq!(answer.code(), expected, "{name} {value}: {}", answer.text);
                    assert!(in_words(route, &answer), "{name}: {}", answer.text);
                }
            }
            assert_eq!(app.actions().await.len(), before, "{name}");
        }
    }

    async fn unknown_ids_in_a_body_change_nothing(app: App) {
        let routes = routes();
        let mut asked = 0;
        for route in &routes {
            let is_id = |one: &&Parameter| {
                one.place == Place::Body && one.sort == "integer" && one.name.ends_with("_id")
            };
            for id in route.parameters.iter().filter(is_id) {
                let name = route.name();
                let good = Scene::new(&app, &routes).request(route).await;
                let before = app.actions().await.len();
                for value in [4_711, 0, -1, i64::MAX] {
                    let answer = good.with(id, route, json!(value)).ask(&app, route).send().await;
                    let refused = refused_in_words(route, &answer);
                    assert!(refused, "{name} {}={value}: {}", id.name, answer.text);
                }
                assert_eq!(app.actions().await.len(), before, "{name}");
                asked += 1;
            }
        }
        assert!(asked > 5, "{asked}");
    }
}
