//! Any text at all may arrive where a cursor is expected.
//!
//! No text may cause a panic. What a cursor says must survive being written and
//! read again, and a cursor of one order serves no other.

#![no_main]

use data_encoding::BASE64URL_NOPAD;
use libfuzzer_sys::fuzz_target;
use tokenry_domain::page::Position;

/// An order by number, one by name, and one whose name begins another's.
const ORDERS: [&str; 3] = ["id_asc", "name_desc", "id"];

fuzz_target!(|text: &str| {
    check(text);
    // Mutations alone hardly ever find base64 of something sensible.
    check(&BASE64URL_NOPAD.encode(text.as_bytes()));
    for order in ORDERS {
        check(&BASE64URL_NOPAD.encode(format!("{order}:{text}").as_bytes()));
    }
});

fn check(cursor: &str) {
    let read: Vec<_> = ORDERS
        .iter()
        .filter_map(|order| Some((order, Position::from_cursor(cursor, order).ok()?)))
        .collect();
    assert!(read.len() <= 1, "a cursor of several orders");
    for (order, position) in read {
        let again = position.to_cursor(order);
        assert_eq!(Position::from_cursor(&again, order).as_ref(), Ok(&position));
    }
}
