//! The document that is checked in is the one that the routes make.

use std::collections::HashSet;

const CHECKED_IN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi");

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "the environment says whether the documents are to be written anew"
)]
fn the_documents_are_up_to_date() {
    for (name, api) in tokenry_web::openapi() {
        let file = format!("{CHECKED_IN}/{name}");
        let made = api.to_pretty_json().unwrap() + "\n";
        if std::env::var_os("UPDATE_OPENAPI").is_some() {
            std::fs::write(&file, &made).unwrap();
        }
        let kept = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(
            made == kept,
            "{file} isn't what the routes say; if the change is meant, run \
             `UPDATE_OPENAPI=1 cargo test -p tokenry-web openapi` and commit the file"
        );
    }
}

#[test]
fn every_route_says_what_it_is() {
    let mut names = HashSet::new();
    let documents = tokenry_web::openapi();
    let paths = documents.iter().flat_map(|(_, api)| &api.paths.paths);
    for (path, item) in paths {
        let operations = [&item.get, &item.put, &item.post, &item.patch, &item.delete];
        let operations: Vec<_> = operations.into_iter().flatten().collect();
        assert!(!operations.is_empty(), "{path}");
        for operation in operations {
            assert!(operation.summary.is_some(), "{path}");
            assert!(names.insert(operation.operation_id.as_ref()), "{path}");
        }
    }
}
