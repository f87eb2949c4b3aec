//! Lists of tokens.

use tokenry_domain::{
    Invalid, Token,
    page::{BrokenCursor, Page, SortValue, Window},
    token_filter::{SortKey, TokenFilter, TokenOrder},
};
use tokenry_store::token_list;

use crate::{Authority, Caller, Error, Thing};

/// Page numbers reach this many rows deep (spec/rest.md section 1A).
pub(crate) const DEEPEST: u64 = 50_000;
/// The longest text searched for, in characters; no name is longer.
const LONGEST_SEARCH: usize = 255;

impl Authority {
    /// One window of the tokens the caller may see: administrators see all,
    /// others their own without impersonation tokens.
    ///
    /// # Errors
    /// [`Error::NotPermitted`] for another user's tokens,
    /// [`Error::NotFound`] for an unknown owner, [`Error::Invalid`] for too
    /// long a search, [`Error::TooDeep`], [`Error::Cursor`], or a fault of ours.
    pub async fn list_tokens(
        &self,
        caller: &Caller,
        mut filter: TokenFilter,
        order: TokenOrder,
        window: &Window,
    ) -> Result<Page<Token>, Error> {
        restrict_kinds(&mut filter, caller)?;
        if !caller.is_admin() {
            let own = caller.user().map(|user| user.id);
            if filter.owner.is_some() && filter.owner != own {
                return Err(Error::NotPermitted("list another user's tokens"));
            }
            filter.owner = own;
        } else if let Some(owner) = filter.owner {
            self.directory
                .get(owner)
                .ok_or(Error::NotFound(Thing::User))?;
        }
        self.page_of_tokens(&filter, order, window).await
    }

    /// One window of the tokens that a filter shows, whoever asks: what the
    /// caller may see is settled before.
    pub(crate) async fn page_of_tokens(
        &self,
        filter: &TokenFilter,
        order: TokenOrder,
        window: &Window,
    ) -> Result<Page<Token>, Error> {
        check_search(filter.words.iter().map(String::as_str))?;
        check_window(window, order.key == SortKey::Name)?;
        if order.key == SortKey::LastUsed || filter.asks_for_uses() {
            // The database is about to compare what memory may know better.
            self.flush_last_uses().await?;
        }
        let mut conn = self.store.read().await?;
        let mut page = token_list::page(&mut conn, filter, order, window, self.now()).await?;
        page.rows
            .iter_mut()
            .for_each(|token| self.last_used.complete(token));
        Ok(page)
    }
}

/// Databases limit how long patterns are and how many.
pub(crate) fn check_search<'w>(words: impl Iterator<Item = &'w str>) -> Result<(), Error> {
    if words.map(|word| word.chars().count() + 1).sum::<usize>() > LONGEST_SEARCH + 1 {
        let problem = format!("is too long (maximum is {LONGEST_SEARCH} characters)");
        return Err(Invalid::field("search", problem).into());
    }
    Ok(())
}

/// No kinds asked for means all access tokens that are visible, never all
/// there are. Administrators may ask for any kind.
fn restrict_kinds(filter: &mut TokenFilter, caller: &Caller) -> Result<(), Error> {
    let visible = caller.visible_kinds();
    if filter.kinds.is_empty() {
        filter.kinds = visible;
    } else if !caller.is_admin() && !filter.kinds.iter().all(|kind| visible.contains(kind)) {
        return Err(Error::NotPermitted("list tokens of this kind"));
    }
    Ok(())
}

/// A deep page costs as much as all pages before it together. A cursor of an
/// order by text holds a text, of any other a number.
pub(crate) fn check_window(window: &Window, by_text: bool) -> Result<(), Error> {
    match window {
        Window::After {
            position: Some(position),
            ..
        } if matches!(position.value, SortValue::Text(_)) != by_text => Err(BrokenCursor.into()),
        Window::Page { number, per_page }
            if number.saturating_mul(u64::from(per_page.get())) > DEEPEST =>
        {
            Err(Error::TooDeep { most: DEEPEST })
        }
        _ => Ok(()),
    }
}
