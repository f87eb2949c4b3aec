//! What `decode` refuses, and at which step.

#![allow(clippy::unwrap_used, reason = "tests")]

use data_encoding::BASE64URL_NOPAD;
use tokenry_token::{NotRoutable, Prefix, decode, has_valid_checksum};

/// A text with the right checksum, whatever stands in front of it.
fn sealed(covered: &str) -> String {
    let mut rest = crc32fast::hash(covered.as_bytes());
    let mut digits = ['0'; 7];
    for digit in digits.iter_mut().rev() {
        *digit = char::from_digit(rest % 36, 36).unwrap();
        rest /= 36;
    }
    covered.chars().chain(digits).collect()
}

/// A token whose body is the random bytes, these lines and this length byte.
fn with_payload(lines: &str, length: u8) -> String {
    let body = [&[7; 16], lines.as_bytes(), &[length]].concat();
    with_body(&BASE64URL_NOPAD.encode(&body))
}

/// A token with this body and its true length.
fn with_body(body: &str) -> String {
    let (high, low) = (body.len() / 36, body.len() % 36);
    let digit = |value: usize| char::from_digit(u32::try_from(value).unwrap(), 36).unwrap();
    sealed(&format!("glpat-{body}.01.{}{}", digit(high), digit(low)))
}

fn assert_refused(text: &str, expected: NotRoutable) {
    assert_eq!(decode(text), Err(expected), "{text:?}");
}

const BODY: &str = "AAECAwQFBgcICQoLDA0OD286MQp1OjF5CA"; // the spec's first vector

#[test]
fn the_helpers_write_what_is_accepted() {
    assert!(decode(&sealed(&format!("glpat-{BODY}.01.0y"))).is_ok());
    assert!(decode(&with_body(BODY)).is_ok());
    assert!(decode(&with_payload("o:1", 3)).is_ok());
}

/// Case 72, as far as the checksum; the tests below have the rest.
#[test]
fn texts_without_their_checksum() {
    let upper = format!("glpat-{BODY}.01.0y0UZ3V3N");
    let texts = [
        "",
        "0",
        "000000",
        "glpat-abcdefghijklmnopqrst",
        "ééééééé",
        "aéééé",
        &upper,
    ];
    for text in texts {
        assert_refused(text, NotRoutable::Checksum);
        assert!(!has_valid_checksum(text));
    }
    // Seven zeros are the checksum of nothing.
    assert_refused("0000000", NotRoutable::Layout);
}

#[test]
fn texts_too_long_for_any_token() {
    let longest = "x".repeat(288 - 7);
    assert_refused(&sealed(&longest), NotRoutable::Layout);
    assert_refused(&sealed(&format!("{longest}x")), NotRoutable::TooLong);
}

#[test]
fn tails_of_another_layout() {
    for tail in [
        "", ".0y", ".01.0Y", ".01.y", ".01.00y", ".01.zz", ".01.", ".01.é",
    ] {
        assert_refused(&sealed(&format!("glpat-{BODY}{tail}")), NotRoutable::Layout);
    }
    // The length cuts a character in two.
    assert_refused(&sealed("é.01.01"), NotRoutable::Layout);
}

#[test]
fn other_versions() {
    for version in ["00", "02", "1", "001", "", "zz"] {
        let text = sealed(&format!("glpat-{BODY}.{version}.0y"));
        assert_refused(&text, NotRoutable::Version);
    }
}

#[test]
fn prefixes_that_can_be_none() {
    let long = "x".repeat(Prefix::MAX_BYTES + 1);
    for prefix in ["", "gl.pat-", "glpat ", "é", &long] {
        let text = sealed(&format!("{prefix}{BODY}.01.0y"));
        assert_refused(&text, NotRoutable::Prefix);
        assert!(has_valid_checksum(&text));
    }
}

#[test]
fn bodies_that_are_not_base64_of_enough_bytes() {
    let standard_alphabet = BODY.replace("AAEC", "AA+/");
    let stray_bits = format!("{}B", BODY.strip_suffix('A').unwrap());
    let padded = format!("{BODY}==");
    let of_16_bytes = BASE64URL_NOPAD.encode(&[7; 16]);
    let of_177_bytes = BASE64URL_NOPAD.encode(&[7; 177]);
    let bodies = [
        "",
        "A",
        "AAAAA",
        &standard_alphabet,
        &stray_bits,
        &padded,
        &of_16_bytes,
        &of_177_bytes,
    ];
    for body in bodies {
        assert_refused(&with_body(body), NotRoutable::Body);
    }
}

#[test]
fn payloads_whose_length_is_wrong() {
    for (lines, length) in [("o:1", 2), ("o:1", 4), ("o:1", 0), ("", 1), ("o:1", 255)] {
        assert_refused(&with_payload(lines, length), NotRoutable::PayloadLength);
    }
}

/// Cases 63 and 64: nothing said, or something unknown.
#[test]
fn payloads_that_are_malformed() {
    let overlong = "o:1\n".repeat(39);
    for lines in [
        "", "o:", "x:1", "u:1\no:1", "o:1\no:1", "o:01", "o:1\n", "o:é", &overlong,
    ] {
        let length = u8::try_from(lines.len()).unwrap();
        assert_refused(&with_payload(lines, length), NotRoutable::Payload);
    }
}
