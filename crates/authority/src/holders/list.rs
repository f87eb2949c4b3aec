//! Lists of holders.

use tokenry_domain::{
    PlaceRef,
    holder::{Holder, HolderFilter, HolderKind, Keeper},
    kind::Keepers,
    page::{Direction, Page, Window},
};
use tokenry_store::holder_list;

use super::{Right, require};
use crate::{Authority, Caller, Error, tokens::check_window};

/// Whose holders a list shows.
#[derive(Debug, Clone)]
pub enum Of {
    /// Those of a project or group, for those who see them there.
    Place(PlaceRef),
    /// The caller's own.
    Own,
    /// Those of all places that the caller manages them in.
    Kept,
    /// Those of the instance itself, for administrators.
    Instance,
    /// All there are, for administrators.
    All,
}

impl Authority {
    /// One window of the holders of a kind, in the order of their ids.
    ///
    /// # Errors
    /// [`Error::NotFound`] for the place, [`Error::RoleTooLow`],
    /// [`Error::AdminOnly`], [`Error::TooDeep`], [`Error::Cursor`], or a fault
    /// of ours.
    pub async fn list_holders(
        &self,
        caller: &Caller,
        kind: HolderKind,
        of: &Of,
        direction: Direction,
        window: &Window,
    ) -> Result<Page<Holder>, Error> {
        let filter = self.holders_of(caller, kind, of).await?;
        check_window(window, false)?;
        let mut conn = self.store.read().await?;
        Ok(holder_list::page(&mut conn, &filter, direction, window).await?)
    }

    /// The filter that shows these, if the caller may see them.
    pub(super) async fn holders_of(
        &self,
        caller: &Caller,
        kind: HolderKind,
        of: &Of,
    ) -> Result<HolderFilter, Error> {
        let all = HolderFilter::of(kind);
        let user = || caller.user().map(|user| user.id).ok_or(Error::AdminOnly);
        Ok(match of {
            Of::Place(place) => {
                let standing = self.place(caller, place).await?;
                require(caller, Right::See, kind, None, Some(&standing))?;
                HolderFilter {
                    place: Some(standing.place),
                    ..all
                }
            }
            Of::Own => HolderFilter {
                owner: Some(user()?),
                ..all
            },
            Of::Kept => HolderFilter {
                kept_by: Some(Keeper {
                    user: user()?,
                    levels: managing(kind)?,
                    now: self.now(),
                }),
                ..all
            },
            Of::Instance => {
                caller.require_admin()?;
                HolderFilter {
                    of_instance: true,
                    ..all
                }
            }
            Of::All => {
                caller.require_admin()?;
                all
            }
        })
    }
}

/// The roles that manage a kind, in a project and in a group.
fn managing(kind: HolderKind) -> Result<[tokenry_domain::AccessLevel; 2], Error> {
    match kind.token_kind().descriptor().keepers {
        Keepers::Members { manage, .. } => Ok(manage),
        Keepers::Nobody | Keepers::Owner => Err(Error::AdminOnly),
    }
}
