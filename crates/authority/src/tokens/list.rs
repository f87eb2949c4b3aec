//! Lists of tokens.

use tokenry_domain::{
    Invalid, Token,
    page::{BrokenCursor, Page, SortValue, Window},
    token_filter::{SortKey, TokenFilter, TokenOrder},
};
use tokenry_store::token_walk::Walk;

use super::{TokenList, walk::has_an_index};
use crate::{Authority, Caller, Error, Thing};

/// Page numbers reach this many rows deep (spec/rest.md section 1A).
pub(crate) const DEEPEST: u64 = 50_000;
/// The most strides that are sorted for one answer.
const SORTED: u64 = 100;
/// The longest text searched for, in characters; no name is longer.
const LONGEST_SEARCH: usize = 255;

impl Authority {
    /// One window of the tokens the caller may see: administrators see all,
    /// others their own without impersonation tokens.
    ///
    /// # Errors
    /// [`Error::NotPermitted`] for another user's tokens,
    /// [`Error::NotFound`] for an unknown owner, [`Error::Invalid`] for too
    /// long a search, [`Error::TooDeep`], [`Error::Cursor`],
    /// [`Error::NotIndexed`] for a list that takes too long to look through, or
    /// a fault of ours.
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
        let list = TokenList {
            filter: filter.clone(),
            order,
            now: self.now(),
        };
        let mut page = self.window_of(&list, window).await?;
        page.rows
            .iter_mut()
            .for_each(|token| self.last_used.complete(token));
        Ok(page)
    }

    /// In one go where the rows are known or all that are looked at are shown,
    /// else stride by stride.
    async fn window_of(&self, list: &TokenList, window: &Window) -> Result<Page<Token>, Error> {
        let among = self.named(list).await?;
        let walk = self.walk(list, among.as_deref());
        let sorted = has_an_index(&list.filter, list.order);
        if among.is_none() && !sorted {
            self.check_sorting(walk).await?;
        }
        if among.is_some() || !sorted || walk.is_all_in_the_index() {
            let mut conn = self.store.read().await?;
            return Ok(walk.page(&mut conn, window).await?);
        }
        match window {
            Window::Page { number, per_page } => self.numbered(walk, *number, *per_page).await,
            Window::After { position, per_page } => {
                let most = per_page.get() as usize;
                self.gather(walk, position.as_ref(), most).await
            }
        }
    }

    /// An order that no index has makes the engine sort all there are.
    async fn check_sorting(&self, walk: Walk<'_>) -> Result<(), Error> {
        let most = walk.stride.saturating_mul(SORTED);
        let mut conn = self.store.read().await?;
        if walk.extent(&mut conn, most.saturating_add(1)).await? > most {
            return Err(Error::NotIndexed);
        }
        Ok(())
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
