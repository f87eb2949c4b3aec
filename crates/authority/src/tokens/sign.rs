//! Signed texts, and what is kept of them.

use std::sync::Arc;

use serde_json::Value;
use tokenry_domain::Kind;
use tokenry_store::tokens::Mark;
use tokenry_token::{KeyRing, Prefix, TokenText, mint_signed};

use super::Kept;
use crate::{Authority, Caller, Error, once::Keeping};

/// Writes the signed text of one token where the authority isn't at hand: in
/// the transaction that first knows the ids which a text states.
pub(crate) struct Signer {
    prefix: Prefix,
    keys: Arc<KeyRing>,
    keeping: Option<Keeping>,
}

impl Authority {
    /// What writes a signed text of a kind for this caller.
    pub(crate) fn signer(&self, caller: &Caller, kind: Kind) -> Result<Signer, Error> {
        Ok(Signer {
            prefix: self.settings().prefix(kind),
            keys: self.keys.load_full(),
            keeping: self.keeping(caller)?,
        })
    }
}

impl Signer {
    /// The text that states these claims, and what is kept of it.
    pub(crate) fn sign(self, claims: &Value) -> (TokenText, Kept) {
        let text = mint_signed(&self.prefix, &self.keys, &claims.to_string());
        let key = self.keys.current();
        let mark = Mark {
            digest: key.digest(&text.fingerprint()),
            key: key.id(),
            hint: text.hint(self.prefix.as_str()),
        };
        let answer = self.keeping.map(|keeping| keeping.of(&text));
        (text, Kept::unsealed(mark).answering(answer))
    }
}
