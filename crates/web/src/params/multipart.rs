//! Form bodies in parts: `multipart/form-data`.

use std::convert::Infallible;

use bytes::Bytes;
use futures_util::stream;
use multer::{Multipart, parse_boundary};

use super::{Entry, Value};

/// A body that can't be taken apart.
#[derive(Debug)]
pub(super) struct BadMultipart;

/// The parameters of a form. A file is kept as what no parameter takes.
pub(super) async fn parse(content_type: &str, body: Bytes) -> Result<Vec<Entry>, BadMultipart> {
    let boundary = parse_boundary(content_type).map_err(|_| BadMultipart)?;
    let whole = stream::iter([Ok::<_, Infallible>(body)]);
    let mut parts = Multipart::new(whole, boundary);
    let mut entries = Vec::new();
    while let Some(part) = parts.next_field().await.map_err(|_| BadMultipart)? {
        let name = part.name().ok_or(BadMultipart)?.to_owned();
        let is_file = part.file_name().is_some();
        let bytes = part.bytes().await.map_err(|_| BadMultipart)?;
        let value = if is_file {
            Value::Odd
        } else {
            Value::Text(String::from_utf8(bytes.into()).map_err(|_| BadMultipart)?)
        };
        entries.push(Entry { name, value });
    }
    Ok(entries)
}
