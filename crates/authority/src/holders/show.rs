//! One holder, by its id.

use tokenry_domain::{
    HolderId, Token,
    holder::{Holder, HolderKind},
};
use tokenry_store::unrevoked::{self, Whose};

use super::Right;
use crate::{Authority, Caller, Error};

impl Authority {
    /// The holder of this kind and id, if the caller may see it.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::RoleTooLow`], [`Error::AdminOnly`],
    /// [`Error::NotPermitted`], or a fault of ours.
    pub async fn show_holder(
        &self,
        caller: &Caller,
        kind: HolderKind,
        id: HolderId,
    ) -> Result<Holder, Error> {
        self.holder_for(caller, Right::See, kind, id).await
    }

    /// The token that a holder shows who it is with, if it isn't revoked.
    ///
    /// # Errors
    /// A fault of ours.
    pub async fn token_of_holder(&self, holder: &Holder) -> Result<Option<Token>, Error> {
        let mut conn = self.store.read().await?;
        let (whose, kind) = (
            Whose::Subject(holder.id.into()),
            holder.details.token_kind(),
        );
        let mut token = unrevoked::newest(&mut conn, whose, kind).await?;
        if let Some(token) = &mut token {
            self.last_used.complete(token);
        }
        Ok(token)
    }
}
