//! The form for machines: times as in RFC 3339, names as on the wire.

use std::io::{self, Write};

use serde::Serialize;

use crate::console::{Secret, TokenRow};

/// A token with its text, as field `token`.
#[derive(Serialize)]
struct Issued<'a> {
    #[serde(flatten)]
    row: &'a TokenRow,
    token: &'a str,
}

pub(super) fn write_object(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, value)?;
    writeln!(out)
}

pub(super) fn write_issued(out: &mut impl Write, row: &TokenRow, text: &Secret) -> io::Result<()> {
    let token = text.reveal();
    write_object(out, &Issued { row, token })
}
