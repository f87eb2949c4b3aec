//! `tokenry token list` takes every field of the filter grammar.

use serde_json::Value;

use crate::server::Home;

fn names(home: &Home, arguments: &[&str]) -> Vec<String> {
    let rows = home.json(&[&["token", "list"], arguments].concat());
    let name = |row: &Value| row["name"].as_str().unwrap().to_owned();
    rows.as_array().unwrap().iter().map(name).collect()
}

#[test]
fn fields_are_options_and_where_takes_them_all() {
    let home = Home::new();
    home.serve().stop();
    let (id, _) = home.issue("nightly sync");
    home.issue("deploy");
    home.run(&["token", "revoke", &id.to_string()]);
    let family = id.to_string();
    for (arguments, expected) in [
        (&["--state", "revoked,expired"][..], &["nightly sync"][..]),
        (
            &["--state", "active", "--never-used", "--name", "DEP"],
            &["deploy"],
        ),
        (
            &["--kind", "group,personal", "--where", "name=sync"],
            &["nightly sync"],
        ),
        (&["--kind", "group", "--kind", "deploy"], &[]),
        (&["--family", &family, "--owner", "root"], &["nightly sync"]),
        (
            &["--revoked", "true", "--user", "1", "--revoked-after", "1h"],
            &["nightly sync"],
        ),
        (&["--search", "sync nightly"], &["nightly sync"]),
        (&["--state", "inactive", "--revoked", "false"], &[]),
        (&["--created-before", "1h"], &[]),
        (
            &[
                "--where",
                "state=active",
                "--where",
                "never_used=true",
                "--search",
                "deploy",
            ],
            &["deploy"],
        ),
    ] {
        assert_eq!(names(&home, arguments), expected, "{arguments:?}");
    }
    for (wrong, code, words) in [
        (
            &["--where", "ownr=ida"][..],
            4,
            "has no field called \"ownr\"",
        ),
        (
            &["--created-before", "soon"],
            4,
            "takes a date (2031-04-05)",
        ),
        (&["--name", ""], 4, "takes a text"),
        (&["--where", "kind=pat"], 4, "takes personal, "),
        (
            &["--state", "active", "--where", "state=revoked"],
            4,
            "is there twice",
        ),
        (&["--where", "kind"], 2, "--where kind=personal"),
        (&["--kind", "pat"], 2, "personal"),
    ] {
        home.run(&[&["token", "list"], wrong].concat())
            .failed(code, &[words]);
    }
}
