//! What commands print, for people or for machines.

mod deleted;
mod json;
mod list;
mod table;

pub(crate) use list::{ListPrinter, Reader};

use std::io::{self, BufWriter, Write};

use clap::ValueEnum;
use serde::Serialize;
use serde_json::Value;
use tokenry_domain::settings::{NAMES, SETTINGS, Settings};

use crate::{
    console::{DueRow, KeptRow, KeyRow, PurgeRow, RanRow, Secret, SubjectRow, TokenRow, UserRow},
    exit::Failure,
};

/// How a command prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Table,
    /// For machines: one array or object
    Json,
}

/// A row that is shown in lists and by itself.
pub(crate) trait Row: Serialize {
    /// The columns of a list.
    const COLUMNS: &'static [&'static str];

    /// What stands in the columns.
    fn cells(&self) -> Vec<String>;

    /// All there is to tell, each fact with its name.
    fn facts(&self) -> Vec<(&'static str, String)> {
        Self::COLUMNS.iter().copied().zip(self.cells()).collect()
    }
}

/// Prints one thing.
pub(crate) fn print_one(format: Format, row: &impl Row) -> Result<(), Failure> {
    quietly(print(|out| match format {
        Format::Table => write!(out, "{}", table::facts(row)),
        Format::Json => json::write_object(out, row),
    }))
}

/// Prints an object that another server told.
pub(crate) fn print_found(format: Format, object: &Value) -> Result<(), Failure> {
    quietly(print(|out| match format {
        Format::Table => {
            let facts = object.as_object().into_iter().flatten();
            let facts = facts.filter(|(_, value)| !value.is_null());
            let rows =
                facts.map(|(name, value)| vec![table::plain(name), table::plain(&text(value))]);
            write!(out, "{}", table::whole(&["what", "is"], rows.collect()))
        }
        Format::Json => json::write_object(out, object),
    }))
}

/// A text as it is, anything else as JSON.
fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// Prints that a thing is gone.
pub(crate) fn print_deleted(format: Format, what: &str, id: i64) -> Result<(), Failure> {
    quietly(print(|out| match format {
        Format::Table => writeln!(out, "deleted {what} {id}"),
        Format::Json => json::write_object(out, &serde_json::json!({ "id": id, "deleted": true })),
    }))
}

/// Prints a list that comes in one part.
pub(crate) fn print_all<T: Row>(format: Format, rows: &[T]) -> Result<(), Failure> {
    quietly(print(|out| match format {
        Format::Table => {
            let cells: Vec<_> = rows.iter().map(Row::cells).collect();
            write!(out, "{}", table::whole(T::COLUMNS, cells))
        }
        Format::Json => json::write_object(out, &rows),
    }))
}

/// Prints a new token with its secret. Here a closed output is a failure: the
/// token exists, and nobody has seen its text.
pub(crate) fn print_issued(format: Format, token: &TokenRow, text: &Secret) -> Result<(), Failure> {
    let printed = print(|out| match format {
        Format::Table => {
            write!(out, "{}", table::facts(token))?;
            writeln!(
                out,
                "\n{}\n\nThis is the token. It is shown this once and kept nowhere.",
                text.reveal()
            )
        }
        Format::Json => json::write_issued(out, token, text),
    });
    printed.map_err(|error| {
        let message = format!(
            "token {} was issued, but its text couldn't be printed: {error}; \
             revoke or rotate it",
            token.id
        );
        Failure::fault("output_failed", message)
    })
}

/// Prints what is printed already.
pub(crate) fn print_bytes(bytes: &[u8]) -> Result<(), Failure> {
    quietly(print(|out| out.write_all(bytes)))
}

fn print(
    write: impl FnOnce(&mut BufWriter<io::StdoutLock<'static>>) -> io::Result<()>,
) -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    write(&mut out)?;
    out.flush()
}

/// Whoever reads may stop reading, as `head` does; that is no failure.
fn quietly(printed: io::Result<()>) -> Result<(), Failure> {
    match printed {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            let message = format!("standard output can't be written: {error}");
            Err(Failure::fault("output_failed", message))
        }
        _ => Ok(()),
    }
}

impl Row for TokenRow {
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "kind",
        "owner",
        "subject",
        "name",
        "state",
        "scopes",
        "created",
        "expires",
        "last used",
        "hint",
    ];

    fn cells(&self) -> Vec<String> {
        vec![
            self.id.to_string(),
            self.kind.clone(),
            owner(self.username.as_deref(), self.user_id),
            self.subject.as_ref().map(subject).unwrap_or_default(),
            self.name.clone(),
            self.state.clone(),
            short_list(&self.scopes),
            table::moment(Some(self.created_at)),
            table::date(self.expires_at),
            table::moment(self.last_used_at),
            self.hint.clone(),
        ]
    }

    fn facts(&self) -> Vec<(&'static str, String)> {
        let mut facts: Vec<_> = Self::COLUMNS.iter().copied().zip(self.cells()).collect();
        for fact in facts.iter_mut().filter(|(name, _)| *name == "scopes") {
            fact.1 = self.scopes.join(",");
        }
        let addresses: Vec<_> = self.last_used_ips.iter().map(ToString::to_string).collect();
        let id = self.rotated_from.map(|id| id.to_string());
        facts.extend([
            ("addresses", addresses.join(",")),
            ("description", self.description.clone().unwrap_or_default()),
            (
                "revoked",
                self.revoked_at
                    .map_or_else(String::new, |at| table::moment(Some(at))),
            ),
            ("rotated from", id.unwrap_or_default()),
        ]);
        facts.retain(|(_, value)| !value.is_empty());
        facts
    }
}

/// The first few of many.
fn short_list(names: &[String]) -> String {
    const SHOWN: usize = 3;
    let first: Vec<_> = names.iter().take(SHOWN).map(String::as_str).collect();
    let text = first.join(",");
    match names.len().saturating_sub(SHOWN) {
        0 => text,
        more => format!("{text} +{more}"),
    }
}

fn owner(username: Option<&str>, id: i64) -> String {
    username.map_or_else(|| id.to_string(), str::to_owned)
}

/// In short: places are known by their paths, all else by its number.
fn subject(subject: &SubjectRow) -> String {
    match (subject.r#type.as_str(), &subject.name) {
        (sort @ ("group" | "project"), Some(path)) => format!("{sort} {path}"),
        (sort, _) => format!("{sort} {}", subject.id),
    }
}

impl Row for UserRow {
    const COLUMNS: &'static [&'static str] = &[
        "id", "username", "name", "email", "admin", "external", "state", "created",
    ];

    fn cells(&self) -> Vec<String> {
        vec![
            self.id.to_string(),
            self.username.clone(),
            self.name.clone(),
            self.email.clone(),
            table::yes(self.admin),
            table::yes(self.external),
            self.state.clone(),
            table::moment(Some(self.created_at)),
        ]
    }
}

impl Row for Settings {
    const COLUMNS: &'static [&'static str] = NAMES;

    fn cells(&self) -> Vec<String> {
        let values = SETTINGS.iter().map(|setting| setting.value(self));
        values.map(|value| value.to_string()).collect()
    }
}

impl Row for PurgeRow {
    const COLUMNS: &'static [&'static str] = &["id", "state", "examined", "deleted", "kept"];

    fn cells(&self) -> Vec<String> {
        let deleted = if self.dry_run {
            format!("{} would be", self.deleted)
        } else {
            self.deleted.to_string()
        };
        vec![
            self.id.to_string(),
            self.state.clone(),
            self.examined.to_string(),
            deleted,
            self.kept.to_string(),
        ]
    }
}

impl Row for KeptRow {
    const COLUMNS: &'static [&'static str] = &["tokens", "tombstones", "audit", "oldest due"];

    fn cells(&self) -> Vec<String> {
        let days = |days: Option<u16>| {
            days.map_or_else(|| "for ever".to_owned(), |days| format!("{days} days"))
        };
        let rules = self
            .retention
            .tokens
            .iter()
            .map(tokenry_domain::retention::Rule::sentence);
        vec![
            rules.collect::<Vec<_>>().join("; "),
            days(self.retention.tombstone_days),
            days(self.retention.audit_days),
            table::moment(self.oldest_due_at),
        ]
    }
}

impl Row for DueRow {
    const COLUMNS: &'static [&'static str] = &["what", "due now", "within 30 days"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.what.clone(),
            self.due_now.to_string(),
            self.due_within_30_days.to_string(),
        ]
    }
}

impl Row for RanRow {
    const COLUMNS: &'static [&'static str] = &[
        "tokens",
        "tombstones",
        "audit",
        "revoked",
        "all that was due",
    ];

    fn cells(&self) -> Vec<String> {
        vec![
            self.tokens.to_string(),
            self.tombstones.to_string(),
            self.audit.to_string(),
            self.revoked.to_string(),
            table::yes(self.whole),
        ]
    }
}

impl Row for KeyRow {
    const COLUMNS: &'static [&'static str] = &["id", "in use"];

    fn cells(&self) -> Vec<String> {
        vec![self.id.to_string(), table::yes(self.current)]
    }
}
