//! What a token is, for services that are shown one (RFC 7662).

use std::sync::Arc;

use tokenry_domain::{
    Kind, State, Subject, Token, User,
    holder::Details,
    kind::{Keepers, Opens},
    token::Card,
};
use tokenry_store::{holders, tokens};

use super::Client;
use crate::{Authority, Caller, Error};

/// Who asks what a token is.
#[derive(Debug, Clone)]
pub enum Asking {
    /// An application, which was shown the token: that counts as a use.
    Client(Box<Client>),
    /// An administrator, who looks: that doesn't.
    Administrator(Box<Caller>),
}

/// A token that works.
#[derive(Debug, Clone)]
pub struct Introspected {
    /// The token.
    pub card: Card,
    /// The user it acts as, if it acts as one.
    pub user: Option<Arc<User>>,
    /// What the application calls itself that it was given to.
    pub client_id: Option<String>,
}

impl Authority {
    /// What a token is, whatever its kind, if it works. Applications of the
    /// instance may ask for any, a user's for those that they got themselves.
    ///
    /// # Errors
    /// [`Error::AdminOnly`], [`Error::Refused`] after too many guesses, or a
    /// fault of ours.
    pub async fn introspect(
        &self,
        asking: &Asking,
        text: &str,
    ) -> Result<Option<Introspected>, Error> {
        let origin = match asking {
            Asking::Client(client) => Some(&client.origin),
            Asking::Administrator(caller) => {
                caller.require_admin()?;
                None
            }
        };
        if self.recognise(text).is_err() {
            return Ok(None);
        }
        let Some((digest, card)) = self.find_by_text(text, origin).await? else {
            return Ok(None);
        };
        let token = tokens::by_id(&mut self.store.read().await?, card.id).await?;
        let Some(token) = token.filter(|token| may_ask(asking, token)) else {
            return Ok(None);
        };
        let user = self.user_of(&card);
        if !self.works(&card, user.as_deref()) {
            return Ok(None);
        }
        if let Asking::Client(_) = asking {
            // The address is the service's, not that of whoever used it.
            self.note_use(digest, &card, None, self.now());
        }
        let client_id = self.client_id(&token).await?;
        Ok(Some(Introspected {
            card,
            user,
            client_id,
        }))
    }

    /// The user that a token acts as, if it acts as one.
    fn user_of(&self, card: &Card) -> Option<Arc<User>> {
        if acts_as_nobody(card.kind) {
            None
        } else {
            self.directory.get(card.owner)
        }
    }

    /// Whether a token works. What acts as nobody doesn't depend on whoever
    /// issued it.
    fn works(&self, card: &Card, user: Option<&User>) -> bool {
        let switched_off = self.is_switched_off(card.kind.descriptor().opens)
            || card.kind == Kind::Impersonation && !self.options.impersonation;
        let let_in = acts_as_nobody(card.kind) || user.is_some_and(User::is_active);
        card.state(self.now()) == State::Active && !switched_off && let_in
    }

    async fn client_id(&self, token: &Token) -> Result<Option<String>, Error> {
        let Some(Subject::Holder(id)) = token.subject else {
            return Ok(None);
        };
        let holder = holders::by_id(&mut self.store.read().await?, id).await?;
        Ok(holder.and_then(|holder| match holder.details {
            Details::Application(application) => Some(application.uid),
            _ => None,
        }))
    }
}

fn acts_as_nobody(kind: Kind) -> bool {
    let line = kind.descriptor();
    line.opens == Opens::Elsewhere && line.keepers != Keepers::Owner
}

fn may_ask(asking: &Asking, token: &Token) -> bool {
    match asking {
        Asking::Administrator(_) => true,
        Asking::Client(client) => {
            let own = token.subject == Some(Subject::Holder(client.shown.holder.id));
            own || client.application.owner.is_none()
        }
    }
}
