//! Reading the audit trail.

use tokenry_domain::{audit_filter::AuditFilter, page::Position};
use tokenry_store::audit_list;

pub use tokenry_store::audit::Written;

use crate::{Authority, Caller, Error};

/// The name of this list in cursors.
const LIST: &str = "audit id_desc";

/// A part of the trail.
#[derive(Debug)]
pub struct Part {
    /// The entries, the newest first. There may be fewer than asked for, or
    /// none, though more follow.
    pub entries: Vec<Written>,
    /// Where the next part begins; none at the end.
    pub next: Option<String>,
}

impl Authority {
    /// A part of the audit trail, for administrators: at most `most` entries
    /// behind a cursor, the newest first.
    ///
    /// # Errors
    /// [`Error::AdminOnly`], [`Error::Cursor`], or a fault of ours.
    pub async fn audit_trail(
        &self,
        caller: &Caller,
        filter: &AuditFilter,
        cursor: Option<&str>,
        most: usize,
    ) -> Result<Part, Error> {
        caller.require_admin()?;
        let after = cursor.map(|cursor| self.open_cursor(LIST, cursor));
        let below = after.transpose()?.map(|position| position.id);
        let mut conn = self.store.read().await?;
        let part = audit_list::below(&mut conn, filter, below, most).await?;
        Ok(Part {
            entries: part.entries,
            next: part
                .next
                .map(|id| self.seal_cursor(LIST, &Position::of_id(id))),
        })
    }
}
