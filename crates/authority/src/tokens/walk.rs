//! Lists of tokens of every kind, read along an index: at any depth, and with
//! any filter, an answer takes no longer than a look at so many rows.

use jiff::Timestamp;
use tokenry_domain::{
    Invalid, Token, TokenId,
    page::Position,
    token_filter::{SortKey, TokenFilter, TokenOrder},
};
use tokenry_store::token_walk::Walk;

use crate::{Authority, Caller, Error};

/// How many strides are one where nothing is shown meanwhile.
const WIDE: u64 = 5;
/// Rows of one owner or subject that an estimate counts at most.
const MOST_ESTIMATED: u64 = 2_000_000;

/// A list of tokens that the caller may see: which, and in what order.
#[derive(Debug, Clone)]
pub struct TokenList {
    pub(super) filter: TokenFilter,
    pub(super) order: TokenOrder,
    pub(super) now: Timestamp,
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
        let among = self.named(list).await?;
        let mut conn = self.store.read().await?;
        let walk = self.walk(list, among.as_deref());
        let walked = walk.rows(&mut conn, after, most).await?;
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
        let among = self.named(list).await?;
        let walk = wide(self.walk(list, among.as_deref()));
        let deadline = self.deadline();
        let (mut total, mut position) = (0, None);
        loop {
            // A connection for each stride: others have their turn.
            let mut conn = self.store.read().await?;
            let (counted, next) = walk.count(&mut conn, position.as_ref()).await?;
            total += counted;
            position = next;
            if position.is_none() {
                return Ok(total);
            }
            if self.now() >= deadline {
                let problem = "takes too long here: ask for count=estimate, or for fewer tokens";
                return Err(Invalid::field("count", problem).into());
            }
        }
    }

    /// About how many tokens a list has: exact for a short one, else as many as
    /// there would be if the rest were like its beginning and its end. The two
    /// often differ: the oldest tokens are dead, the newest alive.
    ///
    /// # Errors
    /// A fault of ours.
    pub async fn estimate_of(&self, list: &TokenList) -> Result<u64, Error> {
        let among = self.named(list).await?;
        let mut conn = self.store.read().await?;
        let walk = self.walk(list, among.as_deref());
        let (counted, next) = walk.count(&mut conn, None).await?;
        if next.is_none() {
            return Ok(counted);
        }
        let backwards = Walk {
            order: list.order.reversed(),
            ..walk
        };
        let (at_the_end, _) = backwards.count(&mut conn, None).await?;
        let extent = walk.extent(&mut conn, MOST_ESTIMATED).await?;
        let sample = u128::from(walk.stride.max(1)) * 2;
        let share = u128::from(extent) * u128::from(counted + at_the_end) / sample;
        let known = counted.max(at_the_end);
        Ok(u64::try_from(share).unwrap_or(u64::MAX).max(known))
    }

    /// The way through a list, or among some tokens that alone can be in it.
    pub(super) fn walk<'l>(&self, list: &'l TokenList, among: Option<&'l [TokenId]>) -> Walk<'l> {
        Walk {
            filter: &list.filter,
            order: list.order,
            now: list.now,
            stride: self.options.stride,
            among,
        }
    }

    /// When somebody who looks through a list from now on gives up.
    pub(super) fn deadline(&self) -> Timestamp {
        self.now() + self.options.patience
    }
}

/// The same way in longer strides.
pub(super) const fn wide(walk: Walk<'_>) -> Walk<'_> {
    Walk {
        stride: walk.stride.saturating_mul(WIDE),
        ..walk
    }
}

impl TokenList {
    /// Its name in cursors: what is listed, and in what order.
    #[must_use]
    pub fn name(&self) -> String {
        format!("tokens {}", self.order.name())
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
    if console || has_an_index(filter, order) {
        return Ok(());
    }
    let problem = "is an order of one owner's tokens, or of those of one subject or family: \
                   name one, or sort by id, created or expires";
    Err(Invalid::field("sort", problem).into())
}

/// Whether an index has the order, or few rows are to be sorted.
pub(super) const fn has_an_index(filter: &TokenFilter, order: TokenOrder) -> bool {
    filter.owner.is_some()
        || filter.subject.is_some()
        || filter.family.is_some()
        || filter.hint.is_some()
        || !matches!(order.key, SortKey::Name | SortKey::LastUsed)
}
