//! Requests that are done once, however often they are sent: whoever repeats
//! one within a day hears the same answer
//! (draft-ietf-httpapi-idempotency-key-header section 2).
//!
//! The answer holds a token's text, so it is kept sealed, in the transaction
//! that adds the token: what is done can't lose its answer, nor what isn't have
//! one.

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use jiff::Timestamp;
use tokenry_domain::{Token, TokenId, User, UserId, retention::before};
use tokenry_store::{
    Conn,
    kept_answers::{self, KeptAnswer},
    tokens, users,
};
use tokenry_token::{Digest, Fingerprint, KeyRing, TokenText};
use zeroize::Zeroizing;

use crate::{
    Authority, Caller, Error,
    issuing::Given,
    tokens::{Issued, may_be_handed},
};

/// How many days an answer is given again.
pub(crate) const DAYS: u16 = 1;

/// An answer as a face writes it. It holds a secret.
pub type Written = Zeroizing<Vec<u8>>;

/// How a face writes the answer that hands a token over; memory may not know its
/// owner yet.
type Write = dyn Fn(&Issued, Option<&User>) -> Written + Send + Sync;

/// A request that is done once. Clones are the same request.
#[derive(Clone)]
pub struct Once(Arc<Inner>);

struct Inner {
    /// The client's own name for the request.
    key: String,
    /// What is asked for.
    request: Fingerprint,
    write: Box<Write>,
    /// What was written when it was done.
    written: OnceLock<Written>,
}

/// An answer, and whether it was given before.
#[derive(Debug)]
pub enum Said {
    /// For the first time.
    First(Written),
    /// Once more.
    Again(Written),
    /// Nothing was made, since there is this one.
    Kept(Box<Token>),
}

/// What it takes to keep an answer, ready before the change begins.
pub(crate) struct Keeping {
    once: Once,
    mark: Digest,
    request: Digest,
    keys: Arc<KeyRing>,
    nonce: [u8; 24],
}

/// The same, with the text that the answer is to hand over.
pub(crate) struct Answer {
    keeping: Keeping,
    text: TokenText,
}

impl Once {
    /// A request that its client calls `key`, for what `request` tells from
    /// others; `write` writes the answer.
    pub fn new(
        key: String,
        request: Fingerprint,
        write: impl Fn(&Issued, Option<&User>) -> Written + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(Inner {
            key,
            request,
            write: Box::new(write),
            written: OnceLock::new(),
        }))
    }

    /// The answer, once it is done.
    fn written(&self) -> Option<Written> {
        self.0.written.get().cloned()
    }
}

impl Authority {
    /// Does what `work` does for this caller, unless it was done within a day:
    /// then the answer is the one that was given. Of two who ask at once, one
    /// has it done, and both hear the same. What was refused may be asked for
    /// again.
    ///
    /// # Errors
    /// [`Error::KeyReused`] if the caller called another request so,
    /// [`Error::UnderWay`] if this one is being done, what `work` answers, or a
    /// fault of ours.
    pub async fn once<F>(
        &self,
        caller: Caller,
        once: Once,
        work: impl FnOnce(Caller) -> F,
    ) -> Result<Said, Error>
    where
        F: Future<Output = Result<Given, Error>>,
    {
        if let Some(answer) = self.said_before(&caller, &once).await? {
            return Ok(Said::Again(answer));
        }
        match work(caller.clone().once(once.clone())).await {
            Ok(Given::New(issued)) => {
                let written = once.written();
                Ok(Said::First(
                    written.unwrap_or_else(|| (once.0.write)(&issued, None)),
                ))
            }
            // It may be the very token that another made who sent the same.
            Ok(Given::Kept(token)) => Ok(match self.said_before(&caller, &once).await? {
                Some(answer) => Said::Again(answer),
                None => Said::Kept(Box::new(token)),
            }),
            Err(error) if error.is_ours() => Err(error),
            // Somebody else may have had it done meanwhile, which is why it was
            // refused.
            Err(error) => match self.said_before(&caller, &once).await? {
                Some(answer) => Ok(Said::Again(answer)),
                None => Err(error),
            },
        }
    }

    /// The answer that this caller was given, if they may have it still.
    async fn said_before(&self, caller: &Caller, once: &Once) -> Result<Option<Written>, Error> {
        let named = named(caller.actor().user, &once.0.key);
        let Some(kept) = self.kept(&named).await? else {
            return Ok(None);
        };
        let keys = self.keys.load_full();
        let key = keys.key(kept.sealed.key);
        if key.is_some_and(|key| key.digest(&once.0.request) != kept.request) {
            return Err(Error::KeyReused);
        }
        let mut conn = self.store.read().await?;
        may_be_handed(&mut conn, caller, kept.token, "see this token", self.now()).await?;
        Ok(Some(keys.open_answer(&kept.sealed, kept.mark)?))
    }

    async fn kept(&self, named: &Fingerprint) -> Result<Option<KeptAnswer>, Error> {
        let keys = self.keys.load_full();
        let marks = keys.digests(named).map(|(_, mark)| mark);
        let mut conn = self.store.read().await?;
        let since = before(self.now(), DAYS);
        Ok(kept_answers::find(&mut conn, marks, since).await?)
    }

    /// Whether it was the request of this user and this key that put another
    /// token in the place of this one. Who sends it again has lost the answer,
    /// not stolen the token.
    pub(crate) async fn was_rotated_by(
        &self,
        user: UserId,
        key: &str,
        old: TokenId,
    ) -> Result<bool, Error> {
        let Some(kept) = self.kept(&named(Some(user), key)).await? else {
            return Ok(false);
        };
        let new = tokens::by_id(&mut self.store.read().await?, kept.token).await?;
        Ok(new.is_some_and(|new| new.rotated_from == Some(old)))
    }

    /// Readies what it takes to keep the answer to this caller, if it is to be.
    pub(crate) fn keeping(&self, caller: &Caller) -> Result<Option<Keeping>, Error> {
        let Some(once) = caller.asks_once() else {
            return Ok(None);
        };
        let keys = self.keys.load_full();
        let current = keys.current();
        Ok(Some(Keeping {
            once: once.clone(),
            mark: current.digest(&named(caller.actor().user, &once.0.key)),
            request: current.digest(&once.0.request),
            nonce: self.random()?,
            keys,
        }))
    }
}

impl Keeping {
    /// With the text of the token that is about to be made.
    pub(crate) fn of(self, text: &TokenText) -> Answer {
        Answer {
            keeping: self,
            text: TokenText::new(text.reveal().to_owned()),
        }
    }
}

impl Answer {
    /// Writes the answer and keeps it, in the change that makes the token.
    pub(crate) async fn keep(
        self,
        conn: &mut Conn,
        token: &Token,
        now: Timestamp,
    ) -> Result<(), Error> {
        let Self { keeping, text } = self;
        let owner = users::by_id(conn, token.owner).await?;
        let issued = Issued {
            text,
            token: token.clone(),
        };
        let inner = &keeping.once.0;
        let written = inner
            .written
            .get_or_init(|| (inner.write)(&issued, owner.as_ref()));
        let answer = KeptAnswer {
            mark: keeping.mark,
            request: keeping.request,
            token: token.id,
            sealed: keeping
                .keys
                .seal_answer(written, keeping.mark, keeping.nonce)?,
        };
        if kept_answers::insert(conn, &answer, before(now, DAYS), now).await? {
            Ok(())
        } else {
            Err(Error::UnderWay)
        }
    }
}

/// Whose request it is, and its key: nobody hears what others were answered.
fn named(user: Option<UserId>, key: &str) -> Fingerprint {
    let user = user.map_or(0, UserId::get);
    Fingerprint::of(&format!("idempotency {user} {key}"))
}

impl fmt::Debug for Once {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Once(…)")
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Answer(…)")
    }
}
