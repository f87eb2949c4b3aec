//! The text of an access token: how it is written, recognised and remembered.
//!
//! A token's life starts here with [`mint`], and every later request that
//! carries it passes [`recognise`], which refuses what can't be a token before
//! anyone asks a database. What is kept of a token is its [`Digest`], made from
//! its [`Fingerprint`] under a [`DigestKey`], and a [`Hint`] for human eyes.
//!
//! Nothing here does I/O, reads a clock or makes randomness: random bytes are
//! arguments.
//!
//! ```
//! use tokenry_token::{Form, Payload, Prefix, Prefixes, mint, recognise};
//!
//! let prefix = Prefix::new("glpat-")?;
//! let payload = Payload { organization: Some(1), user: Some(70), ..Payload::default() };
//! let token = mint(&prefix, &payload, &[7; 16]); // from the system's generator, in earnest
//!
//! let known = Prefixes::new([prefix]);
//! let form = recognise(token.reveal(), &known)?;
//! assert!(matches!(form, Form::Routable { payload: found, .. } if found == payload));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![deny(missing_docs)]

mod base36;
mod cursor;
mod digest;
mod form;
mod hint;
mod key;
mod payload;
mod prefix;
mod routable;
mod seal;
mod session;
mod signed;
mod text;

pub use digest::{BadDigest, BadFingerprint, Digest, Fingerprint};
pub use form::{Form, MAX_TEXT_BYTES, Unrecognised, recognise};
pub use hint::Hint;
pub use key::{DigestKey, KeyId, KeyRing};
pub use payload::Payload;
pub use prefix::{BadPrefix, Prefix, Prefixes};
pub use routable::{NotRoutable, Routable, decode, has_valid_checksum, mint};
pub use seal::{Sealed, Unsealable};
pub use session::{SESSION_COOKIE, as_issued, page_proof, proves, session_text, session_value};
pub use signed::{VerifyingKey, mint_signed};
pub use text::TokenText;
