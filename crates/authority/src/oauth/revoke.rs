//! The end of an application's access token (RFC 7009).

use tokenry_domain::{Kind, Subject};
use tokenry_store::tokens;

use super::Client;
use crate::{Authority, Error};

impl Authority {
    /// Revokes an access token that an application got. A text that is nobody's
    /// is as good as revoked.
    ///
    /// # Errors
    /// [`Error::NotPermitted`] for what isn't this application's access token,
    /// [`Error::Refused`], or a fault of ours.
    pub async fn revoke_for_client(&self, client: &Client, text: &str) -> Result<(), Error> {
        let Some(token) = self.found_by_client(client, text).await? else {
            return Ok(());
        };
        let own = token.subject == Some(Subject::Holder(client.shown.holder.id));
        if !own || token.kind != Kind::OauthAccess {
            return Err(Error::NotPermitted("revoke this token"));
        }
        let caller = self.caller_of(client)?;
        self.revoke_token(&caller, token.id).await
    }

    async fn found_by_client(
        &self,
        client: &Client,
        text: &str,
    ) -> Result<Option<tokenry_domain::Token>, Error> {
        if self.recognise(text).is_err() {
            return Ok(None);
        }
        let found = self.find_by_text(text, Some(&client.origin)).await?;
        let Some((_, card)) = found else {
            return Ok(None);
        };
        Ok(tokens::by_id(&mut self.store.read().await?, card.id).await?)
    }
}
