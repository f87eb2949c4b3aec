//! Lists of tokens.

use tokenry_domain::{
    Token,
    page::{Page, Window},
    token_filter::{TokenFilter, TokenOrder},
};
use tokenry_store::token_list;

use crate::{Authority, Caller, Error, Thing};

/// Page numbers reach this many rows deep (spec/rest.md section 1A).
pub(crate) const DEEPEST: u64 = 50_000;

impl Authority {
    /// One window of the tokens the caller may see: administrators see all,
    /// others their own without impersonation tokens.
    ///
    /// # Errors
    /// [`Error::NotPermitted`] for another user's tokens,
    /// [`Error::NotFound`] for an unknown owner, [`Error::TooDeep`], or a
    /// fault of ours.
    pub async fn list_tokens(
        &self,
        caller: &Caller,
        mut filter: TokenFilter,
        order: TokenOrder,
        window: &Window,
    ) -> Result<Page<Token>, Error> {
        if !caller.is_admin() {
            let own = caller.user().map(|user| user.id);
            if filter.owner.is_some() && filter.owner != own {
                return Err(Error::NotPermitted("list another user's tokens"));
            }
            filter.owner = own;
            restrict_kinds(&mut filter, caller)?;
        } else if let Some(owner) = filter.owner {
            self.directory.get(owner).ok_or(Error::NotFound(Thing::User))?;
        }
        check_depth(window)?;
        let mut conn = self.store.read().await?;
        Ok(token_list::page(&mut conn, &filter, order, window, self.now()).await?)
    }
}

/// No kinds asked for means all that are visible, never all there are.
fn restrict_kinds(filter: &mut TokenFilter, caller: &Caller) -> Result<(), Error> {
    let visible = caller.visible_kinds();
    if filter.kinds.is_empty() {
        filter.kinds = visible;
    } else if !filter.kinds.iter().all(|kind| visible.contains(kind)) {
        return Err(Error::NotPermitted("list tokens of this kind"));
    }
    Ok(())
}

/// A deep page costs as much as all pages before it together.
pub(crate) fn check_depth(window: &Window) -> Result<(), Error> {
    match window {
        Window::Page { number, per_page }
            if number.saturating_mul(u64::from(per_page.get())) > DEEPEST =>
        {
            Err(Error::TooDeep { most: DEEPEST })
        }
        _ => Ok(()),
    }
}
