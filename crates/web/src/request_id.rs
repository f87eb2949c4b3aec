//! Names for requests, so that an answer, a log line and an audit row can be
//! held against each other.
//!
//! A name is made here and never taken from a client, who could otherwise
//! write into the audit trail.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use axum::http::HeaderValue;

/// The header that carries a request's name.
pub(crate) const HEADER: &str = "x-request-id";
/// Hexadecimal digits of a name: 8 of the process, 12 of the request.
const DIGITS: usize = 20;
const REQUEST_BITS: u32 = 48;

/// One request's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RequestId([u8; DIGITS]);

/// Gives out names: a random number of this process, then a count.
#[derive(Debug)]
pub(crate) struct RequestIds {
    process: u32,
    next: AtomicU64,
}

impl RequestIds {
    pub(crate) const fn new(process: u32) -> Self {
        Self {
            process,
            next: AtomicU64::new(1),
        }
    }

    pub(crate) fn next(&self) -> RequestId {
        let number = u128::from(self.next.fetch_add(1, Relaxed)) & ((1 << REQUEST_BITS) - 1);
        let mut rest = (u128::from(self.process) << REQUEST_BITS) | number;
        let mut digits = [b'0'; DIGITS];
        for digit in digits.iter_mut().rev() {
            *digit = hexadecimal(rest);
            rest >>= 4;
        }
        RequestId(digits)
    }
}

/// The last hexadecimal digit of a number.
fn hexadecimal(number: u128) -> u8 {
    let value = (number & 15) as u8;
    if value < 10 {
        b'0' + value
    } else {
        b'a' - 10 + value
    }
}

impl RequestId {
    pub(crate) fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }

    pub(crate) fn header(&self) -> HeaderValue {
        HeaderValue::from_bytes(&self.0).unwrap_or(HeaderValue::from_static(""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_one_another() {
        let ids = RequestIds::new(0xbeef_0001);
        assert_eq!(ids.next().as_str(), "beef0001000000000001");
        assert_eq!(ids.next().as_str(), "beef0001000000000002");
        assert_eq!(ids.next().header(), "beef0001000000000003");
    }
}
