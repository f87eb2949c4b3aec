//! A holder that shows who it is, with its token.

use tokenry_domain::{
    State, Subject, Token,
    audit::Origin,
    holder::{Holder, HolderKind},
    token::Card,
};
use tokenry_store::{holders, tokens};

use crate::{Authority, Caller, Error, Refusal};

/// A holder that showed its token.
#[derive(Debug, Clone)]
pub struct Presented {
    /// Who it is.
    pub holder: Holder,
    /// The token it showed.
    pub token: Token,
}

impl Presented {
    /// The holder as a caller, who manages itself and nothing else.
    #[must_use]
    pub fn caller(&self, origin: Origin) -> Caller {
        Caller::holder(Card::from(self.token.clone()), origin)
    }
}

impl Authority {
    /// The holder of this kind whose token has this text. That counts as a use
    /// of the token.
    ///
    /// # Errors
    /// [`Refusal::Unknown`], also for a text that is another thing's,
    /// [`Refusal::Expired`], [`Refusal::Revoked`],
    /// [`Refusal::TooManyGuesses`], or a fault of ours.
    pub async fn present_holder(
        &self,
        kind: HolderKind,
        text: &str,
        origin: &Origin,
    ) -> Result<Presented, Error> {
        let (digest, card) = self.find_presented(text, origin).await?;
        let mut conn = self.store.read().await?;
        let token = tokens::by_id(&mut conn, card.id).await?;
        let token = token.ok_or(Refusal::Unknown)?;
        let holder = match token.subject {
            Some(Subject::Holder(id)) => holders::by_id(&mut conn, id).await?,
            _ => None,
        };
        let own =
            |holder: &Holder| holder.kind() == kind && holder.details.token_kind() == token.kind;
        let holder = holder.filter(own).ok_or(Refusal::Unknown)?;
        // What memory says of a revocation is never behind.
        let now = self.now();
        match State::of(card.revoked, token.life.expires_at, now) {
            State::Active => {}
            State::Expired => return Err(Refusal::Expired.into()),
            State::Revoked => return Err(Refusal::Revoked.into()),
        }
        self.note_use(digest, &card, origin.address, now);
        Ok(Presented { holder, token })
    }
}
