//! What holds for every token and every text.

#![allow(clippy::unwrap_used, reason = "tests")]

use proptest::option;
use proptest::prelude::*;
use proptest::sample::Index;
use tokenry_token::{Form, Payload, Prefix, Prefixes, decode, has_valid_checksum, mint, recognise};

prop_compose! {
    fn any_payload()(
        cell in option::of(any::<u64>()),
        group in option::of(any::<u64>()),
        organization in any::<u64>(),
        project in option::of(0..1_000_u64),
        runner_type in option::of(1..=3_u64),
        user in option::of(any::<u64>()),
    ) -> Payload {
        let organization = Some(organization);
        Payload { cell, group, organization, project, runner_type, user }
    }
}

prop_compose! {
    fn any_prefix()(text in "[A-Za-z0-9_-]{1,40}") -> Prefix {
        Prefix::new(&text).unwrap()
    }
}

prop_compose! {
    fn any_token()(
        prefix in any_prefix(),
        payload in any_payload(),
        random in any::<[u8; 16]>(),
    ) -> String {
        mint(&prefix, &payload, &random).reveal().to_owned()
    }
}

/// The text with one character put in another's place; nothing if it is the same.
fn changed(text: &str, place: Index, to: char) -> Option<String> {
    let (at, from) = text.char_indices().nth(place.index(text.chars().count()))?;
    let (before, rest) = text.split_at(at);
    let after = rest.strip_prefix(from)?;
    (from != to).then(|| format!("{before}{to}{after}"))
}

/// Asks everything there is to ask about a text; a panic fails the test.
fn ask_all(text: &str) {
    let known: Prefixes = ["gl", "glpat-"]
        .into_iter()
        .map(|p| Prefix::new(p).unwrap())
        .collect();
    let decoded = decode(text);
    assert!(has_valid_checksum(text) || decoded.is_err());
    if let Ok(form) = recognise(text, &known) {
        assert!(text.starts_with(form.prefix().as_str()));
    }
}

proptest! {
    #[test]
    fn what_was_minted_is_decoded(
        prefix in any_prefix(),
        payload in any_payload(),
        random in any::<[u8; 16]>(),
    ) {
        let token = mint(&prefix, &payload, &random);
        let routable = decode(token.reveal()).unwrap();
        prop_assert_eq!(routable.prefix, prefix.as_str());
        prop_assert_eq!(&routable.payload, &payload);

        let known = Prefixes::new([prefix.clone()]);
        let expected = Form::Routable { prefix: &prefix, payload };
        prop_assert_eq!(recognise(token.reveal(), &known), Ok(expected));
    }

    /// Case 70: two generations differ.
    #[test]
    fn other_random_bytes_make_another_text(
        prefix in any_prefix(),
        payload in any_payload(),
        (one, other) in any::<([u8; 16], [u8; 16])>().prop_filter("alike", |(a, b)| a != b),
    ) {
        let mint = |random| mint(&prefix, &payload, random).reveal().to_owned();
        prop_assert_ne!(mint(&one), mint(&other));
    }

    #[test]
    fn a_changed_character_is_refused(
        token in any_token(),
        place in any::<Index>(),
        to in prop_oneof!["[ -~]", any::<char>().prop_map(String::from)],
    ) {
        if let Some(text) = changed(&token, place, to.chars().next().unwrap()) {
            prop_assert!(decode(&text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_cut_token_is_refused(token in any_token(), length in any::<Index>()) {
        let cut = token.get(..length.index(token.len())).unwrap();
        prop_assert!(decode(cut).is_err());
    }

    #[test]
    fn no_text_is_too_strange(text in any::<String>(), token in any_token(), at in any::<Index>()) {
        ask_all(&text);
        let (before, after) = token.split_at(at.index(token.len()));
        ask_all(&format!("{before}{text}{after}"));
    }

    #[test]
    fn no_text_that_looks_like_a_token_is_too_strange(
        text in "(gl|glpat-)[A-Za-z0-9_é-]{0,60}(\\.[0-9a-zé]{0,3}){0,3}[0-9a-zé]{0,8}",
    ) {
        ask_all(&text);
    }
}
