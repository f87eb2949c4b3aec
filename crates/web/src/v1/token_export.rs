//! All tokens of a list at once, as CSV (RFC 4180) or a JSON object a line.
//!
//! The answer is written while the list is read, some rows at a time: no more
//! is held than that, and a client that stops reading stops the reading.

use std::sync::Arc;

use axum::{
    body::Body,
    http::{HeaderValue, header},
    response::Response,
};
use bytes::Bytes;
use futures_util::stream;
use tokenry_authority::{
    Authority, Caller, Error,
    tokens::{TokenList, TokenPage},
};
use tokenry_domain::page::Position;

use crate::{csv, represent::ledger_token::LedgerToken};

/// Rows read at a time.
const AT_A_TIME: usize = 1_000;

/// How tokens are written, if not as JSON.
#[derive(Debug, Clone, Copy)]
pub(super) enum Form {
    /// A line of cells for each.
    Csv,
    /// A JSON object for each, and a line for each object.
    Lines,
}

/// An export on its way.
struct Export {
    authority: Arc<Authority>,
    caller: Caller,
    list: TokenList,
    form: Form,
    next: Next,
}

/// What is to be written next.
enum Next {
    /// The beginning, which was read before the answer began.
    Beginning(TokenPage),
    /// What follows a position.
    After(Position),
    /// Nothing.
    End,
}

/// Begins to answer. What goes wrong later breaks the answer off, so that
/// nobody takes a part for the whole; also where the caller would no longer be
/// let in.
pub(super) async fn answer(
    authority: Arc<Authority>,
    caller: Caller,
    list: TokenList,
    form: Form,
) -> Result<Response, Error> {
    let beginning = authority.page_of(&list, None, AT_A_TIME).await?;
    let export = Export {
        authority,
        caller,
        list,
        form,
        next: Next::Beginning(beginning),
    };
    let body = Body::from_stream(stream::try_unfold(export, Export::step));
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, form.content_type());
    Ok(response)
}

impl Export {
    /// Writes one page. The next is read when somebody asks for more.
    async fn step(mut self) -> Result<Option<(Bytes, Self)>, Error> {
        let mut bytes = Vec::new();
        let page = match self.next {
            Next::Beginning(page) => {
                self.form.begin(&mut bytes);
                page
            }
            Next::After(position) => {
                self.authority.readmit(&self.caller).await?;
                let page = self
                    .authority
                    .page_of(&self.list, Some(&position), AT_A_TIME);
                page.await?
            }
            Next::End => return Ok(None),
        };
        for token in &page.rows {
            let row = LedgerToken::of(token, &self.authority);
            self.form.write(&mut bytes, &row);
        }
        self.next = page.next.map_or(Next::End, Next::After);
        Ok(Some((bytes.into(), self)))
    }
}

impl Form {
    const fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Lines => "application/x-ndjson",
        })
    }

    fn begin(self, out: &mut Vec<u8>) {
        if matches!(self, Self::Csv) {
            csv::write_line(out, LedgerToken::CELLS.map(Into::into));
        }
    }

    fn write(self, out: &mut Vec<u8>, row: &LedgerToken<'_>) {
        match self {
            Self::Csv => csv::write_line(out, row.cells()),
            Self::Lines => {
                // Nothing in a row fails to be written, nor does memory.
                drop(serde_json::to_writer(&mut *out, row));
                out.push(b'\n');
            }
        }
    }
}
