//! The handbook's page about errors, served by the server that makes them:
//! a problem's `type` points to the line of its code.

use axum::{
    extract::Path,
    http::{HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse as _, Response},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{app::App, call::unknown_route};

/// The page as it lies in the repository.
const ERRORS: &str = include_str!("../../../docs/errors.md");
/// Where it is served.
const AT: &str = "/-/errors";

/// What the handbook says of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Line {
    /// What it means.
    pub(crate) meaning: &'static str,
    /// What to do about it.
    pub(crate) way_out: &'static str,
}

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::default()
        .routes(routes!(errors))
        .routes(routes!(one_error))
}

/// The address of a code's page, below that of the instance.
pub(crate) fn page_of(code: &str) -> String {
    format!("{AT}/{code}")
}

/// The line of a code: a row of one of the page's tables.
pub(crate) fn error(code: &str) -> Option<Line> {
    ERRORS.lines().find_map(|line| {
        let mut cells = line.strip_prefix("| ")?.strip_suffix(" |")?.split(" | ");
        let mut codes = cells.next()?.split(", ");
        let named = |cell: &str| {
            cell.strip_prefix('`')?
                .strip_suffix('`')
                .map(|own| own == code)
        };
        codes.find(|cell| named(cell) == Some(true))?;
        Some(Line {
            meaning: cells.next()?,
            way_out: cells.next()?,
        })
    })
}

/// Read what the codes of errors mean
#[utoipa::path(
    get, path = "/-/errors", tag = "Handbook", security(()),
    responses((status = 200, content_type = "text/markdown", body = String))
)]
async fn errors() -> Response {
    written(ERRORS.to_owned())
}

/// Read what one code means
#[utoipa::path(
    get, path = "/-/errors/{code}", tag = "Handbook", security(()),
    params(("code" = String, Path, description = "A stable code, such as `token_not_found`.")),
    responses((status = 200, content_type = "text/markdown", body = String), (status = 404))
)]
async fn one_error(Path(code): Path<String>, uri: Uri) -> Response {
    match error(&code) {
        Some(Line { meaning, way_out }) => written(format!(
            "# {code}\n\n{meaning}.\n\nThe way out: {way_out}.\n"
        )),
        None => unknown_route(uri).await,
    }
}

fn written(text: String) -> Response {
    let mut response = (StatusCode::OK, text).into_response();
    let markdown = HeaderValue::from_static("text/markdown; charset=utf-8");
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, markdown);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_in_the_tables_is_found() {
        let line = error("admin_only").unwrap();
        assert_eq!(line.meaning, "only administrators may do this");
        assert!(line.way_out.starts_with("use an administrator's token"));
        assert!(error("wrong_key").is_some(), "the second of two in a cell");
        for none in ["code", "---", "", "admin_only |", "nothing"] {
            assert_eq!(error(none).map(|line| line.meaning), None, "{none}");
        }
    }
}
