//! An access token for an application's secret (RFC 6749 section 4.4).

use tokenry_domain::{
    IfExists, Invalid, Kind, Scopes,
    application::ACCESS_SECONDS,
    expiry::{self, Expires},
};

use super::Client;
use crate::{
    Authority, Error,
    tokens::{Issued, Wanted},
};

impl Authority {
    /// Issues an access token to an application. It acts as the application's
    /// user, within the application's scopes, for two hours. Where no scopes
    /// are asked for, it gets all of them.
    ///
    /// # Errors
    /// [`Error::NotPermitted`] for an application that isn't confidential,
    /// [`Error::Invalid`] for scopes that the application hasn't,
    /// [`Error::Refused`] if its user may not use the API, or a fault of ours.
    pub async fn grant_to_client(
        &self,
        client: &Client,
        scopes: Option<Scopes>,
    ) -> Result<Issued, Error> {
        if !client.application.confidential {
            // Such a client can't keep its secret (RFC 6749 section 4.4).
            return Err(Error::NotPermitted(
                "have a token by a public client's secret",
            ));
        }
        let holder = &client.shown.holder;
        let own = client.application.scopes();
        let scopes = scopes.filter(|asked| !asked.is_empty()).unwrap_or(own);
        if !scopes.within(own) {
            return Err(Invalid::field("scope", "is more than the application has").into());
        }
        let caller = self.caller_of(client)?;
        let owner = self.acted_as(&client.application, holder)?.id;
        let wanted = Wanted {
            kind: Kind::OauthAccess,
            owner,
            subject: Some(holder.id.into()),
            name: holder.name.clone(),
            description: None,
            scopes,
            expires: Expires::At(Some(expiry::after(self.now(), ACCESS_SECONDS))),
            if_exists: IfExists::Add,
        };
        self.issue(&caller, wanted).await
    }
}
