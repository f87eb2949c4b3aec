//! Tokens of which every user has one at most: for feeds, and for the address
//! to which issues are mailed (spec/rest.md section 3.12).

use tokenry_domain::{
    IfExists, Kind, Scopes, Token, UserId,
    audit::{Action, Target, token_facts},
    expiry::Expires,
    token::Card,
};
use tokenry_store::{
    Work, audit,
    unrevoked::{self, Whose},
    users,
};
use tokenry_token::Unsealable;

use super::{
    Grounds, Issued, Wanted,
    in_place::answering,
    rotate::{replace, take_over},
};
use crate::{Authority, Caller, Error, Thing};

impl Authority {
    /// The caller's one token of a kind that is shown again, with its text.
    ///
    /// # Errors
    /// [`Error::Refused`], since the text is good for changes,
    /// [`Error::NotFound`] if there is none yet, or a fault of ours.
    pub async fn show_sole_token(&self, caller: &Caller, kind: Kind) -> Result<Issued, Error> {
        let mut token = self.sole_token(caller, kind).await?;
        self.last_used.complete(&mut token);
        let shown = self.reveal_tokens(caller, std::slice::from_ref(&token));
        let text = shown.await?.pop().flatten().ok_or(Unsealable)?;
        Ok(Issued { text, token })
    }

    /// Issues the caller's one token of a kind; if there is one already, it is
    /// reset. Of two at once, the later one counts.
    ///
    /// # Errors
    /// [`Error::NotPermitted`] on the console, or a fault of ours.
    pub async fn renew_sole_token(&self, caller: &Caller, kind: Kind) -> Result<Issued, Error> {
        let owner = answering(caller)?;
        let draft = self.draft(sole_token(kind, owner))?;
        let (text, kept) = self.mint(caller, &draft).await?;
        let mut entry = self.entry(caller, Action::TokenCreated, Target::Instance);
        let index = self.index.clone();
        let (_, token) = self
            .store
            .write(
                move |conn| -> Work<'_, (Option<Token>, Token), Error> {
                    Box::pin(async move {
                        users::hold(conn, owner).await?;
                        if let Some(old) =
                            unrevoked::newest(conn, Whose::Owner(owner), kind).await?
                        {
                            entry.action = Action::TokenReset;
                            entry.target = Target::Token(old.id);
                            let successor = old.successor(draft.expires_at)?;
                            let (old, new) = replace(conn, old, successor, kept, entry).await?;
                            return Ok((Some(old), new));
                        }
                        let token = kept.insert(conn, &draft, entry.at).await?;
                        entry.target = Target::Token(token.id);
                        entry.after = token_facts(&token);
                        audit::insert(conn, &entry).await?;
                        Ok((None, token))
                    })
                },
                move |(old, new)| match old {
                    Some(old) => take_over(&index, old, new),
                    None => index.insert(new.digest, Card::from(new.clone())),
                },
            )
            .await?;
        Ok(Issued { text, token })
    }

    /// Ends the caller's one token of a kind; the next one is issued when it
    /// is asked for.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is none, or a fault of ours.
    pub async fn revoke_sole_token(&self, caller: &Caller, kind: Kind) -> Result<(), Error> {
        let token = self.sole_token(caller, kind).await?;
        // It isn't reset: whoever holds it may well want none.
        self.revoke_on(caller, token.id, Grounds::Rights).await
    }

    async fn sole_token(&self, caller: &Caller, kind: Kind) -> Result<Token, Error> {
        let owner = answering(caller)?;
        let mut conn = self.store.read().await?;
        let found = unrevoked::newest(&mut conn, Whose::Owner(owner), kind).await?;
        found.ok_or(Error::NotFound(Thing::Token))
    }
}

/// A user's one token of a kind, as it is issued first.
pub(crate) fn sole_token(kind: Kind, owner: UserId) -> Wanted {
    Wanted {
        kind,
        owner,
        subject: None,
        name: kind.descriptor().title.to_owned(),
        description: None,
        scopes: Scopes::NONE,
        expires: Expires::default(),
        if_exists: IfExists::Add,
    }
}
