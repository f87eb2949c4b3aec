//! Lists of any length, printed part by part.

use std::io::{self, BufWriter, StdoutLock, Write};

use super::{Format, Row, quietly, table::Parts};
use crate::exit::Failure;

/// Whether anybody still reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reader {
    Reads,
    Gone,
}

/// Prints a list whose rows come in parts.
#[derive(Debug)]
pub(crate) struct ListPrinter<W: Write = BufWriter<StdoutLock<'static>>> {
    out: W,
    format: Format,
    parts: Parts,
    printed: usize,
}

impl ListPrinter {
    pub(crate) fn to_stdout(format: Format, columns: &'static [&'static str]) -> Self {
        Self::new(BufWriter::new(io::stdout().lock()), format, columns)
    }
}

impl<W: Write> ListPrinter<W> {
    fn new(out: W, format: Format, columns: &'static [&'static str]) -> Self {
        Self {
            out,
            format,
            parts: Parts::of(columns),
            printed: 0,
        }
    }

    /// Prints the next rows.
    pub(crate) fn print<T: Row>(&mut self, rows: &[T]) -> Result<Reader, Failure> {
        let written = match self.format {
            Format::Table => self.print_lines(rows),
            Format::Json => self.print_elements(rows),
        };
        Self::told(written.and_then(|()| self.out.flush()))
    }

    /// Ends the list.
    pub(crate) fn finish(mut self) -> Result<(), Failure> {
        let written = match (self.format, self.printed) {
            (Format::Table, _) => self.out.write_all(self.parts.end().as_bytes()),
            (Format::Json, 0) => writeln!(self.out, "[]"),
            (Format::Json, _) => writeln!(self.out, "\n]"),
        };
        quietly(written.and_then(|()| self.out.flush()))
    }

    fn print_lines<T: Row>(&mut self, rows: &[T]) -> io::Result<()> {
        let cells = rows.iter().map(Row::cells).collect();
        self.out.write_all(self.parts.next(cells).as_bytes())
    }

    /// An object a line: as easy for `grep` as for a parser.
    fn print_elements<T: Row>(&mut self, rows: &[T]) -> io::Result<()> {
        for row in rows {
            let before = if self.printed == 0 { "[\n" } else { ",\n" };
            self.out.write_all(before.as_bytes())?;
            serde_json::to_writer(&mut self.out, row)?;
            self.printed += 1;
        }
        Ok(())
    }

    fn told(written: io::Result<()>) -> Result<Reader, Failure> {
        match written {
            Ok(()) => Ok(Reader::Reads),
            Err(error) => quietly(Err(error)).map(|()| Reader::Gone),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::KeyRow;
    use super::*;

    fn printed(format: Format, parts: &[&[u32]]) -> String {
        let mut out = Vec::new();
        let mut list = ListPrinter::new(&mut out, format, KeyRow::COLUMNS);
        for part in parts {
            let rows: Vec<_> = part
                .iter()
                .map(|id| KeyRow {
                    id: *id,
                    current: false,
                })
                .collect();
            assert_eq!(list.print(&rows).unwrap(), Reader::Reads);
        }
        list.finish().unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_parts_make_one_array() {
        for parts in [&[&[][..]][..], &[&[1]], &[&[1, 2], &[3]]] {
            let text = printed(Format::Json, parts);
            let ids: Vec<KeyRow> = serde_json::from_str(&text).unwrap();
            let ids: Vec<_> = ids.iter().map(|row| row.id).collect();
            assert_eq!(ids, parts.concat(), "{text}");
        }
    }

    #[test]
    fn an_empty_table_has_a_header() {
        assert_eq!(printed(Format::Table, &[&[]]), "ID  IN USE\n");
        assert_eq!(printed(Format::Table, &[&[], &[]]), "ID  IN USE\n");
    }

    #[test]
    fn the_header_comes_once_and_as_wide_as_the_rows() {
        let table = printed(Format::Table, &[&[], &[1_234_567], &[], &[2]]);
        assert_eq!(table, "ID       IN USE\n1234567  no\n2        no\n");
    }

    #[test]
    fn whoever_stops_reading_ends_the_list_and_a_full_disk_is_told() {
        struct Broken(io::ErrorKind);
        impl Write for Broken {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(self.0.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let rows = [KeyRow {
            id: 1,
            current: true,
        }];
        let gone = Broken(io::ErrorKind::BrokenPipe);
        let mut list = ListPrinter::new(gone, Format::Json, KeyRow::COLUMNS);
        assert_eq!(list.print(&rows).unwrap(), Reader::Gone);
        let full = Broken(io::ErrorKind::StorageFull);
        let mut list = ListPrinter::new(full, Format::Table, KeyRow::COLUMNS);
        assert_eq!(list.print(&rows).unwrap_err().code, "output_failed");
    }
}
