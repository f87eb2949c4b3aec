//! A group's owners end a token that was found somewhere
//! (spec/token-information-api.md section 5).

use jiff::Timestamp;
use tokenry_domain::{GroupId, PlaceName, Token, TokenId, kind::Keepers};
use tokenry_store::{Conn, namespaces, standings, tokens};

use super::rights::{manageable, place_of};
use crate::{Authority, Caller, Error, Thing, places::OWNS};

impl Authority {
    /// Ends the token with this text, for the owners of a group at the top, as
    /// [`Authority::revoke_token`] does, if it belongs to what lies in the group, or to one of its members. What
    /// else there may be isn't told. What is revoked already stays so.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::RoleTooLow`], [`Error::NotPermitted`] for
    /// a group in another, [`Error::NoKnownPrefix`], or a fault of ours.
    pub async fn revoke_in_group(
        &self,
        caller: &Caller,
        name: &PlaceName,
        text: &str,
    ) -> Result<(), Error> {
        let (group, standing) = self.group(caller, name).await?;
        standing.require(OWNS)?;
        if group.parent.is_some() {
            return Err(Error::NotPermitted(
                "revoke tokens in a group that lies in another",
            ));
        }
        self.recognise(text)?;
        let found = self.find_by_text(text, None).await?;
        let (_, card) = found.ok_or(Error::NotFound(Thing::Token))?;
        self.end_on(caller, card.id, Grounds::Reach(group.id)).await
    }
}

/// On what grounds a caller ends a token.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Grounds {
    /// They may manage it.
    Rights,
    /// They own this group, and it is in the group's reach.
    Reach(GroupId),
}

impl Grounds {
    /// The token with this id, if the grounds hold.
    pub(crate) async fn token(
        self,
        conn: &mut Conn,
        caller: &Caller,
        id: TokenId,
        now: Timestamp,
    ) -> Result<Token, Error> {
        let Self::Reach(group) = self else {
            return manageable(conn, caller, id, "revoke", now).await;
        };
        let token = tokens::by_id(conn, id).await?;
        let token = token.ok_or(Error::NotFound(Thing::Token))?;
        if in_reach(conn, group, &token, now).await? {
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
