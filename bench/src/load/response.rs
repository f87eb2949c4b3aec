//! As much of HTTP/1.1 as it takes to know where an answer ends.

use crate::fault::{Outcome, fault};

/// The head of an answer, and how long its body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    /// The status.
    pub(crate) status: u16,
    /// Bytes of the head, the blank line included.
    pub(crate) length: usize,
    /// Bytes of the body.
    pub(crate) body: usize,
}

/// The head at the start of these bytes; `None` while it isn't all there.
///
/// # Errors
/// If it is no answer of known length.
pub(crate) fn parse(bytes: &[u8]) -> Outcome<Option<Head>> {
    let mut lines = Lines { rest: bytes };
    let Some(first) = lines.next() else {
        return Ok(None);
    };
    let status = status(first).ok_or_else(|| fault("this isn't an HTTP answer"))?;
    let mut body = None;
    loop {
        match lines.next() {
            None => return Ok(None),
            Some([]) => break,
            Some(line) => body = body.or_else(|| length(line)),
        }
    }
    Ok(Some(Head {
        status,
        length: bytes.len() - lines.rest.len(),
        body: body.unwrap_or_default(),
    }))
}

/// The value of a header in a head.
pub(crate) fn header<'a>(head: &'a [u8], name: &str) -> Option<&'a str> {
    let lines = Lines { rest: head };
    let value = lines.into_iter().find_map(|line| value_of(line, name))?;
    std::str::from_utf8(value).ok()
}

/// Lines that end in CR LF, without it.
struct Lines<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Lines<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let end = self.rest.iter().position(|byte| *byte == b'\n')?;
        let (line, rest) = self.rest.split_at_checked(end)?;
        self.rest = rest.get(1..)?;
        Some(line.strip_suffix(b"\r").unwrap_or(line))
    }
}

fn status(line: &[u8]) -> Option<u16> {
    let rest = line.strip_prefix(b"HTTP/1.1 ")?;
    decimal(rest.get(..3)?)?.try_into().ok()
}

fn length(line: &[u8]) -> Option<usize> {
    decimal(value_of(line, "content-length")?)
}

fn value_of<'a>(line: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let (own, value) = line.split_at_checked(name.len())?;
    let value = value.strip_prefix(b":")?;
    own.eq_ignore_ascii_case(name.as_bytes())
        .then(|| value.trim_ascii())
}

fn decimal(digits: &[u8]) -> Option<usize> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &[u8] =
        b"HTTP/1.1 201 Created\r\ncontent-type: text/plain\r\nContent-Length: 3\r\n\r\nabc";

    #[test]
    fn a_head_tells_status_and_lengths() {
        let head = parse(ANSWER).unwrap().unwrap();
        assert_eq!((head.status, head.body), (201, 3));
        assert_eq!(&ANSWER[head.length..], b"abc");
    }

    #[test]
    fn half_a_head_is_none() {
        for cut in 0..ANSWER.len() - 3 {
            assert_eq!(parse(&ANSWER[..cut]).unwrap(), None, "{cut}");
        }
    }

    #[test]
    fn an_answer_without_a_length_has_no_body() {
        let head = parse(b"HTTP/1.1 204 No Content\r\n\r\n").unwrap().unwrap();
        assert_eq!((head.status, head.body), (204, 0));
    }

    #[test]
    fn other_things_are_refused() {
        assert!(parse(b"SSH-2.0-x\r\n").is_err());
    }

    #[test]
    fn headers_are_found_whatever_the_case() {
        assert_eq!(header(ANSWER, "content-type"), Some("text/plain"));
        assert_eq!(header(ANSWER, "content-length"), Some("3"));
        assert_eq!(header(ANSWER, "content"), None);
    }
}
