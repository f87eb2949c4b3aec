//! Any text at all may arrive where a signed cursor is expected.
//!
//! No text may cause a panic, and none but what the server signed for a list is
//! a cursor of it.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use tokenry_token::{DigestKey, KeyId, KeyRing};

static RING: LazyLock<KeyRing> = LazyLock::new(|| {
    let key = |number: u8| DigestKey::new(KeyId::new(number.into()), [number; 32]);
    KeyRing::new(key(1), vec![key(2)])
});

fuzz_target!(|text: &str| {
    assert_eq!(RING.signed_cursor("tokens id_asc", text), None);
    let signed = RING.sign_cursor("tokens id_asc", text);
    assert_eq!(RING.signed_cursor("tokens id_asc", &signed), Some(text));
    assert_eq!(RING.signed_cursor("tokens id_desc", &signed), None);
});
