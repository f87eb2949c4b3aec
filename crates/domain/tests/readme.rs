//! The README's table of kinds says what the descriptors say.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::fmt::Write as _;

use tokenry_domain::kind::{Descriptor, Ending, KINDS, Keepers, Opens, Prefixing};

const BEGIN: &str = "<!-- kinds: from crates/domain/src/kind.rs by `UPDATE_README=1 cargo test -p tokenry-domain --test readme` -->\n";
const END: &str = "<!-- end of kinds -->";

fn table() -> String {
    let mut table = String::from(
        "\n| kind | name | begins with | opens here | kept by | when found |\n\
         | --- | --- | --- | --- | --- | --- |\n",
    );
    for line in &KINDS {
        let cells = [
            line.title,
            &format!("`{}`", line.name),
            &prefix(line),
            opens(line),
            keepers(line),
            ending(line),
        ];
        writeln!(table, "| {} |", cells.join(" | ")).unwrap();
    }
    table.push('\n');
    table
}

fn prefix(line: &Descriptor) -> String {
    let text = line.prefixing.default();
    match line.prefixing {
        Prefixing::Personal(_) => format!("`{text}` or your own"),
        Prefixing::Instance(_) => format!("`{text}`"),
        Prefixing::Fixed(_) => format!("`{text}` always"),
    }
}

const fn opens(line: &Descriptor) -> &'static str {
    match line.opens {
        Opens::Api | Opens::ApiByOauth => "the API, within its scopes",
        Opens::Browser => "what its user sees in a browser",
        Opens::Job => "its job",
        Opens::Elsewhere => "",
    }
}

const fn keepers(line: &Descriptor) -> &'static str {
    match line.keepers {
        Keepers::Nobody => "administrators",
        Keepers::Owner => "its user",
        Keepers::Members { .. } => "maintainers, group owners",
    }
}

const fn ending(line: &Descriptor) -> &'static str {
    match line.ending {
        Ending::Revoke => "revoked",
        Ending::Reset => "reset",
        Ending::Finish => "its job ends",
    }
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "whoever runs the test asks for the update here"
)]
fn the_readme_lists_every_kind() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md");
    let readme = std::fs::read_to_string(path).unwrap();
    let (before, rest) = readme.split_once(BEGIN).expect("where the table begins");
    let (_, after) = rest.split_once(END).expect("where the table ends");
    let expected = format!("{before}{BEGIN}{}{END}{after}", table());
    if std::env::var_os("UPDATE_README").is_some() {
        std::fs::write(path, &expected).unwrap();
    } else {
        assert!(
            readme == expected,
            "the README's table of kinds isn't what the descriptors say; \
             if the change is meant, run `UPDATE_README=1 cargo test -p tokenry-domain --test readme`"
        );
    }
}
