//! Queries and form bodies: `application/x-www-form-urlencoded`.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode, utf8_percent_encode};

use super::Entry;

/// What stays as it is in a query that we write.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Percent-encoded bytes that are no UTF-8.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NotUtf8;

/// The parameters of a query or a form.
pub(super) fn parse(text: &[u8]) -> Result<Vec<Entry>, NotUtf8> {
    text.split(|byte| *byte == b'&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let name = decode(halves.next().unwrap_or_default())?;
            let value = decode(halves.next().unwrap_or_default())?;
            Ok(Entry::text(name, value))
        })
        .collect()
}

fn decode(text: &[u8]) -> Result<String, NotUtf8> {
    let spaced: Cow<'_, [u8]> = if text.contains(&b'+') {
        let spaces = text.iter().map(|b| if *b == b'+' { b' ' } else { *b });
        Cow::Owned(spaces.collect())
    } else {
        Cow::Borrowed(text)
    };
    let bytes: Vec<u8> = percent_decode(&spaced).collect();
    String::from_utf8(bytes).map_err(|_| NotUtf8)
}

/// Adds a parameter to a query that is being written.
pub(crate) fn encode(query: &mut String, name: &str, value: &str) {
    if !query.is_empty() {
        query.push('&');
    }
    query.extend(utf8_percent_encode(name, ESCAPED));
    query.push('=');
    query.extend(utf8_percent_encode(value, ESCAPED));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params::Value;

    fn pairs(text: &str) -> Vec<(String, String)> {
        let pair = |entry: Entry| match entry.value {
            Value::Text(text) => (entry.name, text),
            other => panic!("{other:?}"),
        };
        parse(text.as_bytes())
            .unwrap()
            .into_iter()
            .map(pair)
            .collect()
    }

    #[test]
    fn forms_are_decoded() {
        let expected = [
            ("a", "1 + 2"),
            ("é", "=&"),
            ("b", ""),
            ("c", ""),
            ("d", "%zz="),
        ];
        let read = pairs("a=1+%2B%202&%C3%A9=%3D%26&b=&c&&d=%zz=");
        let read: Vec<_> = read.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        assert_eq!(read, expected);
        assert_eq!(parse(b"a=%ff").unwrap_err(), NotUtf8);
        assert_eq!(parse(b"%ff=a").unwrap_err(), NotUtf8);
    }

    #[test]
    fn what_is_written_reads_back() {
        let mut query = String::new();
        encode(&mut query, "scopes[]", "a b&c=ü>");
        encode(&mut query, "page", "2");
        assert_eq!(query, "scopes%5B%5D=a%20b%26c%3D%C3%BC%3E&page=2");
        assert_eq!(pairs(&query)[0], ("scopes[]".into(), "a b&c=ü>".into()));
    }
}
