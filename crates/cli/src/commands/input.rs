//! What people hand over: ids, and secrets on standard input.

use std::io::{self, BufRead as _, IsTerminal as _, Read as _, Write as _};

use tokenry_token::MAX_TEXT_BYTES;
use zeroize::Zeroizing;

use crate::{
    console::{Secret, Which},
    exit::Failure,
};

/// Stands for standard input.
const DASH: &str = "-";

/// The id in an argument. It isn't repeated in the refusal: it may be a
/// secret that was put there by mistake.
pub(super) fn id(argument: &str) -> Result<i64, Failure> {
    argument.parse().map_err(|_| {
        Failure::usage(
            "bad_id",
            "a token is named by its id, a number; `tokenry token identify -` tells it",
        )
    })
}

/// An id, or the token's text on standard input.
pub(super) fn which(argument: &str) -> Result<Which, Failure> {
    if argument == DASH {
        return Ok(Which::Text(secret()?));
    }
    argument.parse().map(Which::Id).map_err(|_| argued())
}

/// The token's text on standard input.
pub(super) fn text(argument: &str) -> Result<Secret, Failure> {
    if argument == DASH {
        secret()
    } else {
        Err(argued())
    }
}

fn argued() -> Failure {
    Failure::usage(
        "secret_as_argument",
        "a token's text is not taken as an argument, where the shell's history and every process \
         list would show it; write `-` and the text on standard input, as in \
         `tokenry token identify - < file`",
    )
}

fn secret() -> Result<Secret, Failure> {
    let stdin = io::stdin().lock();
    let most = MAX_TEXT_BYTES as u64 + 3;
    let mut bytes = Zeroizing::new(Vec::new());
    let read = if stdin.is_terminal() {
        let _ = write!(io::stderr(), "The token's text: ");
        stdin.take(most).read_until(b'\n', &mut bytes)
    } else {
        stdin.take(most).read_to_end(&mut bytes)
    };
    match read {
        Ok(_) => taken(&bytes),
        Err(error) => Err(Failure::fault(
            "input_failed",
            format!("standard input can't be read: {error}"),
        )),
    }
}

/// The text without the line's end that editors and `echo` put behind it.
fn taken(bytes: &[u8]) -> Result<Secret, Failure> {
    let refused = |why: &str| Failure::refused("invalid", format!("standard input {why}"));
    let line = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line.is_empty() {
        return Err(refused("is empty"));
    }
    if line.len() > MAX_TEXT_BYTES {
        return Err(refused("is longer than any token"));
    }
    match std::str::from_utf8(line) {
        Ok(text) => Ok(Secret::new(text.to_owned())),
        Err(_) => Err(refused("is no text")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_end_of_line_is_cut_off_and_no_more() {
        for (bytes, text) in [
            (&b"glpat-x"[..], "glpat-x"),
            (b"glpat-x\n", "glpat-x"),
            (b"glpat-x\r\n", "glpat-x"),
            (b"glpat-x\n\n", "glpat-x\n"),
            (b" glpat-x ", " glpat-x "),
        ] {
            assert_eq!(taken(bytes).unwrap().reveal(), text);
        }
    }

    #[test]
    fn what_is_no_text_is_refused() {
        let long = vec![b'x'; MAX_TEXT_BYTES + 1];
        for bytes in [&b""[..], b"\n", b"\r\n", b"\xff\xfe", &long] {
            assert_eq!(taken(bytes).unwrap_err().code, "invalid");
        }
        assert!(taken(&vec![b'x'; MAX_TEXT_BYTES]).is_ok());
    }

    #[test]
    fn a_secret_in_an_argument_is_refused_and_not_repeated() {
        for refused in [
            id("glpat-secret").unwrap_err(),
            which("glpat-secret").map(drop).unwrap_err(),
            text("glpat-secret").map(drop).unwrap_err(),
        ] {
            assert_eq!(refused.exit as u8, 2);
            assert!(!refused.message.contains("secret-") && !refused.message.contains("glpat"));
        }
        assert_eq!(id("12").unwrap(), 12);
    }
}
