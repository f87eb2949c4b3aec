//! The tokens that a new one would share its name with: with one call a login,
//! nothing piles up.
//!
//! Whoever looks for them holds what they belong to until the end. So of two
//! that replace them at once, the later one finds what the earlier one issued.

use jiff::Timestamp;
use serde_json::Value;
use tokenry_domain::{
    Burial, IfExists, Reason, State, Token, TokenId, UserId,
    audit::{Action, Entry, Target, token_facts},
    kind::Issuing,
    reason::LONGEST_REASON,
    token::{Card, Draft},
};
use tokenry_store::{
    Conn, StoreError, audit, bury,
    unrevoked::{self, Whose},
    users,
};

use super::{bots::remove_if_idle, rights};
use crate::{Authority, Caller, Error};

/// A token that was issued, and what gave way to it.
#[derive(Debug)]
pub(super) struct Arrival {
    /// The new token.
    pub(super) token: Token,
    /// The tokens that were deleted for it.
    pub(super) gone: Vec<Token>,
    /// Their bots that went with them.
    pub(super) bots: Vec<UserId>,
}

impl Authority {
    /// What memory does after the commit of an arrival.
    pub(super) fn receiving(&self) -> impl FnOnce(&Arrival) + Send + 'static {
        let (index, last_used) = (self.index.clone(), self.last_used.clone());
        let directory = self.directory.clone();
        move |arrival| {
            let new = &arrival.token;
            index.insert(new.digest, Card::from(new.clone()));
            for old in &arrival.gone {
                index.remove(old.digest);
                last_used.forget(old.id);
            }
            for bot in &arrival.bots {
                directory.remove(*bot);
            }
        }
    }
}

/// Of whose tokens a new one is a namesake: those of the subject it is issued
/// for, or else of its owner. Its place or holder is held by now; its owner is
/// from here on.
async fn held(conn: &mut Conn, draft: &Draft) -> Result<Whose, StoreError> {
    let by_subject = matches!(
        draft.kind.descriptor().issuing,
        Issuing::Bot | Issuing::Place | Issuing::Top | Issuing::Holder
    );
    if let Some(subject) = draft.subject.filter(|_| by_subject) {
        return Ok(Whose::Subject(subject));
    }
    users::hold(conn, draft.owner).await?;
    Ok(Whose::Owner(draft.owner))
}

/// The namesakes that are there. What the instance has isn't a namesake of what
/// its administrator gave a group.
async fn found(conn: &mut Conn, draft: &Draft, whose: Whose) -> Result<Vec<Token>, StoreError> {
    // Of some kinds there is one token at most, whatever it is called.
    let sole = draft.kind.descriptor().issuing == Issuing::Sole;
    let mut found = if sole {
        unrevoked::of(conn, whose, draft.kind).await?
    } else {
        unrevoked::named(conn, whose, draft.kind, &draft.name).await?
    };
    found.retain(|token| draft.subject.is_some() || token.subject.is_none());
    Ok(found)
}

/// Holds what namesakes belong to, and refuses a token beside one that is to
/// stay.
pub(super) async fn check(
    conn: &mut Conn,
    draft: &Draft,
    if_exists: IfExists,
    now: Timestamp,
) -> Result<(), Error> {
    if if_exists == IfExists::Add {
        return Ok(());
    }
    let whose = held(conn, draft).await?;
    if if_exists == IfExists::Replace {
        return Ok(());
    }
    let found = found(conn, draft, whose).await?;
    let works = |token: &Token| token.state(now) == State::Active;
    match found.into_iter().rfind(works) {
        Some(token) => Err(Error::TokenExists(Box::new(token))),
        None => Ok(()),
    }
}

/// Deletes the namesakes of a token that was just issued, if they are to be
/// replaced, and writes the one row of the trail.
///
/// Each must be the caller's to delete. One that is rotated meanwhile leaves
/// another of its name, so they are looked for until there is none.
pub(super) async fn receive(
    conn: &mut Conn,
    caller: &Caller,
    draft: &Draft,
    if_exists: IfExists,
    token: Token,
    mut entry: Entry,
) -> Result<Arrival, Error> {
    let mut arrival = Arrival {
        token,
        gone: Vec::new(),
        bots: Vec::new(),
    };
    if if_exists == IfExists::Replace {
        let burial = burial(&entry, arrival.token.id);
        while clear(conn, caller, draft, &mut arrival, &burial).await? {}
    }
    tell(&mut entry, &arrival);
    audit::insert(conn, &entry).await?;
    Ok(arrival)
}

/// Deletes the namesakes that are there now; answers whether there were any.
async fn clear(
    conn: &mut Conn,
    caller: &Caller,
    draft: &Draft,
    arrival: &mut Arrival,
    burial: &Burial,
) -> Result<bool, Error> {
    let whose = held(conn, draft).await?;
    let mut found = found(conn, draft, whose).await?;
    found.retain(|token| token.id != arrival.token.id);
    let any = !found.is_empty();
    for old in found {
        rights::require_managed(conn, caller, &old, "delete", burial.at).await?;
        if !bury::one(conn, old.id, burial).await? {
            continue;
        }
        let with_bot = old.kind.descriptor().issuing == Issuing::Bot;
        if with_bot && remove_if_idle(conn, old.owner).await? {
            arrival.bots.push(old.owner);
        }
        arrival.gone.push(old);
    }
    Ok(any)
}

/// What tombstones say: what came instead, and why, if anybody said.
fn burial(entry: &Entry, new: TokenId) -> Burial {
    let mut burial = entry.burial();
    let by = format!("replaced by token {new}");
    let said = match &burial.reason {
        Some(reason) => format!("{by}: {reason}"),
        None => by,
    };
    let said = said.chars().take(LONGEST_REASON).collect();
    burial.reason = Some(Reason::from_stored(said));
    burial
}

/// One row names the tokens that went and the one that came.
fn tell(entry: &mut Entry, arrival: &Arrival) {
    let Some(last) = arrival.gone.last() else {
        return;
    };
    entry.action = Action::TokenReplaced;
    entry.target = Target::Token(last.id);
    entry.tokens = arrival.gone.iter().map(|old| old.id).collect();
    entry.tokens.push(arrival.token.id);
    entry.before = match arrival.gone.as_slice() {
        [old] => token_facts(old),
        several => several
            .iter()
            .map(token_facts)
            .collect::<Vec<Value>>()
            .into(),
    };
}
