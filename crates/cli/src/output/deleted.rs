//! What stays of a token that was deleted, for people.

use super::{Row, owner, table};
use crate::console::DeletedRow;

/// Who deletes without a name.
const NOBODY: &str = "the server itself, or its console";

impl Row for DeletedRow {
    /// In the order of a token's own facts.
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "kind",
        "owner",
        "state",
        "created",
        "hint",
        "revoked",
        "deleted",
        "deleted by",
        "reason",
    ];

    fn cells(&self) -> Vec<String> {
        let by = self.deleted_by.as_deref().unwrap_or(NOBODY);
        let reason = self.reason.as_deref().unwrap_or("none was given");
        vec![
            self.id.to_string(),
            self.kind.clone(),
            owner(self.username.as_deref(), self.user_id),
            self.state.clone(),
            table::moment(Some(self.created_at)),
            self.hint.clone(),
            table::moment(self.revoked_at),
            table::moment(Some(self.deleted_at)),
            by.to_owned(),
            reason.to_owned(),
        ]
    }
}
