//! On what grounds a caller ends a token: asked before the change, and once
//! more in it.

use std::sync::Arc;

use jiff::Timestamp;
use tokenry_domain::{GroupId, Token, TokenId, kind::Keepers, token_filter::TokenFilter};
use tokenry_store::{Conn, namespaces, standings, tokens};

use super::rights::{manageable, place_of};
use crate::{Caller, Error, Thing, purges::Memory};

/// On what grounds a caller ends a token.
#[derive(Debug, Clone)]
pub(crate) enum Grounds {
    /// They may manage it.
    Rights,
    /// They own this group, and it is in the group's reach.
    Reach(GroupId),
    /// They may manage it, and it is among those they look for. One that is
    /// revoked already needn't be: nothing more becomes of it.
    Sought(Arc<Sought>),
}

/// Those tokens that a filter means at a moment.
#[derive(Debug)]
pub(crate) struct Sought {
    pub(crate) filter: TokenFilter,
    pub(crate) at: Timestamp,
    pub(crate) memory: Memory,
}

impl Grounds {
    /// The token with this id, if the grounds hold.
    pub(crate) async fn token(
        &self,
        conn: &mut Conn,
        caller: &Caller,
        id: TokenId,
        now: Timestamp,
    ) -> Result<Token, Error> {
        let group = match self {
            Self::Rights => return manageable(conn, caller, id, "revoke", now).await,
            Self::Sought(sought) => {
                let token = manageable(conn, caller, id, "revoke", now).await?;
                return sought.among(token);
            }
            Self::Reach(group) => *group,
        };
        let token = tokens::by_id(conn, id).await?;
        let token = token.ok_or(Error::NotFound(Thing::Token))?;
        if in_reach(conn, group, &token, now).await? {
            Ok(token)
        } else {
            Err(Error::NotFound(Thing::Token))
        }
    }

    /// The same in a change, until whose end nobody alters what was looked for.
    pub(crate) async fn held(
        &self,
        conn: &mut Conn,
        caller: &Caller,
        id: TokenId,
        now: Timestamp,
    ) -> Result<Token, Error> {
        if matches!(self, Self::Sought(_)) {
            tokens::hold(conn, id).await?;
        }
        self.token(conn, caller, id, now).await
    }
}

impl Sought {
    /// The token, if it is one of them. What isn't is as if it weren't there.
    fn among(&self, mut token: Token) -> Result<Token, Error> {
        self.memory.complete(&mut token);
        let owner = self.memory.owner_state(token.owner);
        if token.life.revoked_at.is_some() || self.filter.matches(&token, owner, self.at) {
            Ok(token)
        } else {
            Err(Error::NotFound(Thing::Token))
        }
    }
}

/// Whether a token belongs to what lies in a group, or is the own token of a
/// member of the group or of anything in it.
async fn in_reach(
    conn: &mut Conn,
    group: GroupId,
    token: &Token,
    now: Timestamp,
) -> Result<bool, Error> {
    match (token.kind.descriptor().keepers, token.subject) {
        (Keepers::Members { .. }, subject) => match place_of(conn, subject).await? {
            Some(place) => Ok(namespaces::holds(conn, group, place).await?),
            None => Ok(false),
        },
        (Keepers::Owner | Keepers::Nobody, None) => {
            Ok(standings::is_member_beneath(conn, token.owner, group, now).await?)
        }
        (Keepers::Owner | Keepers::Nobody, Some(_)) => Ok(false),
    }
}
