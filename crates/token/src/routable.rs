//! The routable form: writing and reading it.
//!
//! Prefix, body, version, length of the body, checksum, as
//! spec/token-information-api.md section 3 lays them out:
//!
//! ```text
//! glpat- AAECAwQFBgcICQoLDA0OD286MQp1OjF5CA .01. 0y 0uz3v3n
//! ```
//!
//! The checksum is no secret and proves nothing. It lets typing errors and
//! garbage be refused offline.

use data_encoding::BASE64URL_NOPAD;
use thiserror::Error;
use zeroize::{Zeroize, Zeroizing};

use crate::{Payload, Prefix, TokenText, base36, prefix};

/// The version that is written and the only one that is read.
const VERSION: &str = "01";

/// Base-36 digits of the body's length.
const LENGTH_DIGITS: u32 = 2;

/// Base-36 digits of the checksum; enough for 32 bits.
const CHECKSUM_DIGITS: u32 = 7;

/// Everything behind the body: two dots, version, length, checksum.
const TAIL_CHARS: usize = 2 + VERSION.len() + (LENGTH_DIGITS + CHECKSUM_DIGITS) as usize;

/// How many random bytes a body starts with.
const RANDOM_BYTES: usize = 16;

/// The longest body before base64: 16 random bytes, a payload of 159, its length.
const MAX_BODY_BYTES: usize = RANDOM_BYTES + 159 + 1;

/// The longest text: the longest prefix, the longest body in base64, the tail.
const MAX_CHARS: usize = Prefix::MAX_BYTES + (MAX_BODY_BYTES * 4).div_ceil(3) + TAIL_CHARS;

/// A text that was read as a routable token. Whether it was ever issued is
/// another question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Routable<'a> {
    /// What stands before the body, known to the instance or not.
    pub prefix: &'a str,
    /// What the token says about itself.
    pub payload: Payload,
}

/// The step at which a text turned out not to be a routable token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NotRoutable {
    /// It is longer than any routable token.
    #[error("too long for a routable token")]
    TooLong,
    /// The last seven characters are not the checksum of the others.
    #[error("the checksum is wrong")]
    Checksum,
    /// It doesn't end in version, body length and checksum, or is shorter than
    /// that length says.
    #[error("the text isn't laid out as a routable token")]
    Layout,
    /// Its version is not `01`.
    #[error("the version is unknown")]
    Version,
    /// What stands before the body can't be a prefix.
    #[error("the prefix is invalid")]
    Prefix,
    /// The body is not URL-safe base64 without padding, or is too short to hold
    /// the random bytes.
    #[error("the body isn't base64 of random bytes and a payload")]
    Body,
    /// The body's last byte is not the length of its payload.
    #[error("the payload's length is wrong")]
    PayloadLength,
    /// The payload is not one or more lines of a known key and a number, in the
    /// order and spelling in which they are written.
    #[error("the payload is malformed")]
    Payload,
}

/// Writes a new token in the routable form. `random` must come from a generator
/// fit for secrets: it is all that makes the token one.
///
/// This can't fail. The form allows payloads of 159 characters, and one of six
/// numbers has at most 95 (two characters and up to 13 digits each, five line
/// feeds). A payload without any number makes a text that [`decode`] refuses:
/// set the organization at least.
#[must_use]
pub fn mint(prefix: &Prefix, payload: &Payload, random: &[u8; 16]) -> TokenText {
    let body = body(payload, random);
    let body_chars = BASE64URL_NOPAD.encode_len(body.len());
    // All room at once: a string that grows leaves copies of a secret behind.
    let mut text = String::with_capacity(prefix.as_str().len() + body_chars + TAIL_CHARS);
    text.push_str(prefix.as_str());
    BASE64URL_NOPAD.encode_append(&body, &mut text);
    text.push('.');
    text.push_str(VERSION);
    text.push('.');
    text.extend(base36::digits(body_chars as u64, LENGTH_DIGITS));
    let checksum = crc32fast::hash(text.as_bytes());
    text.extend(base36::digits(checksum.into(), CHECKSUM_DIGITS));
    TokenText::new(text)
}

/// The bytes that become the body in base64.
fn body(payload: &Payload, random: &[u8; RANDOM_BYTES]) -> Zeroizing<Vec<u8>> {
    let lines = payload.encode();
    #[expect(clippy::cast_possible_truncation, reason = "95 characters at most")]
    let length = lines.len() as u8;
    let mut body = Zeroizing::new(Vec::with_capacity(MAX_BODY_BYTES));
    body.extend_from_slice(random);
    body.extend_from_slice(lines.as_bytes());
    body.push(length);
    body
}

/// Reads a routable token. Stricter than the format asks for: it takes exactly
/// what [`mint`] writes, so that a token has one spelling.
///
/// The checksum is looked at first, so most garbage costs only that. Nothing is
/// allocated.
///
/// # Errors
///
/// [`NotRoutable`] names the step that failed.
pub fn decode(text: &str) -> Result<Routable<'_>, NotRoutable> {
    let Layout { prefix, body } = layout(text)?;
    prefix::check(prefix).map_err(|_| NotRoutable::Prefix)?;
    let mut buffer = [0; MAX_BODY_BYTES];
    let payload = payload(body, &mut buffer);
    if let Some(random) = buffer.first_chunk_mut::<RANDOM_BYTES>() {
        random.zeroize(); // the only part that is secret
    }
    Ok(Routable {
        prefix,
        payload: payload?,
    })
}

/// Whether `text` ends as a routable token does, checksum included. The cheapest
/// question there is; [`decode`] asks more.
#[must_use]
pub fn has_valid_checksum(text: &str) -> bool {
    layout(text).is_ok()
}

/// A text whose checksum and tail are right, cut in front of and behind the body.
struct Layout<'a> {
    prefix: &'a str,
    body: &'a str,
}

fn layout(text: &str) -> Result<Layout<'_>, NotRoutable> {
    // Bounds the work below, whatever the caller lets through.
    if text.len() > MAX_CHARS {
        return Err(NotRoutable::TooLong);
    }
    let checked = checked(text).ok_or(NotRoutable::Checksum)?;
    let (rest, length) = checked.rsplit_once('.').ok_or(NotRoutable::Layout)?;
    let (head, version) = rest.rsplit_once('.').ok_or(NotRoutable::Layout)?;
    if version != VERSION {
        return Err(NotRoutable::Version);
    }
    let length = body_length(length).ok_or(NotRoutable::Layout)?;
    let (prefix, body) = split_off_end(head, length).ok_or(NotRoutable::Layout)?;
    Ok(Layout { prefix, body })
}

/// What the checksum covers, if it is right.
fn checked(text: &str) -> Option<&str> {
    let (covered, checksum) = split_off_end(text, CHECKSUM_DIGITS as usize)?;
    let computed = crc32fast::hash(covered.as_bytes());
    (base36::parse(checksum.as_bytes())? == computed.into()).then_some(covered)
}

fn body_length(digits: &str) -> Option<usize> {
    if digits.len() != LENGTH_DIGITS as usize {
        return None;
    }
    base36::parse(digits.as_bytes())?.try_into().ok()
}

/// Splits in front of the last `length` bytes, if a character begins there.
fn split_off_end(text: &str, length: usize) -> Option<(&str, &str)> {
    text.split_at_checked(text.len().checked_sub(length)?)
}

/// The payload of a body, which is unpacked into `buffer`.
fn payload(body: &str, buffer: &mut [u8; MAX_BODY_BYTES]) -> Result<Payload, NotRoutable> {
    let bytes = unpack(body, buffer).ok_or(NotRoutable::Body)?;
    let (_random, rest) = bytes
        .split_first_chunk::<RANDOM_BYTES>()
        .ok_or(NotRoutable::Body)?;
    let (length, lines) = rest.split_last().ok_or(NotRoutable::Body)?;
    if usize::from(*length) != lines.len() {
        return Err(NotRoutable::PayloadLength);
    }
    Payload::parse(lines).ok_or(NotRoutable::Payload)
}

fn unpack<'b>(body: &str, buffer: &'b mut [u8; MAX_BODY_BYTES]) -> Option<&'b [u8]> {
    // The decoder insists on room of exactly this size.
    let length = BASE64URL_NOPAD.decode_len(body.len()).ok()?;
    let room = buffer.get_mut(..length)?;
    BASE64URL_NOPAD.decode_mut(body.as_bytes(), room).ok()?;
    Some(room)
}
