//! Lists from their first row to the last, however many there are.

use tokenry_domain::page::PerPage;

use super::{Session, unexpected};
use crate::{
    console::{Command, Link, Listed, Outcome, Part},
    exit::Failure,
    output::{ListPrinter, Reader, Row},
};

impl Session {
    /// Asks for part after part and prints each as it comes. `command` makes
    /// the question of a part, `rows` takes them out of the answer.
    pub(super) async fn list<T: Row>(
        &self,
        limit: Option<u64>,
        command: impl Fn(Part) -> Command,
        rows: impl Fn(Outcome) -> Option<Listed<T>>,
    ) -> Result<(), Failure> {
        let mut link = Link::open(&self.reach).await?;
        let printed = self.print_parts(&mut link, limit, command, rows).await;
        let closed = link.close().await;
        printed.and(closed)
    }

    async fn print_parts<T: Row>(
        &self,
        link: &mut Link,
        limit: Option<u64>,
        command: impl Fn(Part) -> Command,
        rows: impl Fn(Outcome) -> Option<Listed<T>>,
    ) -> Result<(), Failure> {
        let mut list = None;
        let mut left = limit.unwrap_or(u64::MAX);
        let mut after = None;
        loop {
            let most = left.min(PerPage::MOST.get().into());
            let outcome = link.run(command(Part { after, most })).await?;
            let part = rows(outcome).ok_or_else(unexpected)?;
            // Nothing is printed before the first answer, which may be a refusal.
            let list = list.get_or_insert_with(|| ListPrinter::to_stdout(self.format, T::COLUMNS));
            if list.print(&part.rows)? == Reader::Gone {
                return Ok(());
            }
            left = left.saturating_sub(part.rows.len() as u64);
            after = part.next;
            if after.is_none() || left == 0 {
                break;
            }
        }
        list.map_or(Ok(()), ListPrinter::finish)
    }
}
