//! Who may see and who may manage a token: administrators, its owner, and the
//! members of the project or group that it belongs to, as its kind's line in
//! the table says.

use jiff::Timestamp;
use tokenry_domain::{AccessLevel, Kind, Place, Subject, Token, TokenId, UserId, kind::Keepers};
use tokenry_store::{Conn, StoreError, holders, standings, tokens};

use crate::{
    Caller, Error, Thing,
    places::{Standing, standing_in},
};

/// The role that a kind's tokens in a place ask for; none where no role is enough.
type Needed = fn(Keepers, Place) -> Option<AccessLevel>;

/// The token with this id, if the caller may see it.
pub(super) async fn visible(
    conn: &mut Conn,
    caller: &Caller,
    id: TokenId,
    now: Timestamp,
) -> Result<Token, Error> {
    let token = by_id(conn, id).await?;
    if caller.may_see(&token) || has_role(conn, caller, &token, Keepers::to_see, now).await? {
        Ok(token)
    } else {
        Err(Error::NotPermitted("see this token"))
    }
}

/// The token with this id, if the caller may do `what` to it.
pub(super) async fn manageable(
    conn: &mut Conn,
    caller: &Caller,
    id: TokenId,
    what: &'static str,
    now: Timestamp,
) -> Result<Token, Error> {
    let token = by_id(conn, id).await?;
    require_managed(conn, caller, &token, what, now).await?;
    Ok(token)
}

/// Refuses a caller who may not do `what` to a token.
pub(super) async fn require_managed(
    conn: &mut Conn,
    caller: &Caller,
    token: &Token,
    what: &'static str,
    now: Timestamp,
) -> Result<(), Error> {
    if caller.may_manage(token) || has_role(conn, caller, token, Keepers::to_manage, now).await? {
        Ok(())
    } else {
        Err(Error::NotPermitted(what))
    }
}

/// The token with this id, if the caller may be handed its text. Ending
/// somebody's token takes less.
pub(crate) async fn may_be_handed(
    conn: &mut Conn,
    caller: &Caller,
    id: TokenId,
    what: &'static str,
    now: Timestamp,
) -> Result<Token, Error> {
    let token = manageable(conn, caller, id, what, now).await?;
    if let Some(place) = place_of(conn, token.subject).await?
        && token.kind.descriptor().acts_as_owner()
        && !caller.presents(id)
    {
        require_reach(conn, caller, token.owner, place, now).await?;
    }
    Ok(token)
}

async fn by_id(conn: &mut Conn, id: TokenId) -> Result<Token, Error> {
    let token = tokens::by_id(conn, id).await?;
    token.ok_or(Error::NotFound(Thing::Token))
}

async fn has_role(
    conn: &mut Conn,
    caller: &Caller,
    token: &Token,
    needed: Needed,
    now: Timestamp,
) -> Result<bool, Error> {
    let keepers = token.kind.descriptor().keepers;
    let Some(place) = place_of(conn, token.subject).await? else {
        return Ok(false);
    };
    let Some(level) = needed(keepers, place) else {
        return Ok(false);
    };
    Ok(standing_in(conn, caller, place, now).await?.has(level))
}

/// The project or group that a token belongs to: its own, or its holder's.
pub(super) async fn place_of(
    conn: &mut Conn,
    subject: Option<Subject>,
) -> Result<Option<Place>, StoreError> {
    match subject {
        None => Ok(None),
        Some(Subject::Place(place)) => Ok(Some(place)),
        Some(Subject::Holder(id)) => {
            let holder = holders::by_id(conn, id).await?;
            Ok(holder.and_then(|holder| holder.place))
        }
    }
}

/// Refuses callers whose role lets them see no tokens of this kind.
pub(super) fn require_viewer(kind: Kind, standing: &Standing) -> Result<(), Error> {
    require(kind, standing, Keepers::to_see)
}

/// Refuses callers whose role lets them manage no tokens of this kind.
pub(crate) fn require_manager(kind: Kind, standing: &Standing) -> Result<(), Error> {
    require(kind, standing, Keepers::to_manage)
}

fn require(kind: Kind, standing: &Standing, needed: Needed) -> Result<(), Error> {
    let level = needed(kind.descriptor().keepers, standing.place);
    standing.require(level.unwrap_or(AccessLevel::Owner))
}

/// Refuses to hand a caller the text of a token whose owner has a higher role
/// in this place than they: they would have it too.
pub(super) async fn require_reach(
    conn: &mut Conn,
    caller: &Caller,
    owner: UserId,
    place: Place,
    now: Timestamp,
) -> Result<(), Error> {
    if caller.is(owner) || caller.is_admin() {
        return Ok(());
    }
    let levels = standings::levels(conn, owner, &[place], now).await?;
    let theirs = levels.get(&place).and_then(|levels| levels.highest());
    let standing = standing_in(conn, caller, place, now).await?;
    if theirs <= standing.level {
        Ok(())
    } else {
        Err(Error::AboveOwnRole)
    }
}
