//! Which form `recognise` finds under which prefixes.

#![allow(clippy::unwrap_used, reason = "tests")]

use tokenry_token::{
    DigestKey, Form, KeyId, KeyRing, MAX_TEXT_BYTES, Payload, Prefix, Prefixes, TokenText,
    Unrecognised, mint, mint_signed, recognise,
};

const BODY: &str = "abcDEF012-_xyzXYZ789"; // 20 characters

fn known(prefixes: &[&str]) -> Prefixes {
    prefixes
        .iter()
        .map(|text| Prefix::new(text).unwrap())
        .collect()
}

fn minted(prefix: &str) -> TokenText {
    let payload = Payload {
        organization: Some(1),
        ..Payload::default()
    };
    mint(&Prefix::new(prefix).unwrap(), &payload, &[0x5a; 16])
}

fn legacy_prefix<'p>(text: &str, known: &'p Prefixes) -> Option<&'p str> {
    match recognise(text, known) {
        Ok(Form::Legacy { prefix }) => Some(prefix.as_str()),
        _ => None,
    }
}

fn routable_prefix<'p>(text: &TokenText, known: &'p Prefixes) -> Option<&'p str> {
    match recognise(text.reveal(), known) {
        Ok(Form::Routable { prefix, .. }) => Some(prefix.as_str()),
        _ => None,
    }
}

#[test]
fn a_legacy_token_is_prefix_and_twenty_characters() {
    let known = known(&["glpat-", "gldt-"]);
    assert_eq!(
        legacy_prefix(&format!("glpat-{BODY}"), &known),
        Some("glpat-")
    );
    assert_eq!(
        legacy_prefix(&format!("gldt-{BODY}"), &known),
        Some("gldt-")
    );
}

#[test]
fn other_lengths_and_characters_are_malformed() {
    let known = known(&["glpat-"]);
    let short = BODY.strip_suffix('9').unwrap();
    let bodies = [
        "",
        short,
        &format!("{BODY}a"),
        &format!("{short}."),
        &format!("{short}é"),
        "é",
    ];
    for body in bodies {
        let refused = recognise(&format!("glpat-{body}"), &known);
        assert_eq!(refused, Err(Unrecognised::Malformed), "{body:?}");
    }
}

#[test]
fn a_character_across_the_cut_is_malformed() {
    let text = format!("glpat-é{}", "a".repeat(19));
    assert_eq!(
        recognise(&text, &known(&["glpat-"])),
        Err(Unrecognised::Malformed)
    );
}

#[test]
fn unknown_prefixes_are_told_from_malformed_texts() {
    let known = known(&["glpat-"]);
    let texts = [
        "",
        "g",
        "glpat",
        "GLPAT-",
        BODY,
        "\u{feff}glpat-",
        minted("gldt-").reveal(),
    ]
    .map(|text| recognise(text, &known));
    assert!(
        texts
            .iter()
            .all(|refused| *refused == Err(Unrecognised::UnknownPrefix))
    );
}

#[test]
fn nothing_is_known_without_prefixes() {
    let known = Prefixes::default();
    let refused = recognise(minted("glpat-").reveal(), &known);
    assert_eq!(refused, Err(Unrecognised::UnknownPrefix));
}

#[test]
fn the_length_is_looked_at_first() {
    let known = known(&["glpat-"]);
    let longest = format!("glpat-{}", "x".repeat(MAX_TEXT_BYTES - 6));
    assert_eq!(recognise(&longest, &known), Err(Unrecognised::Malformed));
    assert_eq!(
        recognise(&format!("{longest}x"), &known),
        Err(Unrecognised::TooLong)
    );
}

#[test]
fn prefixes_that_begin_one_another_are_kept_apart() {
    let known = known(&["gl", "glpat-", "acme-", "acme-glpat-"]);
    for prefix in known.iter().map(Prefix::as_str) {
        assert_eq!(
            legacy_prefix(&format!("{prefix}{BODY}"), &known),
            Some(prefix)
        );
        assert_eq!(routable_prefix(&minted(prefix), &known), Some(prefix));
    }
}

#[test]
fn a_shorter_prefix_takes_what_the_longer_leaves() {
    // Starts with `glpat-`, but is `gl` and twenty characters.
    let text = format!("glpat-{}", "a".repeat(16));
    assert_eq!(legacy_prefix(&text, &known(&["gl", "glpat-"])), Some("gl"));
    assert_eq!(legacy_prefix(&text, &known(&["glpat-"])), None);
}

#[test]
fn the_prefix_in_a_routable_token_must_be_known_itself() {
    let text = minted("acme-glpat-");
    let known = known(&["acme-", "glpat-"]);
    assert_eq!(
        recognise(text.reveal(), &known),
        Err(Unrecognised::Malformed)
    );
}

#[test]
fn a_prefix_without_a_dash_is_not_drowned_by_the_body() {
    // The body is of the prefix's own alphabet: only its length tells them apart.
    assert_eq!(
        routable_prefix(&minted("token"), &known(&["token"])),
        Some("token")
    );
}

#[test]
fn a_signed_token_is_told_from_garbage() {
    let known = known(&["glcbt-", "glpat-"]);
    let ring = KeyRing::new(DigestKey::new(KeyId::new(1), [1; 32]), Vec::new());
    let text = mint_signed(&Prefix::new("glcbt-").unwrap(), &ring, r#"{"sub":"7"}"#);
    let form = recognise(text.reveal(), &known).unwrap();
    assert_eq!(form.prefix().as_str(), "glcbt-");
    assert!(matches!(form, Form::Signed { .. }));
    for garbage in [
        format!("{}.x", text.reveal()),
        format!("{}!", text.reveal()),
        text.reveal().replace("glcbt-", "glpat-x"),
    ] {
        let refused = recognise(&garbage, &known);
        assert_eq!(refused, Err(Unrecognised::Malformed), "{garbage}");
    }
}

#[test]
fn a_cookie_with_its_name_is_a_token() {
    let known = known(&["_gitlab_session="]);
    let text = minted("_gitlab_session=");
    assert_eq!(routable_prefix(&text, &known), Some("_gitlab_session="));
}
