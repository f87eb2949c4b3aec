//! From a token's text to a caller, without the database when memory is warm.

use std::{net::IpAddr, sync::Arc};

use jiff::Timestamp;
use tokenry_domain::{
    Kind, Scope, User, UserId,
    access::{Door, Need},
    audit::Origin,
    kind::Opens,
    token::Card,
};
use tokenry_store::{tokens, users};
use tokenry_token::{Digest, Fingerprint, Unrecognised, recognise};

use crate::{
    Authority, Caller, Error, Refusal, Thing,
    index::{Found, Ticket},
};

impl Authority {
    /// Lets the bearer of a token in, if the token meets the need. The checks
    /// and their order are those of spec/rest.md section 1.4.
    ///
    /// # Errors
    /// [`Error::Refused`] with the first check that fails.
    pub async fn authenticate(
        &self,
        text: &str,
        need: Need,
        origin: Origin,
    ) -> Result<Caller, Error> {
        self.authenticate_at(Door::Api, text, need, origin).await
    }

    /// As [`Authority::authenticate`], for a token that is presented elsewhere.
    /// A job token has no scopes: what it opens are the routes that take it.
    ///
    /// # Errors
    /// [`Error::Refused`] with the first check that fails.
    pub async fn authenticate_at(
        &self,
        door: Door,
        text: &str,
        need: Need,
        origin: Origin,
    ) -> Result<Caller, Error> {
        let (digest, card) = self.find_presented(text, &origin).await?;
        self.admit(door, digest, card, need, origin)
    }

    /// As [`Authority::authenticate`], on a route that rotates: a revoked
    /// token that is presented there was stolen or lost, so all of its family
    /// is revoked (spec/rest.md section 2.9). Unless it is the request that
    /// rotated it, sent again: `key` is what its client calls it, if anything.
    ///
    /// # Errors
    /// [`Error::Refused`] with the first check that fails.
    pub async fn authenticate_to_rotate(
        &self,
        text: &str,
        need: Need,
        key: Option<&str>,
        origin: Origin,
    ) -> Result<Caller, Error> {
        let (digest, card) = self.find_presented(text, &origin).await?;
        let taken = Door::Api.takes(card.kind.descriptor().opens, need);
        if taken && card.revoked && !card.has_expired(self.now()) {
            let repeated = match key {
                Some(key) => self.was_rotated_by(card.owner, key, card.id).await?,
                None => false,
            };
            if !repeated {
                self.revoke_family(card.id, origin.clone()).await?;
            }
        }
        self.admit(Door::Api, digest, card, need, origin)
    }

    fn admit(
        &self,
        door: Door,
        digest: Digest,
        card: Card,
        need: Need,
        origin: Origin,
    ) -> Result<Caller, Error> {
        let opens = card.kind.descriptor().opens;
        if self.is_switched_off(opens) {
            return Err(Refusal::Unknown.into());
        }
        if !door.takes(opens, need) {
            return Err(match opens {
                Opens::ApiByOauth if door.takes(Opens::Api, need) => Refusal::NotPersonal(need),
                _ => Refusal::Unknown,
            }
            .into());
        }
        let now = self.now();
        require_works(&card, now)?;
        if opens != Opens::Job && !need.met_by(card.scopes) {
            return Err(Refusal::Scope(need).into());
        }
        if card.kind == Kind::Impersonation && !self.options.impersonation {
            return Err(Refusal::ImpersonationDisabled.into());
        }
        // A token whose owner is being removed is as good as gone.
        let user = self.directory.get(card.owner).ok_or(Refusal::Unknown)?;
        require_active(&user)?;
        self.note_use(digest, &card, origin.address, now);
        let admin = self.has_admin_rights(&user, &card);
        Ok(Caller::bearer(user, card, admin, origin))
    }

    /// Notes that a token was used, if that is news.
    pub(crate) fn note_use(
        &self,
        digest: Digest,
        card: &Card,
        address: Option<IpAddr>,
        now: Timestamp,
    ) {
        if card.last_use.is_news(now, address)
            && let Some(last) = self.index.record_use(digest, now, address)
        {
            self.last_used.gather(card.id, last);
        }
    }

    /// The same request as another user, for administrators
    /// (spec/rest.md section 1.9). `who` is an id or a username.
    ///
    /// # Errors
    /// [`Error::AdminOnly`], [`Refusal::Scope`], or [`Error::NotFound`].
    pub async fn sudo(&self, caller: Caller, who: &str) -> Result<Caller, Error> {
        caller.require_admin()?;
        if !Need::Sudo.met_by(caller.scopes()) {
            return Err(Refusal::Scope(Need::Sudo).into());
        }
        let user = match who.parse().ok().and_then(UserId::new) {
            Some(id) => self.directory.get(id),
            None => users::by_username(&mut self.store.read().await?, who)
                .await?
                .map(Arc::new),
        };
        let user = user.ok_or(Error::NotFound(Thing::User))?;
        require_active(&user)?;
        let admin = user.admin;
        Ok(caller.acting_as(user, admin))
    }

    pub(crate) fn has_admin_rights(&self, user: &User, card: &Card) -> bool {
        let said_so = !self.settings.load().admin_mode || card.scopes.has(Scope::AdminMode);
        user.admin && said_so && card.kind.descriptor().opens != Opens::Job
    }

    /// Whether the settings refuse all tokens of this sort. Browsers stay
    /// signed in: somebody must be able to change that again.
    pub(crate) fn is_switched_off(&self, opens: Opens) -> bool {
        matches!(opens, Opens::Api | Opens::ApiByOauth)
            && self.settings.load().disable_personal_access_tokens
    }

    pub(crate) async fn find_presented(
        &self,
        text: &str,
        origin: &Origin,
    ) -> Result<(Digest, Card), Error> {
        if recognise(text, &self.prefixes.load()).is_err() {
            return Err(Refusal::Unknown.into());
        }
        match self.find_by_text(text, Some(origin)).await? {
            Some(found) => Ok(found),
            None => Err(Refusal::Unknown.into()),
        }
    }

    /// The token with this text, from memory, or else from the database.
    /// Unknown texts count as guesses where an origin is given.
    pub(crate) async fn find_by_text(
        &self,
        text: &str,
        guessing: Option<&Origin>,
    ) -> Result<Option<(Digest, Card)>, Error> {
        let fingerprint = Fingerprint::of(text);
        let keys = self.keys.load();
        let mut unsure = Vec::new();
        for (_, digest) in keys.digests(&fingerprint) {
            match self.index.find(digest) {
                Found::Token(card) => return Ok(Some((digest, card))),
                Found::Nothing => {}
                Found::Unsure(ticket) => unsure.push((ticket, digest)),
            }
        }
        self.check_guesses(guessing)?;
        if !unsure.is_empty() {
            // In a box: a check that doesn't ask the database shouldn't carry
            // the room for its answer about, which is 4 kB.
            let read = Box::pin(self.find_in_database(unsure)).await?;
            if read.is_some() {
                return Ok(read);
            }
        }
        if let Some(origin) = guessing {
            self.guesses.count(origin.address, self.now());
        }
        Ok(None)
    }

    /// The token with one of these digests, put into the index for the next time.
    async fn find_in_database(
        &self,
        unsure: Vec<(Ticket, Digest)>,
    ) -> Result<Option<(Digest, Card)>, Error> {
        for (ticket, digest) in unsure {
            let mut conn = self.store.read().await?;
            if let Some(mut token) = tokens::by_digest(&mut conn, digest).await? {
                self.last_used.complete(&mut token);
                let card = Card::from(token);
                self.index.fill(ticket, digest, card.clone());
                return Ok(Some((digest, card)));
            }
        }
        Ok(None)
    }

    fn check_guesses(&self, guessing: Option<&Origin>) -> Result<(), Error> {
        let Some(origin) = guessing else {
            return Ok(());
        };
        self.guesses
            .check(origin.address, self.now())
            .map_err(|seconds| Refusal::TooManyGuesses { seconds }.into())
    }

    /// Whether a text could be a token of this instance, as far as its form tells.
    pub(crate) fn recognise(&self, text: &str) -> Result<(), Error> {
        match recognise(text, &self.prefixes.load()) {
            Ok(_) => Ok(()),
            Err(Unrecognised::UnknownPrefix) => Err(Error::NoKnownPrefix),
            Err(Unrecognised::TooLong) if self.prefixes.load().find(text).is_none() => {
                Err(Error::NoKnownPrefix)
            }
            Err(_) => Err(Error::NotFound(Thing::Token)),
        }
    }
}

/// Refuses a token that expired or was revoked.
pub(crate) fn require_works(card: &Card, now: Timestamp) -> Result<(), Refusal> {
    if card.has_expired(now) {
        Err(Refusal::Expired)
    } else if card.revoked {
        Err(Refusal::Revoked)
    } else {
        Ok(())
    }
}

/// Refuses a user who was blocked, banned or deactivated.
pub(crate) fn require_active(user: &User) -> Result<(), Refusal> {
    if user.is_active() {
        Ok(())
    } else {
        Err(Refusal::Account(user.state))
    }
}
