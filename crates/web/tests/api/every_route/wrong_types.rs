//! What isn't of the type that the document gives is refused in words, and
//! changes nothing.

use serde_json::{Value, json};
use tokenry_testkit::{App, both_engines};

use super::{
    document::{Parameter, Place, Route, routes},
    refused_in_words,
    scene::Scene,
};

/// A text with words between commas, which may as well come as an array.
const WORDS: &str = "tag_list";

/// A text that nobody looks at; a text it must be.
const IGNORED: &str = "token_type_hint";

/// An object of which only some fields are looked at.
const LOOSE: &str = "info";

/// Values that aren't of a parameter's type.
fn wrong(parameter: &Parameter, route: &Route) -> Vec<Value> {
    let mut values = match parameter.sort.as_str() {
        "integer" | "boolean" | "date" | "date-time" => vec![
            json!("word"),
            json!("4.5"),
            json!("1\u{0}"),
            json!("7".repeat(10_000) + "x"),
            json!(["1"]),
        ],
        "string" if parameter.name != WORDS => vec![json!(["x"])],
        _ => vec![],
    };
    if parameter.place == Place::Path {
        values.retain(Value::is_string);
        return values;
    }
    values.push(if parameter.name == LOOSE {
        json!({ "version": ["1"] })
    } else {
        json!({ "x": "1" })
    });
    if parameter.place == Place::Body && !route.form {
        values.extend([json!([["x"]]), json!([{}]), json!([null])]);
        values.extend(parameter.required.then_some(Value::Null));
    }
    values
}

/// Texts, for a text, that no name, path or word may be.
fn odd(parameter: &Parameter) -> Vec<Value> {
    if parameter.sort != "string" || parameter.name == IGNORED {
        return vec![];
    }
    vec![
        json!("a\u{0}b"),
        json!("\u{1b}[2J"),
        json!("x".repeat(10_000)),
    ]
}

both_engines! {
    async fn a_value_of_another_type_is_refused(app: App) {
        let routes = routes();
        let mut asked = 0;
        for route in &routes {
            let name = route.name();
            let good = Scene::new(&app, &routes).request(route).await;
            let before = app.actions().await.len();
            for parameter in &route.parameters {
                for value in wrong(parameter, route) {
                    let bad = good.with(parameter, route, value.clone());
                    let answer = bad.ask(&app, route).send().await;
                    assert!(
                        refused_in_words(route, &answer),
                        "{name} {}={value:.50}: {} {:.200}",
                        parameter.name, answer.code(), answer.text,
                    );
                    asked += 1;
                }
            }
            assert_eq!(app.actions().await.len(), before, "{name}");
        }
        assert!(asked > 2_000, "{asked}");
    }

    async fn an_odd_text_changes_nothing(app: App) {
        let routes = routes();
        let mut asked = 0;
        for route in &routes {
            let name = route.name();
            let good = Scene::new(&app, &routes).request(route).await;
            let before = app.actions().await.len();
            for parameter in &route.parameters {
                for value in odd(parameter) {
                    let bad = good.with(parameter, route, value.clone());
                    let answer = bad.ask(&app, route).send().await;
                    assert!(
                        answer.code() == 200 || refused_in_words(route, &answer),
                        "{name} {}={value:.50}: {} {:.200}",
                        parameter.name, answer.code(), answer.text,
                    );
                    asked += 1;
                }
            }
            assert_eq!(app.actions().await.len(), before, "{name}");
        }
        assert!(asked > 500, "{asked}");
    }
}
