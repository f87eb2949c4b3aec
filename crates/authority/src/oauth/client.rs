//! Which application asks (RFC 6749 section 2.3).

use std::sync::Arc;

use tokenry_domain::{
    User,
    audit::Origin,
    holder::{Application, Details, Holder, HolderKind},
    token::Card,
};
use tokenry_token::TokenText;

use crate::{Authority, Caller, Error, Refusal, holders::Presented};

/// What an application shows.
#[derive(Debug)]
pub struct Credentials {
    /// What it calls itself.
    pub id: String,
    /// Its secret.
    pub secret: TokenText,
}

/// An application that showed its secret.
#[derive(Debug, Clone)]
pub struct Client {
    pub(super) shown: Presented,
    pub(super) application: Application,
    pub(super) origin: Origin,
}

impl Authority {
    /// The application that shows these credentials. The secret is found by
    /// its digest, so how long that takes tells nothing of it; what an
    /// application calls itself is no secret.
    ///
    /// # Errors
    /// [`Error::Refused`] if there is no such application, or a fault of ours.
    pub async fn oauth_client(
        &self,
        credentials: &Credentials,
        origin: Origin,
    ) -> Result<Client, Error> {
        let kind = HolderKind::Application;
        let shown = self
            .present_holder(kind, credentials.secret.reveal(), &origin)
            .await?;
        match shown.holder.details.clone() {
            Details::Application(application) if application.uid == credentials.id => Ok(Client {
                shown,
                application,
                origin,
            }),
            _ => Err(Refusal::Unknown.into()),
        }
    }

    /// The user that an application acts as: the one it belongs to, and for
    /// one of the instance, the administrator who made it.
    pub(super) fn acted_as(
        &self,
        application: &Application,
        holder: &Holder,
    ) -> Result<Arc<User>, Error> {
        let user = application.owner.unwrap_or(holder.creator);
        let user = self.directory.get(user).ok_or(Refusal::Unknown)?;
        if user.is_active() {
            Ok(user)
        } else {
            Err(Refusal::Account(user.state).into())
        }
    }

    /// An application as a caller: its user, by way of its secret, without an
    /// administrator's rights.
    pub(super) fn caller_of(&self, client: &Client) -> Result<Caller, Error> {
        let user = self.acted_as(&client.application, &client.shown.holder)?;
        let card = Card::from(client.shown.token.clone());
        Ok(Caller::bearer(user, card, false, client.origin.clone()))
    }
}
