//! Runners, as far as they differ from what else holds a token: they are
//! heard of, and their lists are filtered by that.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use tokenry_domain::{
    HolderId,
    holder::{Details, Holder, HolderKind},
    page::{Direction, Page, PerPage, Position, Total, Window},
    runner::{RunnerFilter, RunnerStatus},
};
use tokenry_store::{runner_managers, tokens};

use crate::{Authority, Caller, Error, holders::Of};

/// When runners were heard of last. Who never was isn't in it.
pub type Contacts = BTreeMap<HolderId, Timestamp>;

/// Rows looked at in one go where a filter is told by their details.
const LOOK: u32 = 100;

impl Authority {
    /// When these runners showed a token last.
    ///
    /// # Errors
    /// A fault of ours.
    pub async fn contacts(
        &self,
        runners: impl IntoIterator<Item = HolderId>,
    ) -> Result<Contacts, Error> {
        // The database is about to be asked what memory may know better.
        self.flush_last_uses().await?;
        Ok(tokens::last_uses(&mut self.store.read().await?, runners).await?)
    }

    /// One window of the runners that a filter shows, and when they were heard
    /// of.
    ///
    /// # Errors
    /// As [`Authority::list_holders`].
    pub async fn list_runners(
        &self,
        caller: &Caller,
        of: &Of,
        filter: &RunnerFilter,
        direction: Direction,
        window: &Window,
    ) -> Result<(Page<Holder>, Contacts), Error> {
        let kind = HolderKind::Runner;
        if filter.is_empty() {
            let page = self
                .list_holders(caller, kind, of, direction, window)
                .await?;
            let contacts = self.contacts(ids(&page.rows)).await?;
            return Ok((page, contacts));
        }
        let mut sieve = Sieve::over(window);
        let mut from = sieve.from.clone();
        loop {
            let look = Window::After {
                position: from,
                per_page: PerPage::new(LOOK.into()).unwrap_or(PerPage::DEFAULT),
            };
            let page = self
                .list_holders(caller, kind, of, direction, &look)
                .await?;
            let contacts = self.contacts(ids(&page.rows)).await?;
            let of_version = self.of_version(filter, &page.rows).await?;
            from = page.rows.last().map(|last| Position::of_id(last.id.get()));
            let now = self.now();
            for holder in page.rows {
                let contact = contacts.get(&holder.id).copied();
                let status = RunnerStatus::of(contact, now);
                if of_version.contains(&holder.id) && shows(filter, &holder, status) {
                    sieve.keep(holder, contact);
                }
            }
            if !page.more || sieve.is_done() {
                return Ok(sieve.page());
            }
        }
    }

    /// Those of these runners that run a version as the filter wants it.
    async fn of_version(
        &self,
        filter: &RunnerFilter,
        rows: &[Holder],
    ) -> Result<BTreeSet<HolderId>, Error> {
        let Some(beginning) = &filter.version else {
            return Ok(ids(rows).collect());
        };
        let managers = runner_managers::of(&mut self.store.read().await?, ids(rows)).await?;
        let managers = managers.into_iter().filter(|one| one.runs(beginning));
        Ok(managers.map(|one| one.runner).collect())
    }
}

fn ids(rows: &[Holder]) -> impl Iterator<Item = HolderId> {
    rows.iter().map(|holder| holder.id)
}

fn shows(filter: &RunnerFilter, holder: &Holder, status: RunnerStatus) -> bool {
    match &holder.details {
        Details::Runner(runner) => filter.shows(runner, holder.place, status),
        _ => false,
    }
}

/// What is left of a list after a filter, as far as a window shows it.
struct Sieve {
    from: Option<Position>,
    /// Whether all are counted, or what follows the window doesn't matter.
    counts: bool,
    skip: u64,
    most: usize,
    met: u64,
    rows: Vec<Holder>,
    contacts: Contacts,
}

impl Sieve {
    fn over(window: &Window) -> Self {
        let (from, skip, per_page, counts) = match window {
            Window::Page { number, per_page } => {
                let skip = number
                    .saturating_sub(1)
                    .saturating_mul(per_page.get().into());
                (None, skip, per_page, true)
            }
            Window::After { position, per_page } => (position.clone(), 0, per_page, false),
        };
        Self {
            from,
            counts,
            skip,
            most: per_page.get() as usize,
            met: 0,
            rows: Vec::new(),
            contacts: Contacts::new(),
        }
    }

    fn keep(&mut self, holder: Holder, contact: Option<Timestamp>) {
        self.met += 1;
        if self.met > self.skip && self.rows.len() < self.most {
            self.contacts.extend(contact.map(|at| (holder.id, at)));
            self.rows.push(holder);
        }
    }

    fn is_done(&self) -> bool {
        !self.counts && self.met > self.most as u64
    }

    fn page(self) -> (Page<Holder>, Contacts) {
        let page = Page {
            more: self.met > self.skip + self.rows.len() as u64,
            total: if self.counts {
                Total::Exactly(self.met)
            } else {
                Total::Uncounted
            },
            rows: self.rows,
        };
        (page, self.contacts)
    }
}
