//! Who asks, and what they may see and do.

use std::sync::Arc;

use tokenry_domain::{
    Kind, Reason, Scopes, Token, TokenId, User, UserId,
    access::Need,
    audit::{Actor, Origin},
    kind::{Descriptor, KINDS, Keepers, Opens},
    token::Card,
};

use crate::{Error, Refusal, once::Once};

/// Who asks. Only authentication and the console make one.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The user acted as; none on the server's own console.
    user: Option<Arc<User>>,
    /// The token presented; none on the server's own console.
    token: Option<Card>,
    /// The administrator behind a `sudo`.
    on_behalf: Option<UserId>,
    /// Whether administrator's rights are in force.
    admin: bool,
    /// Where the request came from.
    origin: Origin,
    /// Why this is asked, if anybody said.
    reason: Option<Reason>,
    /// The request, if it is to be done once.
    once: Option<Once>,
}

impl Caller {
    /// Whoever sits at the server's own machine: may do everything.
    #[must_use]
    pub const fn console(origin: Origin) -> Self {
        Self {
            user: None,
            token: None,
            on_behalf: None,
            admin: true,
            origin,
            reason: None,
            once: None,
        }
    }

    pub(crate) const fn bearer(user: Arc<User>, token: Card, admin: bool, origin: Origin) -> Self {
        Self {
            user: Some(user),
            token: Some(token),
            on_behalf: None,
            admin,
            origin,
            reason: None,
            once: None,
        }
    }

    /// Whoever just showed a user's password.
    pub(crate) const fn signing_in(user: Arc<User>, origin: Origin) -> Self {
        Self {
            user: Some(user),
            token: None,
            on_behalf: None,
            admin: false,
            origin,
            reason: None,
            once: None,
        }
    }

    /// A holder that showed its own token: acts as nobody.
    pub(crate) const fn holder(token: Card, origin: Origin) -> Self {
        Self {
            user: None,
            token: Some(token),
            on_behalf: None,
            admin: false,
            origin,
            reason: None,
            once: None,
        }
    }

    /// The token of a caller that acts as nobody but itself.
    pub(crate) fn own_token(&self) -> Option<TokenId> {
        let token = self.token.as_ref().filter(|_| self.user.is_none());
        token.map(|token| token.id)
    }

    /// The same request as another user, `admin` telling that user's rights.
    pub(crate) fn acting_as(self, user: Arc<User>, admin: bool) -> Self {
        let on_behalf = self.user.map(|administrator| administrator.id);
        Self {
            user: Some(user),
            on_behalf,
            admin,
            ..self
        }
    }

    /// The same, for a reason: the trail and the tombstones of what is changed
    /// repeat it.
    #[must_use]
    pub fn because(self, reason: Option<Reason>) -> Self {
        Self { reason, ..self }
    }

    /// Why this is asked, if anybody said.
    #[must_use]
    pub const fn reason(&self) -> Option<&Reason> {
        self.reason.as_ref()
    }

    /// The same, for a request that is done once: the token that it makes keeps
    /// the answer.
    pub(crate) fn once(self, once: Once) -> Self {
        Self {
            once: Some(once),
            ..self
        }
    }

    /// The request, if it is to be done once.
    pub(crate) const fn asks_once(&self) -> Option<&Once> {
        self.once.as_ref()
    }

    /// Who takes the further steps of what this caller was allowed to begin:
    /// the server, since the first may have taken the caller's own rights away.
    pub(crate) fn to_go_on(&self) -> Self {
        Self {
            reason: self.reason.clone(),
            ..Self::console(self.origin.clone())
        }
    }

    /// The user acted as; none on the server's own console.
    #[must_use]
    pub fn user(&self) -> Option<&User> {
        self.user.as_deref()
    }

    /// The token presented; none on the server's own console.
    #[must_use]
    pub const fn token(&self) -> Option<&Card> {
        self.token.as_ref()
    }

    /// The scopes of the token presented.
    #[must_use]
    pub fn scopes(&self) -> Scopes {
        self.token
            .as_ref()
            .map_or(Scopes::NONE, |token| token.scopes)
    }

    /// Whether administrator's rights are in force: the user is one and, in
    /// admin mode, the token says so too.
    #[must_use]
    pub const fn is_admin(&self) -> bool {
        self.admin
    }

    /// Where the request came from.
    #[must_use]
    pub const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Who the audit trail says did it.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor {
            user: self.user.as_ref().map(|user| user.id),
            token: self.token.as_ref().map(|token| token.id),
            on_behalf: self.on_behalf,
        }
    }

    /// Refuses everybody but administrators.
    ///
    /// # Errors
    /// [`Error::AdminOnly`].
    pub const fn require_admin(&self) -> Result<(), Error> {
        if self.admin {
            Ok(())
        } else {
            Err(Error::AdminOnly)
        }
    }

    /// Refuses a token whose scopes don't meet the need. The console needs none.
    ///
    /// # Errors
    /// [`Refusal::Scope`].
    pub fn require_scope(&self, need: Need) -> Result<(), Error> {
        if self.token.is_none() || need.met_by(self.scopes()) {
            Ok(())
        } else {
            Err(Refusal::Scope(need).into())
        }
    }

    /// Whether the caller is this user.
    #[must_use]
    pub fn is(&self, user: UserId) -> bool {
        self.user.as_ref().is_some_and(|own| own.id == user)
    }

    /// Whether the caller presented this very token.
    #[must_use]
    pub fn presents(&self, token: TokenId) -> bool {
        self.token.as_ref().is_some_and(|own| own.id == token)
    }

    /// Whether a token may be shown to the caller.
    #[must_use]
    pub fn may_see(&self, token: &Token) -> bool {
        self.admin || self.keeps(token)
    }

    /// Whether the caller may rotate, revoke or delete a token.
    #[must_use]
    pub fn may_manage(&self, token: &Token) -> bool {
        self.admin || self.presents(token.id) || self.keeps(token)
    }

    /// Whether a token is the caller's own to see and to end. One that acts as
    /// nobody isn't, though the caller may have issued it.
    fn keeps(&self, token: &Token) -> bool {
        is_the_owners(token.kind.descriptor()) && self.is(token.owner)
    }

    /// The kinds of which the caller keeps what is their own.
    #[must_use]
    pub fn own_kinds() -> Vec<Kind> {
        let lines = KINDS.iter().filter(|line| is_the_owners(line));
        lines.map(|line| line.kind).collect()
    }

    /// The kinds that appear in the caller's lists of access tokens.
    #[must_use]
    pub fn visible_kinds(&self) -> Vec<Kind> {
        KINDS
            .iter()
            .filter(|line| line.opens == Opens::Api)
            .filter(|line| self.admin || line.keepers != Keepers::Nobody)
            .map(|line| line.kind)
            .collect()
    }
}

/// Whether tokens of a kind are their owner's to see and to end.
fn is_the_owners(line: &Descriptor) -> bool {
    match line.keepers {
        Keepers::Nobody => false,
        Keepers::Owner => true,
        Keepers::Members { .. } => line.opens == Opens::Api,
    }
}
