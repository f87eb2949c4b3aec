//! Lines of cells (RFC 4180).

use std::borrow::Cow;

/// Writes a line.
///
/// Names come from elsewhere, and spreadsheets take a cell that begins with one
/// of some letters for a formula: an apostrophe before it makes it text.
pub(crate) fn write_line<'c>(out: &mut Vec<u8>, cells: impl IntoIterator<Item = Cow<'c, str>>) {
    for (place, cell) in cells.into_iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        write_cell(out, &cell);
    }
    out.extend(b"\r\n");
}

fn write_cell(out: &mut Vec<u8>, cell: &str) {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if !formula && !cell.contains([',', '"', '\r', '\n']) {
        out.extend(cell.as_bytes());
        return;
    }
    out.push(b'"');
    if formula {
        out.push(b'\'');
    }
    for (place, part) in cell.split('"').enumerate() {
        if place > 0 {
            out.extend(br#""""#);
        }
        out.extend(part.as_bytes());
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(cells: &[&str]) -> String {
        let mut out = Vec::new();
        write_line(&mut out, cells.iter().map(|cell| Cow::Borrowed(*cell)));
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        assert_eq!(
            written(&["1", "", "a b", "a,b", "say \"hi\"", "two\nlines"]),
            "1,,a b,\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\"\r\n"
        );
    }

    #[test]
    fn what_looks_like_a_formula_is_text() {
        for (cell, expected) in [
            ("=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\"\r\n"),
            ("+1", "\"'+1\"\r\n"),
            ("-1", "\"'-1\"\r\n"),
            ("@sum", "\"'@sum\"\r\n"),
            ("\tx", "\"'\tx\"\r\n"),
            ("a=1", "a=1\r\n"),
        ] {
            assert_eq!(written(&[cell]), expected);
        }
    }
}
