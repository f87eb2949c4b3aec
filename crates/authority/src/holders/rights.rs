//! Who sees and who manages a holder.

use jiff::Timestamp;
use tokenry_domain::{
    HolderId, Place, TokenId, UserId,
    holder::{Holder, HolderKind},
    kind::Keepers,
};
use tokenry_store::{Conn, holders, tokens};

use crate::{Authority, Caller, Error, Refusal, Thing, places, places::Standing};

/// What a caller wants to do with a holder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Right {
    /// See it.
    See,
    /// Make, change, reset or remove it.
    Manage,
}

/// Refuses callers who don't have a right to a holder, given the user or the
/// place it belongs to, and how they stand to that.
///
/// # Errors
/// [`Error::RoleTooLow`], [`Error::AdminOnly`] or [`Error::NotPermitted`].
pub(crate) fn require(
    caller: &Caller,
    right: Right,
    kind: HolderKind,
    owner: Option<UserId>,
    standing: Option<&Standing>,
) -> Result<(), Error> {
    if caller.is_admin() {
        return Ok(());
    }
    match (standing, owner) {
        (Some(standing), _) => {
            let keepers = kind.token_kind().descriptor().keepers;
            let Keepers::Members { see, manage } = keepers else {
                return Err(Error::AdminOnly);
            };
            let [in_project, in_group] = if right == Right::See { see } else { manage };
            standing.require(match standing.place {
                Place::Project(_) => in_project,
                Place::Group(_) => in_group,
            })
        }
        (None, Some(owner)) if caller.is(owner) => Ok(()),
        (None, Some(_)) => Err(Error::NotPermitted("use what belongs to another user")),
        (None, None) => Err(Error::AdminOnly),
    }
}

/// The holder of this kind and id in a transaction that holds it, if the
/// caller may manage it.
pub(crate) async fn manageable(
    conn: &mut Conn,
    caller: &Caller,
    kind: HolderKind,
    id: HolderId,
    now: Timestamp,
) -> Result<Holder, Error> {
    // The place before what lies in it, as everywhere: two that waited for
    // each other would wait for ever.
    let before = find(conn, kind, id).await?;
    if let Some(shown) = caller.own_token() {
        holders::hold(conn, id).await?;
        require_own(conn, shown, id).await?;
        return find(conn, kind, id).await;
    }
    let standing = match before.place {
        Some(place) => Some(places::held(conn, caller, &place.into(), now).await?.1),
        None => None,
    };
    require(
        caller,
        Right::Manage,
        kind,
        before.details.owner(),
        standing.as_ref(),
    )?;
    holders::hold(conn, id).await?;
    find(conn, kind, id).await
}

/// Refuses a holder whose token isn't this holder's, or is revoked.
async fn require_own(conn: &mut Conn, shown: TokenId, id: HolderId) -> Result<(), Error> {
    let token = tokens::by_id(conn, shown).await?;
    let own = token.filter(|token| token.subject == Some(id.into()));
    match own.ok_or(Refusal::Unknown)?.life.revoked_at {
        Some(_) => Err(Refusal::Revoked.into()),
        None => Ok(()),
    }
}

/// The holder of this kind and id.
pub(crate) async fn find(conn: &mut Conn, kind: HolderKind, id: HolderId) -> Result<Holder, Error> {
    let found = holders::by_id(conn, id).await?;
    found
        .filter(|holder| holder.kind() == kind)
        .ok_or(Error::NotFound(Thing::Holder(kind)))
}

impl Authority {
    /// The holder of this kind and id, if the caller has this right to it.
    pub(crate) async fn holder_for(
        &self,
        caller: &Caller,
        right: Right,
        kind: HolderKind,
        id: HolderId,
    ) -> Result<Holder, Error> {
        let mut conn = self.store.read().await?;
        let holder = find(&mut conn, kind, id).await?;
        if let Some(shown) = caller.own_token() {
            require_own(&mut conn, shown, id).await?;
            return Ok(holder);
        }
        drop(conn);
        let standing = match holder.place {
            Some(place) => Some(self.place(caller, &place.into()).await?),
            None => None,
        };
        let owner = holder.details.owner();
        require(caller, right, kind, owner, standing.as_ref())?;
        Ok(holder)
    }
}
