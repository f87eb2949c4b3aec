//! Any text at all may arrive where a token is expected.
//!
//! No text may cause a panic, and a text that decodes must be the very one that
//! minting gives for the same prefix, payload and random bytes: a token has one
//! spelling.

#![no_main]

use std::sync::LazyLock;

use data_encoding::BASE64URL_NOPAD;
use libfuzzer_sys::fuzz_target;
use tokenry_token::{
    Prefix, Prefixes, Routable, TokenText, decode, has_valid_checksum, mint, recognise,
};

/// Two pairs of which one begins the other.
static KNOWN: LazyLock<Prefixes> = LazyLock::new(|| {
    let texts = ["gl", "glpat-", "acme-", "acme-glpat-"];
    texts
        .into_iter()
        .map(|text| Prefix::new(text).expect("a valid prefix"))
        .collect()
});

/// Dots, version, length and checksum.
const TAIL_CHARS: usize = 13;

fuzz_target!(|text: &str| {
    check_decoding(text);
    // Mutations alone hardly ever find a right checksum, so it is put there too.
    check_decoding(&sealed(text));
    check_recognising(text);
});

fn check_decoding(text: &str) {
    let Ok(routable) = decode(text) else { return };
    assert!(has_valid_checksum(text));
    assert_eq!(reminted(text, &routable).reveal(), text);
}

fn reminted(text: &str, routable: &Routable<'_>) -> TokenText {
    let body = &text[routable.prefix.len()..text.len() - TAIL_CHARS];
    let body = BASE64URL_NOPAD
        .decode(body.as_bytes())
        .expect("what decodes is base64");
    let random = body.first_chunk().expect("what decodes has random bytes");
    let prefix = Prefix::new(routable.prefix).expect("what decodes has a valid prefix");
    mint(&prefix, &routable.payload, random)
}

/// The text with its checksum behind it.
fn sealed(text: &str) -> String {
    let mut rest = crc32fast::hash(text.as_bytes());
    let mut digits = ['0'; 7];
    for digit in digits.iter_mut().rev() {
        *digit = char::from_digit(rest % 36, 36).expect("a remainder below 36");
        rest /= 36;
    }
    text.chars().chain(digits).collect()
}

fn check_recognising(text: &str) {
    let Ok(form) = recognise(text, &KNOWN) else {
        return;
    };
    let prefix = form.prefix();
    assert!(text.starts_with(prefix.as_str()));
    assert_eq!(KNOWN.get(prefix.as_str()), Some(prefix));
}
