//! The form for people. Times are UTC; no colours, no lines to cut away.

use comfy_table::{ColumnConstraint, Table, Width, presets};
use jiff::{Timestamp, civil::Date};

use super::Row;

/// A table that may come in parts: the header once, and columns that never
/// become narrower.
#[derive(Debug)]
pub(super) struct Parts {
    columns: &'static [&'static str],
    headed: bool,
    widths: Vec<u16>,
}

impl Parts {
    pub(super) const fn of(columns: &'static [&'static str]) -> Self {
        Self {
            columns,
            headed: false,
            widths: Vec::new(),
        }
    }

    /// The next part, as text; none without rows, since the header is as wide
    /// as the rows that come with it.
    pub(super) fn next(&mut self, rows: Vec<Vec<String>>) -> String {
        if rows.is_empty() {
            String::new()
        } else {
            self.lines_of(rows)
        }
    }

    /// The end, as text: the header, if there were no rows at all.
    pub(super) fn end(mut self) -> String {
        if self.headed {
            String::new()
        } else {
            self.lines_of(Vec::new())
        }
    }

    fn lines_of(&mut self, rows: Vec<Vec<String>>) -> String {
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        if !self.headed {
            let titles = self.columns.iter().map(|title| title.to_uppercase());
            table.set_header(titles.collect::<Vec<_>>());
            self.headed = true;
        }
        for row in rows {
            table.add_row(row.iter().map(|cell| plain(cell)).collect::<Vec<_>>());
        }
        let content = table.column_max_content_widths();
        let before = self.widths.iter().copied().chain(std::iter::repeat(0));
        self.widths = content
            .into_iter()
            .zip(before)
            .map(|(a, b)| a.max(b))
            .collect();
        for (at, width) in self.widths.iter().enumerate() {
            if let Some(column) = table.column_mut(at) {
                column.set_padding((0, 2));
                // The width of a column counts its padding.
                let width = Width::Fixed(width.saturating_add(2));
                column.set_constraint(ColumnConstraint::LowerBoundary(width));
            }
        }
        lines(&table)
    }
}

/// A table in one part.
pub(super) fn whole(columns: &'static [&'static str], rows: Vec<Vec<String>>) -> String {
    let mut parts = Parts::of(columns);
    let text = parts.next(rows);
    text + &parts.end()
}

/// The facts of one thing, a line each.
pub(super) fn facts(row: &impl Row) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    for (name, value) in row.facts() {
        table.add_row(vec![name.to_owned(), plain(&value)]);
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    lines(&table)
}

fn lines(table: &Table) -> String {
    table
        .lines()
        .map(|line| line.trim_end().to_owned() + "\n")
        .collect()
}

/// Names come from elsewhere: what would move a terminal's cursor, or turn
/// its text around, is shown as a mark.
pub(super) fn plain(text: &str) -> String {
    let bidi = |c: char| matches!(c, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars()
        .map(|c| {
            if c.is_control() || bidi(c) {
                '\u{fffd}'
            } else {
                c
            }
        })
        .collect()
}

/// A moment, to the minute.
pub(super) fn moment(at: Option<Timestamp>) -> String {
    at.map_or_else(
        || "never".to_owned(),
        |at| at.strftime("%Y-%m-%d %H:%M").to_string(),
    )
}

pub(super) fn date(date: Option<Date>) -> String {
    date.map_or_else(|| "never".to_owned(), |date| date.to_string())
}

pub(super) fn yes(value: bool) -> String {
    if value { "yes" } else { "no" }.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(row: [&str; 2]) -> Vec<String> {
        row.map(str::to_owned).to_vec()
    }

    #[test]
    fn parts_line_up_and_only_the_first_has_a_header() {
        let mut parts = Parts::of(&["id", "name"]);
        assert_eq!(parts.next(Vec::new()), "", "an empty part says nothing yet");
        let first = parts.next(vec![cells(["1", "eleven char"])]);
        assert_eq!(first, "ID  NAME\n1   eleven char\n");
        let second = parts.next(vec![cells(["12", "x"]), cells(["1234", "y"])]);
        assert_eq!(second, "12    x\n1234  y\n");
        assert_eq!(parts.next(Vec::new()), "");
        let third = parts.next(vec![cells(["5", "z"])]);
        assert_eq!(third, "5     z\n");
        assert_eq!(parts.end(), "");
    }

    #[test]
    fn a_name_can_not_move_the_cursor() {
        let shown = whole(
            &["id", "name"],
            vec![cells(["1", "a\u{1b}[2Jb\u{202e}c\nd"])],
        );
        assert_eq!(shown, "ID  NAME\n1   a\u{fffd}[2Jb\u{fffd}c\u{fffd}d\n");
    }

    #[test]
    fn times_are_short_and_utc() {
        let at: Timestamp = "2031-04-05T23:59:59.9Z".parse().unwrap();
        assert_eq!(moment(Some(at)), "2031-04-05 23:59");
        assert_eq!(moment(None), "never");
    }
}
