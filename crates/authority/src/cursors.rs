//! Cursors of tokenry's own lists: where a list goes on, signed.

use tokenry_domain::page::{BrokenCursor, Position};

use crate::{Authority, Error};

impl Authority {
    /// A cursor of this list that goes on behind a position. The list's name
    /// tells what is listed and in what order: `tokens created_desc`.
    #[must_use]
    pub fn seal_cursor(&self, list: &str, position: &Position) -> String {
        self.keys
            .load()
            .sign_cursor(list, &position.to_cursor(list))
    }

    /// The position in a cursor that this server gave for this list.
    ///
    /// # Errors
    /// [`Error::Cursor`] for anything else.
    pub fn open_cursor(&self, list: &str, cursor: &str) -> Result<Position, Error> {
        let keys = self.keys.load();
        let own = keys.signed_cursor(list, cursor).ok_or(BrokenCursor)?;
        Ok(Position::from_cursor(own, list)?)
    }
}
