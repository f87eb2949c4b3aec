//! Lists of tokens of every kind, read along an index: at any depth, and with
//! any filter, an answer takes no longer than a look at so many rows.

use jiff::{SignedDuration, Timestamp};
use tokenry_domain::{
    Invalid, Token,
    page::Position,
    token_filter::{SortKey, TokenFilter, TokenOrder},
};
use tokenry_store::token_walk::{STRIDE, Walk};

use crate::{Authority, Caller, Error};

/// Rows counted in one go.
const COUNT_STRIDE: u64 = 50_000;
/// How long anybody counts.
const COUNT_PATIENCE: SignedDuration = SignedDuration::from_secs(5);
/// Rows of one owner or subject that an estimate counts at most.
const MOST_ESTIMATED: u64 = 2_000_000;

/// A list of tokens that the caller may see: which, and in what order.
#[derive(Debug, Clone)]
pub struct TokenList {
    filter: TokenFilter,
    order: TokenOrder,
    now: Timestamp,
}

/// Some rows of a list.
#[derive(Debug)]
pub struct TokenPage {
    /// The rows; there may be fewer than asked for, though more follow.
    pub rows: Vec<Token>,
    /// The position behind which the list goes on; none at its end.
    pub next: Option<Position>,
}

impl Authority {
    /// Opens a list: administrators see all tokens, others their own, whatever
    /// their kind. The moment it is opened at decides about states.
    ///
    /// # Errors
    /// [`Error::NotPermitted`] for another user's tokens or kinds,
    /// [`Error::Invalid`] for an order that no index has, or a fault of ours.
    pub async fn token_list(
        &self,
        caller: &Caller,
        mut filter: TokenFilter,
        order: TokenOrder,
    ) -> Result<TokenList, Error> {
        if !caller.is_admin() {
            restrict(&mut filter, caller)?;
        }
        check_order(caller, &filter, order)?;
        if order.key == SortKey::LastUsed || filter.asks_for_uses() {
            // The database is about to compare what memory may know better.
            self.flush_last_uses().await?;
        }
        let now = self.now();
        Ok(TokenList { filter, order, now })
    }

    /// The rows behind a position, at most `most`.
    ///
    /// # Errors
    /// A fault of ours.
    pub async fn page_of(
        &self,
        list: &TokenList,
        after: Option<&Position>,
        most: usize,
    ) -> Result<TokenPage, Error> {
        let mut conn = self.store.read().await?;
        let walked = list.walk(STRIDE).rows(&mut conn, after, most).await?;
        let mut rows = walked.rows;
        for token in &mut rows {
            self.last_used.complete(token);
        }
        let next = walked.next;
        Ok(TokenPage { rows, next })
    }

    /// How many tokens a list has.
    ///
    /// # Errors
    /// [`Error::Invalid`] if that takes too long, or a fault of ours.
    pub async fn count_of(&self, list: &TokenList) -> Result<u64, Error> {
        let deadline = self.now() + COUNT_PATIENCE;
        let (mut total, mut position) = (0, None);
        loop {
            // A connection for each stride: others have their turn.
            let mut conn = self.store.read().await?;
            let walk = list.walk(COUNT_STRIDE);
            let (counted, next) = walk.count(&mut conn, position.as_ref()).await?;
            total += counted;
            position = next;
            if position.is_none() {
                return Ok(total);
            }
            if self.now() > deadline {
                let problem = "takes too long here: ask for count=estimate, or for fewer tokens";
                return Err(Invalid::field("count", problem).into());
            }
        }
    }

    /// About how many tokens a list has: exact for a short one, else as many as
    /// there would be if the rest were like its beginning.
    ///
    /// # Errors
    /// A fault of ours.
    pub async fn estimate_of(&self, list: &TokenList) -> Result<u64, Error> {
        let mut conn = self.store.read().await?;
        let walk = list.walk(STRIDE);
        let (counted, next) = walk.count(&mut conn, None).await?;
        if next.is_none() {
            return Ok(counted);
        }
        let extent = walk.extent(&mut conn, MOST_ESTIMATED).await?;
        let share = u128::from(extent) * u128::from(counted) / u128::from(STRIDE);
        Ok(u64::try_from(share).unwrap_or(u64::MAX).max(counted))
    }
}

impl TokenList {
    /// Its name in cursors: what is listed, and in what order.
    #[must_use]
    pub fn name(&self) -> String {
        format!("tokens {}", self.order.name())
    }

    const fn walk(&self, stride: u64) -> Walk<'_> {
        Walk {
            filter: &self.filter,
            order: self.order,
            now: self.now,
            stride,
        }
    }
}

/// Their own, of the kinds that are theirs to see.
fn restrict(filter: &mut TokenFilter, caller: &Caller) -> Result<(), Error> {
    let own = caller.user().map(|user| user.id);
    if own.is_none() || filter.owner.is_some_and(|owner| Some(owner) != own) {
        return Err(Error::NotPermitted("list another user's tokens"));
    }
    filter.owner = own;
    let kinds = Caller::own_kinds();
    if filter.kinds.is_empty() {
        filter.kinds = kinds;
    } else if !filter.kinds.iter().all(|kind| kinds.contains(kind)) {
        return Err(Error::NotPermitted("list tokens of this kind"));
    }
    Ok(())
}

/// There are indexes for every order of one owner's tokens, but not of all.
/// Whoever sits at the server's own console may wait for all to be sorted.
fn check_order(caller: &Caller, filter: &TokenFilter, order: TokenOrder) -> Result<(), Error> {
    let console = caller.token().is_none();
    let few = console
        || filter.owner.is_some()
        || filter.subject.is_some()
        || filter.family.is_some()
        || filter.hint.is_some();
    if few || !matches!(order.key, SortKey::Name | SortKey::LastUsed) {
        return Ok(());
    }
    let problem = "is an order of one owner's tokens, or of those of one subject or family: \
                   name one, or sort by id, created or expires";
    Err(Invalid::field("sort", problem).into())
}
