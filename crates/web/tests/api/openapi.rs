//! The document that is checked in is the one that the routes make.

use std::collections::HashSet;

const CHECKED_IN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/v4.json");

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "the environment says whether the document is to be written anew"
)]
fn the_document_is_up_to_date() {
    let made = tokenry_web::openapi().to_pretty_json().unwrap() + "\n";
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        std::fs::write(CHECKED_IN, &made).unwrap();
    }
    let kept = std::fs::read_to_string(CHECKED_IN).unwrap_or_default();
    assert!(
        made == kept,
        "{CHECKED_IN} isn't what the routes say; if the change is meant, run \
         `UPDATE_OPENAPI=1 cargo test -p tokenry-web openapi` and commit the file"
    );
}

#[test]
fn every_route_says_what_it_is() {
    let api = tokenry_web::openapi();
    let mut names = HashSet::new();
    for (path, item) in &api.paths.paths {
        let operations = [&item.get, &item.put, &item.post, &item.delete];
        let operations: Vec<_> = operations.into_iter().flatten().collect();
        assert!(!operations.is_empty(), "{path}");
        for operation in operations {
            assert!(operation.summary.is_some(), "{path}");
            assert!(names.insert(operation.operation_id.as_ref()), "{path}");
        }
    }
}
