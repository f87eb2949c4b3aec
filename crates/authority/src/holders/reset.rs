//! A new token for a holder, in place of the one it has.

use tokenry_domain::{
    HolderId, Token,
    audit::{Action, Target, token_facts},
    holder::{Holder, HolderKind},
    token::{Card, Draft},
};
use tokenry_store::{
    Work, audit,
    unrevoked::{self, Whose},
};

use super::{Equipped, Right, create::wanted_token, rights::manageable};
use crate::{
    Authority, Caller, Error,
    tokens::{Belonging, Issued, replace, take_over},
};

impl Authority {
    /// Gives a holder another token, for those who may manage it. The one it
    /// had is revoked; where somebody revoked that before, it gets one again.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::RoleTooLow`], [`Error::AdminOnly`],
    /// [`Error::NotPermitted`], or a fault of ours.
    pub async fn reset_holder(
        &self,
        caller: &Caller,
        kind: HolderKind,
        id: HolderId,
    ) -> Result<Equipped, Error> {
        let holder = self.holder_for(caller, Right::Manage, kind, id).await?;
        let wanted = wanted_token(&holder.name, &holder.details, holder.creator);
        let draft = self.draft(wanted)?.of(id);
        let belonging = Belonging::of_holder(&holder.details, holder.creator, holder.place);
        let (text, kept) = self.mint_for(caller, draft.kind, belonging)?;
        let mut entry = self.entry(caller, Action::TokenReset, Target::Instance);
        let (caller, index) = (caller.clone(), self.index.clone());
        let (holder, _, token) = self
            .store
            .write(
                move |conn| -> Work<'_, (Holder, Option<Token>, Token), Error> {
                    Box::pin(async move {
                        let holder = manageable(conn, &caller, kind, id, entry.at).await?;
                        let whose = Whose::Subject(id.into());
                        if let Some(old) = unrevoked::newest(conn, whose, draft.kind).await? {
                            entry.target = Target::Token(old.id);
                            let successor = Draft {
                                scopes: draft.scopes,
                                ..old.successor(None)?
                            };
                            let (old, new) = replace(conn, old, successor, kept, entry).await?;
                            return Ok((holder, Some(old), new));
                        }
                        let token = kept.insert(conn, &draft, entry.at).await?;
                        entry.action = Action::TokenCreated;
                        entry.target = Target::Token(token.id);
                        entry.after = token_facts(&token);
                        audit::insert(conn, &entry).await?;
                        Ok((holder, None, token))
                    })
                },
                move |(_, old, new)| match old {
                    Some(old) => take_over(&index, old, new),
                    None => index.insert(new.digest, Card::from(new.clone())),
                },
            )
            .await?;
        let issued = Issued { text, token };
        Ok(Equipped { holder, issued })
    }
}
