//! Browsers that are signed in. A session is a token like any other, whose text
//! a cookie carries.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;
use tokenry_domain::{
    IfExists, Kind, Password, Scopes, States, Token, TokenId, User, UserId,
    access::{Door, Need},
    audit::Origin,
    expiry::{self, Expires},
    page::{Page, Window},
    token_filter::{TokenFilter, TokenOrder},
};
use tokenry_store::{
    Conn, StoreError, tokens,
    unrevoked::{self, Whose},
    users,
};
use tokenry_token::{page_proof, proves, session_text, session_value};

use crate::{
    Authority, Caller, Error, Refusal, Thing,
    tokens::{Issued, Wanted},
};

/// The name of the cookie that carries a session.
pub use tokenry_token::SESSION_COOKIE as COOKIE;

/// How long a session lasts, in seconds: a week.
pub const LIFETIME: i64 = 7 * 86_400;

/// The most characters kept of what a browser says it is.
const MOST_OF_AGENT: usize = 255;

/// What is asked for by whoever signs in.
#[derive(Debug)]
pub struct SignIn {
    /// The username or the e-mail address.
    pub login: String,
    /// The password.
    pub password: Password,
    /// What the browser says it is.
    pub agent: Option<String>,
}

/// A new session.
#[derive(Debug)]
pub struct SignedIn {
    /// Who signed in.
    pub user: Arc<User>,
    issued: Issued,
}

impl SignedIn {
    /// The value of the cookie.
    #[must_use]
    pub fn cookie(&self) -> &str {
        session_value(self.issued.text.reveal())
    }

    /// What a page sends along with changes.
    #[must_use]
    pub fn proof(&self) -> String {
        page_proof(self.issued.text.reveal())
    }

    /// The session's row.
    #[must_use]
    pub const fn token(&self) -> &Token {
        &self.issued.token
    }
}

/// A session as a request presents it.
#[derive(Clone, Copy)]
pub struct Presented<'r> {
    /// The value of the cookie.
    pub cookie: &'r str,
    /// What the page sent along.
    pub proof: Option<&'r str>,
    /// Whether the request may change something, and so takes the proof.
    pub changes: bool,
}

impl std::fmt::Debug for Presented<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Presented").finish_non_exhaustive()
    }
}

impl Authority {
    /// Begins a session for whoever knows a user's password. An unknown user
    /// and a wrong password are refused alike, and after the same time.
    ///
    /// # Errors
    /// [`Refusal::WrongPassword`], [`Refusal::TooManyGuesses`],
    /// [`Refusal::Account`] for a user who may not use the API, or a fault of
    /// ours.
    pub async fn sign_in(&self, wanted: SignIn, origin: Origin) -> Result<SignedIn, Error> {
        let password = wanted.password;
        let user = self.check_password(&wanted.login, password, &origin);
        let user = user.await?;
        // While a user is being changed, nobody signs in by what was before.
        let turn = self.turn().await;
        let user = self.same_password(user, &wanted.login).await?;
        if !user.is_active() {
            return Err(Refusal::Account(user.state).into());
        }
        let session = Wanted {
            kind: Kind::Session,
            owner: user.id,
            subject: None,
            name: "browser session".to_owned(),
            description: wanted.agent.as_deref().map(readable),
            scopes: Scopes::SESSION,
            expires: Expires::At(Some(expiry::after(self.now(), LIFETIME))),
            if_exists: IfExists::Add,
        };
        let caller = Caller::signing_in(user.clone(), origin);
        let issued = self.issue(&caller, session).await?;
        drop(turn);
        Ok(SignedIn { user, issued })
    }

    /// Lets a browser in by its cookie. Changes take what only a page that was
    /// served to the session's user can know: a browser sends its cookie along
    /// with whatever another site makes it ask for.
    ///
    /// # Errors
    /// [`Error::Refused`] with the first check that fails.
    pub async fn authenticate_session(
        &self,
        presented: Presented<'_>,
        need: Need,
        origin: Origin,
    ) -> Result<Caller, Error> {
        let text = session_text(presented.cookie);
        let proven = presented.proof.is_some_and(|proof| proves(&text, proof));
        if presented.changes && !proven {
            return Err(Refusal::Missing.into());
        }
        self.authenticate_at(Door::Browser, &text, need, origin)
            .await
    }

    /// One window of the caller's own sessions that haven't ended.
    ///
    /// # Errors
    /// [`Error::TooDeep`], [`Error::Cursor`], or a fault of ours.
    pub async fn list_sessions(
        &self,
        caller: &Caller,
        order: TokenOrder,
        window: &Window,
    ) -> Result<Page<Token>, Error> {
        let filter = TokenFilter {
            kinds: vec![Kind::Session],
            owner: Some(own_id(caller)?),
            states: States::ACTIVE,
            ..TokenFilter::default()
        };
        self.page_of_tokens(&filter, order, window).await
    }

    /// Ends one of the caller's own sessions. One that has ended stays so.
    ///
    /// # Errors
    /// [`Error::NotFound`], or a fault of ours.
    pub async fn end_session(&self, caller: &Caller, id: TokenId) -> Result<(), Error> {
        let token = tokens::by_id(&mut self.store.read().await?, id).await?;
        token
            .filter(|token| token.kind == Kind::Session && caller.is(token.owner))
            .ok_or(Error::NotFound(Thing::Session))?;
        self.revoke_token(caller, id).await
    }

    /// The user whose password this is, with the hash it was compared with.
    async fn check_password(
        &self,
        login: &str,
        password: Password,
        origin: &Origin,
    ) -> Result<(UserId, String), Error> {
        let allowed = || {
            self.wrong_passwords
                .check(origin.address, self.now())
                .map_err(|seconds| Refusal::TooManyGuesses { seconds }.into())
        };
        allowed()?;
        let found = users::by_login(&mut self.store.read().await?, login).await?;
        let hash = found.as_ref().and_then(|(_, hash)| hash.clone());
        let matched = self.passwords.matches(password, hash, allowed).await?;
        if let Some((id, Some(hash))) = found
            && matched
        {
            return Ok((id, hash));
        }
        self.wrong_passwords.count(origin.address, self.now());
        Err(Refusal::WrongPassword.into())
    }

    /// The user, unless the password was changed since it was compared.
    async fn same_password(
        &self,
        (id, hash): (UserId, String),
        login: &str,
    ) -> Result<Arc<User>, Error> {
        let found = users::by_login(&mut self.store.read().await?, login).await?;
        let user = self.directory.get(id);
        let same = found == Some((id, Some(hash)));
        user.filter(|_| same)
            .ok_or_else(|| Refusal::WrongPassword.into())
    }
}

/// Ends every session of a user.
pub(crate) async fn end_sessions(
    conn: &mut Conn,
    user: UserId,
    now: Timestamp,
) -> Result<Vec<Token>, StoreError> {
    unrevoked::revoke(conn, Whose::Owner(user), Kind::Session, now).await
}

/// What the trail says of a user, and of the sessions that ended.
pub(crate) fn with_ended(mut facts: Value, ended: &[Token]) -> Value {
    if let (Some(facts), false) = (facts.as_object_mut(), ended.is_empty()) {
        let ids = ended.iter().map(|session| session.id.get()).collect();
        facts.insert("sessions_ended".to_owned(), ids);
    }
    facts
}

fn own_id(caller: &Caller) -> Result<UserId, Error> {
    let user = caller.user().map(|user| user.id);
    user.ok_or(Error::NotPermitted("have sessions on the console"))
}

/// What a browser says it is, as a description may be.
fn readable(agent: &str) -> String {
    let letters = agent.chars().filter(|letter| !letter.is_control());
    letters.take(MOST_OF_AGENT).collect()
}
