//! Texts of tokens that are shown again, from their sealed copies.

use tokenry_domain::{Token, access::Need};
use tokenry_store::sealed_copies;
use tokenry_token::TokenText;

use crate::{Authority, Caller, Error};

/// How many characters of a text are shown to whom it doesn't belong
/// (spec/rest.md section 3.9).
const SHOWN: usize = 4;

impl Authority {
    /// What the caller is shown of the texts of these tokens, in their order.
    /// The owner sees all of it, if the token presented may make changes, since
    /// the text may be good for some; others see how it begins after the
    /// prefix. Nothing is left of a token that was revoked.
    ///
    /// # Errors
    /// [`Error::Unsealable`] for a copy whose key is gone, or another fault of
    /// ours.
    pub async fn reveal_tokens(
        &self,
        caller: &Caller,
        tokens: &[Token],
    ) -> Result<Vec<Option<TokenText>>, Error> {
        let ids = tokens.iter().map(|token| token.id);
        let copies = sealed_copies::of(&mut self.store.read().await?, ids).await?;
        let keys = self.keys.load();
        let may_use = caller.require_scope(Need::Write).is_ok();
        let shown = tokens.iter().map(|token| {
            let Some(sealed) = copies.get(&token.id) else {
                return Ok(None);
            };
            let text = keys.open(sealed, token.digest)?;
            let whole = may_use && caller.is(token.owner);
            Ok(Some(if whole {
                text
            } else {
                self.beginning(text.reveal())
            }))
        });
        shown.collect()
    }

    /// The first characters of a text after its prefix.
    #[must_use]
    pub fn beginning(&self, text: &str) -> TokenText {
        let prefixes = self.prefixes.load();
        let prefix = prefixes.find(text).map_or("", |prefix| prefix.as_str());
        let body = text.strip_prefix(prefix).unwrap_or_default();
        TokenText::new(body.chars().take(SHOWN).collect())
    }
}
