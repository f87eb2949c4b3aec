//! Which form a text has: the check that every request passes first.

use thiserror::Error;

use crate::prefix::is_plain;
use crate::{Payload, Prefix, Prefixes, decode, signed};

/// The longest text that [`recognise`] looks at, in bytes. The longest routable
/// token has 288; a signed one has about 700, and more where it states long names.
pub const MAX_TEXT_BYTES: usize = 4096;

/// How many characters follow the prefix of a legacy token.
const LEGACY_CHARS: usize = 20;

/// The form of a token's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form<'a> {
    /// Prefix, random body with a payload, checksum
    /// (spec/token-information-api.md section 3).
    Routable {
        /// The prefix it starts with.
        prefix: &'a Prefix,
        /// What it says about itself.
        payload: Payload,
    },
    /// Prefix and 20 random characters, without a checksum: the form of tokens
    /// that are older or have nothing to be routed by.
    Legacy {
        /// The prefix it starts with.
        prefix: &'a Prefix,
    },
    /// Prefix and a signed statement, laid out as RFC 7515 section 7.1 has it.
    /// Whether the signature is right is not looked at: the ledger knows.
    Signed {
        /// The prefix it starts with.
        prefix: &'a Prefix,
    },
}

impl<'a> Form<'a> {
    /// The prefix the text starts with.
    #[must_use]
    pub const fn prefix(&self) -> &'a Prefix {
        match self {
            Self::Routable { prefix, .. } | Self::Legacy { prefix } | Self::Signed { prefix } => {
                prefix
            }
        }
    }
}

/// Why a text is no token of this instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Unrecognised {
    /// It has more than [`MAX_TEXT_BYTES`] bytes.
    #[error("a token has at most {MAX_TEXT_BYTES} bytes")]
    TooLong,
    /// It starts with no prefix that this instance has ever used.
    #[error("the text starts with no known token prefix")]
    UnknownPrefix,
    /// It starts like a token, but the rest is of no form, or its checksum
    /// is wrong.
    #[error("the text starts like a token and is malformed")]
    Malformed,
}

/// Recognises the form of `text`, whether or not such a token was ever issued.
///
/// Prefixes may be one another's beginnings. That leaves no doubt here, because
/// in every form it is settled where the prefix ends, so a text has one at most.
///
/// # Errors
///
/// [`Unrecognised`] when it can't be a token under any prefix of `known`.
pub fn recognise<'p>(text: &str, known: &'p Prefixes) -> Result<Form<'p>, Unrecognised> {
    if text.len() > MAX_TEXT_BYTES {
        return Err(Unrecognised::TooLong);
    }
    routable(text, known)
        .or_else(|| legacy(text, known))
        .or_else(|| signed(text, known))
        .ok_or_else(|| reason(text, known))
}

fn routable<'p>(text: &str, known: &'p Prefixes) -> Option<Form<'p>> {
    let routable = decode(text).ok()?;
    let prefix = known.get(routable.prefix)?;
    Some(Form::Routable {
        prefix,
        payload: routable.payload,
    })
}

fn legacy<'p>(text: &str, known: &'p Prefixes) -> Option<Form<'p>> {
    let (prefix, body) = text.split_at_checked(text.len().checked_sub(LEGACY_CHARS)?)?;
    let prefix = known.get(prefix)?;
    body.bytes()
        .all(is_plain)
        .then_some(Form::Legacy { prefix })
}

fn signed<'p>(text: &str, known: &'p Prefixes) -> Option<Form<'p>> {
    let prefix = known.get(signed::prefix_of(text)?)?;
    Some(Form::Signed { prefix })
}

/// Why a text of no form is refused.
fn reason(text: &str, known: &Prefixes) -> Unrecognised {
    match known.find(text) {
        Some(_) => Unrecognised::Malformed,
        None => Unrecognised::UnknownPrefix,
    }
}
