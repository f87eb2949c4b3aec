//! Lists of which few rows may be shown, looked through stride by stride, as
//! long as anybody waits for one answer.

use tokenry_domain::{
    Token,
    page::{Page, PerPage, Position, Total},
};
use tokenry_store::{token_page::NumberedPage, token_walk::Walk};

use super::walk::wide;
use crate::{Authority, Error};

impl Authority {
    /// At most `most` rows behind a position. There may be fewer, though more
    /// follow, but not none.
    ///
    /// # Errors
    /// [`Error::NotIndexed`] if none is found in time, or a fault of ours.
    pub(super) async fn gather(
        &self,
        walk: Walk<'_>,
        after: Option<&Position>,
        most: usize,
    ) -> Result<Page<Token>, Error> {
        let deadline = self.deadline();
        let (mut rows, mut reached) = (Vec::new(), after.cloned());
        // One row more than is shown tells whether more follow.
        let enough = most.saturating_add(1);
        loop {
            // A connection for each stride: others have their turn.
            let mut conn = self.store.read().await?;
            let lacking = enough.saturating_sub(rows.len());
            let walked = wide(walk)
                .rows(&mut conn, reached.as_ref(), lacking)
                .await?;
            rows.extend(walked.rows);
            reached = walked.next;
            if reached.is_none() || rows.len() > most {
                break;
            }
            if self.now() >= deadline {
                if rows.is_empty() {
                    return Err(Error::NotIndexed);
                }
                break;
            }
        }
        let more = rows.len() > most || reached.is_some();
        rows.truncate(most);
        Ok(Page {
            rows,
            more,
            total: Total::Uncounted,
        })
    }

    /// The page of this number, and its total if that is counted in time.
    ///
    /// # Errors
    /// [`Error::NotIndexed`] if its rows aren't found in time, or a fault of ours.
    pub(super) async fn numbered(
        &self,
        walk: Walk<'_>,
        number: u64,
        per_page: PerPage,
    ) -> Result<Page<Token>, Error> {
        let deadline = self.deadline();
        let mut page = NumberedPage::new(number, per_page);
        loop {
            let mut conn = self.store.read().await?;
            page.read_on(&mut conn, wide(walk)).await?;
            if page.is_whole() {
                return Ok(page.finish());
            }
            if self.now() >= deadline {
                return if page.has_its_rows() {
                    Ok(page.finish())
                } else {
                    Err(Error::NotIndexed)
                };
            }
        }
    }
}
