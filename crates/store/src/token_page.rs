//! Pages by number, with their total, of lists of which few of the rows looked
//! at may be shown: read and counted stride by stride.

use tokenry_domain::{
    Token,
    page::{COUNTED, Page, PerPage, Position, Total},
};

use crate::{
    Conn, StoreError, list,
    token_walk::{Walk, number},
    tokens::TokenRow,
};

/// A page that is being read.
#[derive(Debug)]
pub struct NumberedPage {
    per_page: usize,
    /// Rows of the list before it.
    before: u64,
    rows: Vec<Token>,
    /// Rows of the list found so far, no more than [`NumberedPage::enough`].
    counted: u64,
    reached: Option<Position>,
    is_whole: bool,
}

impl NumberedPage {
    /// The page with this number, counted from 1.
    #[must_use]
    pub fn new(number: u64, per_page: PerPage) -> Self {
        Self {
            per_page: per_page.get() as usize,
            before: per_page.before(number),
            rows: Vec::new(),
            counted: 0,
            reached: None,
            is_whole: false,
        }
    }

    /// Looks at one stride more.
    ///
    /// # Errors
    /// [`StoreError`] of the engine.
    pub async fn read_on(&mut self, conn: &mut Conn, walk: Walk<'_>) -> Result<(), StoreError> {
        let end = walk.end(conn, self.reached.as_ref(), walk.stride).await?;
        let shown = walk.shown();
        let (from, upto) = (self.reached.as_ref(), end.as_ref());
        let ones = shown.of_ones().stretches(from, upto);
        for (ones, rows) in ones.into_iter().zip(shown.stretches(from, upto)) {
            let enough = self.enough();
            let counted = number(conn, ones.counted(enough - self.counted)).await?;
            let lacking = self.with_one_more() - self.rows.len();
            if lacking > 0 && self.counted + counted > self.before {
                let skipped = self.before.saturating_sub(self.counted);
                let sql = rows.rows(lacking, skipped);
                self.rows
                    .extend(list::fetch::<TokenRow, Token>(conn, sql).await?);
            }
            self.counted = enough.min(self.counted + counted);
        }
        self.is_whole = end.is_none() || self.counted == self.enough();
        self.reached = end;
        Ok(())
    }

    /// Whether the rows and their total are known, so far as it is told.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// Whether the rows are known, and that more follow.
    #[must_use]
    pub fn has_its_rows(&self) -> bool {
        self.rows.len() == self.with_one_more()
    }

    /// The page; without a total that wasn't counted to its end.
    #[must_use]
    pub fn finish(mut self) -> Page<Token> {
        let more = self.rows.len() > self.per_page;
        self.rows.truncate(self.per_page);
        let total = match self.counted {
            _ if !self.is_whole => Total::Uncounted,
            counted if counted > COUNTED => Total::Many,
            counted => Total::Exactly(counted),
        };
        Page {
            rows: self.rows,
            more,
            total,
        }
    }

    /// One row more than is shown tells whether more follow.
    const fn with_one_more(&self) -> usize {
        self.per_page + 1
    }

    /// What comes behind so many rows is neither shown nor counted.
    fn enough(&self) -> u64 {
        let end = self.before.saturating_add(self.with_one_more() as u64);
        end.max(COUNTED + 1)
    }
}
