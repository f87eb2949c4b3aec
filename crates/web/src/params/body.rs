//! Bodies, whatever their type.

use std::{error::Error as _, time::Duration};

use axum::{
    body::{Body, HttpBody as _, to_bytes},
    http::{HeaderMap, header},
};
use bytes::Bytes;
use http_body_util::LengthLimitError;
use tokio::time::timeout;

use super::{Entry, form, json, multipart};

/// How long a body may take to come.
const PATIENCE: Duration = Duration::from_secs(30);

/// Why a request can't be read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The body is longer than allowed.
    TooLarge,
    /// The body takes too long to come.
    TooSlow,
    /// The body has a type that nobody here reads.
    UnknownType(String),
    /// The body isn't what its type says.
    Malformed(&'static str),
    /// Bytes that are no UTF-8, in this part of the request.
    NotUtf8(&'static str),
}

/// The parameters in a body. An empty one has none, whatever its type says.
pub(super) async fn read(
    headers: &HeaderMap,
    body: Body,
    limit: usize,
) -> Result<Vec<Entry>, Trouble> {
    let bytes = whole(body, limit).await?;
    if bytes.is_empty() {
        return Ok(Vec::new());
    }
    let content_type = headers.get(header::CONTENT_TYPE);
    match content_type.map(|value| value.to_str().unwrap_or("unreadable")) {
        // GitLab's API takes JSON where the type isn't said.
        None => json::parse(&bytes).map_err(malformed),
        Some(content_type) => parse(content_type, bytes).await,
    }
}

/// All of a body.
pub(crate) async fn whole(body: Body, limit: usize) -> Result<Bytes, Trouble> {
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    let announced = body.size_hint().lower();
    if usize::try_from(announced).map_or(true, |bytes| bytes > limit) {
        return Err(Trouble::TooLarge);
    }
    // In a box: requests without a body would carry the room for this about.
    Box::pin(timeout(PATIENCE, to_bytes(body, limit)))
        .await
        .map_err(|_| Trouble::TooSlow)?
        .map_err(|error| match error.source() {
            Some(source) if source.is::<LengthLimitError>() => Trouble::TooLarge,
            _ => Trouble::Malformed("the body broke off"),
        })
}

async fn parse(content_type: &str, bytes: Bytes) -> Result<Vec<Entry>, Trouble> {
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    match media_type.to_ascii_lowercase().as_str() {
        "application/json" => json::parse(&bytes).map_err(malformed),
        "application/x-www-form-urlencoded" => {
            form::parse(&bytes).map_err(|form::NotUtf8| Trouble::NotUtf8("body"))
        }
        // In a box: other bodies would carry the room for it about.
        "multipart/form-data" => Box::pin(multipart::parse(content_type, bytes))
            .await
            .map_err(|multipart::BadMultipart| Trouble::Malformed("the form can't be read")),
        other => Err(Trouble::UnknownType(other.chars().take(100).collect())),
    }
}

fn malformed(json::BadJson(why): json::BadJson) -> Trouble {
    Trouble::Malformed(why)
}
