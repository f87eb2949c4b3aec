//! The handbook's table of filter fields says what the code takes.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::fmt::Write as _;

use tokenry_domain::token_query::{FIELDS, Field};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/filters.md");
const BEGIN: &str = "<!-- fields: from crates/domain/src/token_query/fields.rs by `UPDATE_README=1 cargo test -p tokenry-domain --test filters` -->\n";
const END: &str = "<!-- end of fields -->";

fn table() -> String {
    let mut table = String::from("\n| field | takes | shows tokens |\n| --- | --- | --- |\n");
    for field in &FIELDS {
        let (name, takes) = (field.name, takes(field));
        let help = decapitalised(field.help);
        writeln!(table, "| `{name}` | {takes} | {help} |").unwrap();
    }
    table.push('\n');
    table
}

fn takes(field: &Field) -> String {
    let options = (field.options)();
    if options.is_empty() || options.len() > 6 {
        return field.value.to_owned();
    }
    let options: Vec<_> = options.iter().map(|option| format!("`{option}`")).collect();
    options.join(", ")
}

fn decapitalised(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "the environment says whether the page is to be written anew"
)]
fn the_table_in_the_handbook_is_the_one_in_the_code() {
    let page = std::fs::read_to_string(PAGE).unwrap();
    let begin = page.find("<!-- fields").expect("the table begins");
    let end = page.find(END).expect("the table ends");
    let made = format!("{}{BEGIN}{}{}", &page[..begin], table(), &page[end..]);
    if std::env::var_os("UPDATE_README").is_some() {
        std::fs::write(PAGE, &made).unwrap();
    } else {
        assert!(
            page == made,
            "docs/filters.md isn't what the fields say; if the change is meant, run \
             `UPDATE_README=1 cargo test -p tokenry-domain --test filters`"
        );
    }
}

#[test]
fn every_field_can_be_asked_for_on_every_face() {
    for field in &FIELDS {
        let letters = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
        assert!(field.name.bytes().all(letters), "{}", field.name);
        assert!(
            !field.help.ends_with('.') && !field.help.contains('|'),
            "{}",
            field.help
        );
        let same = FIELDS.iter().filter(|other| other.name == field.name);
        assert_eq!(same.count(), 1, "{}", field.name);
    }
}
