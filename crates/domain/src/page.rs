//! Windows onto long lists, by page number or after a position.

use data_encoding::BASE64URL_NOPAD;

/// Which way a list runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Smallest first.
    Ascending,
    /// Largest first.
    Descending,
}

/// How many rows a window shows: 1 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PerPage(u32);

impl PerPage {
    /// What clients get that don't ask (spec/rest.md section 1A).
    pub const DEFAULT: Self = Self(20);
    /// The most anybody gets.
    pub const MOST: Self = Self(100);

    /// As many as asked for, at most 100; `None` for zero.
    #[must_use]
    pub const fn new(wanted: u64) -> Option<Self> {
        match wanted {
            0 => None,
            #[expect(clippy::cast_possible_truncation, reason = "at most 100 here")]
            1..=100 => Some(Self(wanted as u32)),
            _ => Some(Self::MOST),
        }
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }

    /// How many rows come before the page with this number, counted from 1.
    #[must_use]
    pub fn before(self, number: u64) -> u64 {
        number.saturating_sub(1).saturating_mul(self.0.into())
    }
}

/// Which part of a list is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Window {
    /// The page with this number, counted from 1. Its cost grows with the number.
    Page {
        /// From 1.
        number: u64,
        /// Rows a page.
        per_page: PerPage,
    },
    /// What comes after a position. Its cost is the same at any depth.
    After {
        /// Where the previous window ended; `None` begins the list.
        position: Option<Position>,
        /// Rows a page.
        per_page: PerPage,
    },
}

impl Window {
    /// Rows a page.
    #[must_use]
    pub const fn per_page(&self) -> PerPage {
        match self {
            Self::Page { per_page, .. } | Self::After { per_page, .. } => *per_page,
        }
    }
}

/// The value a row is sorted by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SortValue {
    /// An id, or a time in microseconds.
    Number(i64),
    /// A name.
    Text(String),
}

/// Where a row stands in a sorted list: its sort value, then its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// What the list is sorted by.
    pub value: SortValue,
    /// Breaks ties.
    pub id: i64,
}

/// A cursor that no list of this order gave.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the cursor is broken or belongs to another order; begin again without it")]
pub struct BrokenCursor;

impl Position {
    /// Where the row with this id stands in a list that is sorted by ids.
    #[must_use]
    pub const fn of_id(id: i64) -> Self {
        Self {
            value: SortValue::Number(id),
            id,
        }
    }

    /// The position as clients carry it: base64url of `order:id:value`, where
    /// a number begins with `n`, a text with `t`.
    #[must_use]
    pub fn to_cursor(&self, order: &str) -> String {
        let plain = match &self.value {
            SortValue::Number(number) => format!("{order}:{}:n{number}", self.id),
            SortValue::Text(text) => format!("{order}:{}:t{text}", self.id),
        };
        BASE64URL_NOPAD.encode(plain.as_bytes())
    }

    /// The position in a cursor of a list of the same order.
    ///
    /// # Errors
    /// [`BrokenCursor`] for anything [`Position::to_cursor`] didn't make.
    pub fn from_cursor(cursor: &str, order: &str) -> Result<Self, BrokenCursor> {
        let plain = BASE64URL_NOPAD
            .decode(cursor.as_bytes())
            .map_err(|_| BrokenCursor)?;
        let plain = String::from_utf8(plain).map_err(|_| BrokenCursor)?;
        let mut parts = plain.splitn(3, ':');
        let (Some(of), Some(id), Some(value)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(BrokenCursor);
        };
        if of != order {
            return Err(BrokenCursor);
        }
        let id = id.parse().map_err(|_| BrokenCursor)?;
        Ok(Self {
            value: sort_value(value)?,
            id,
        })
    }
}

fn sort_value(text: &str) -> Result<SortValue, BrokenCursor> {
    if let Some(number) = text.strip_prefix('n') {
        return number
            .parse()
            .map(SortValue::Number)
            .map_err(|_| BrokenCursor);
    }
    match text.strip_prefix('t') {
        Some(text) if !text.contains('\0') => Ok(SortValue::Text(text.to_owned())),
        _ => Err(BrokenCursor),
    }
}

/// Totals are counted so far and no further (spec/rest.md section 1A).
pub const COUNTED: u64 = 10_000;

/// How many rows a list has in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Total {
    /// So many.
    Exactly(u64),
    /// More than [`COUNTED`].
    Many,
    /// Nobody counted, because the window doesn't need it.
    Uncounted,
}

/// One window's rows.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// The rows, at most as many as asked for.
    pub rows: Vec<T>,
    /// Whether rows follow.
    pub more: bool,
    /// How many rows there are in all.
    pub total: Total,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_page_has_one_to_a_hundred_rows() {
        assert_eq!(PerPage::new(0), None);
        assert_eq!(PerPage::new(1).map(PerPage::get), Some(1));
        assert_eq!(PerPage::new(101), Some(PerPage::MOST));
        assert_eq!(PerPage::new(u64::MAX), Some(PerPage::MOST));
    }

    #[test]
    fn a_cursor_serves_its_own_order_only() {
        let cursor = Position {
            value: SortValue::Number(5),
            id: 9,
        }
        .to_cursor("id_asc");
        assert!(Position::from_cursor(&cursor, "id_asc").is_ok());
        assert_eq!(Position::from_cursor(&cursor, "id_desc"), Err(BrokenCursor));
    }

    proptest! {
        #[test]
        fn cursors_read_back(number: i64, id: i64, text in "[^\\x00]*") {
            for value in [SortValue::Number(number), SortValue::Text(text)] {
                let position = Position { value, id };
                let cursor = position.to_cursor("name_asc");
                prop_assert_eq!(Position::from_cursor(&cursor, "name_asc"), Ok(position));
            }
        }

        #[test]
        fn no_text_is_more_than_broken(text: String) {
            let _ = Position::from_cursor(&text, "id_asc");
        }
    }
}
