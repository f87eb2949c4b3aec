//! Any text at all may arrive where a filter is expected.
//!
//! No text may cause a panic. What is read must be kept as JSON and read again
//! the same, whenever that is: a purge that was filed means what it meant.

#![no_main]

use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use tokenry_domain::{
    token_filter::TokenFilter,
    token_query::{Asked, FIELDS, TokenQuery},
};

/// A moment with more than the database keeps of it.
const NOW: Timestamp = Timestamp::constant(1_933_135_628, 123_456_789);

fuzz_target!(|text: &str| {
    // Lines of `field=value`; mutations alone hardly ever find the fields, so
    // a number stands for one.
    let pairs: Vec<(&str, &str)> = text.lines().filter_map(|line| line.split_once('=')).collect();
    check(&pairs);
    let numbered: Vec<_> = pairs.iter().map(|(name, text)| (field(name), *text)).collect();
    check(&numbered);
    if let Ok(asked) = serde_json::from_str::<Asked>(text) {
        let _ = asked.read(NOW);
    }
    let _ = serde_json::from_str::<TokenFilter>(text);
});

fn field(name: &str) -> &str {
    let number = name.parse::<usize>().ok();
    let field = number.and_then(|number| FIELDS.get(number));
    field.map_or(name, |field| field.name)
}

fn check(pairs: &[(&str, &str)]) {
    let Ok(query) = TokenQuery::read(pairs.iter().copied(), NOW) else {
        return;
    };
    let kept = serde_json::to_string(&query.filter).expect("a filter is kept");
    let again: TokenFilter = serde_json::from_str(&kept).expect("what is kept is read");
    assert_eq!(again, query.filter);
}
