//! How an application shows who it is (RFC 6749 section 2.3.1): by HTTP Basic,
//! or by `client_id` and `client_secret` in the body.

use axum::http::{HeaderMap, header};
use data_encoding::BASE64;
use percent_encoding::percent_decode_str;
use tokenry_authority::{oauth::Credentials, tokens::TokenText};

use super::{Refused, parameter};
use crate::params::Params;

/// What an application shows, if it shows something. Two ways at once are
/// refused.
pub(super) fn shown(headers: &HeaderMap, params: &Params) -> Result<Option<Credentials>, Refused> {
    let secret = parameter(params, "client_secret")?;
    let id = parameter(params, "client_id")?;
    match (basic(headers)?, id, secret) {
        (Some(_), _, Some(_)) => Err(Refused::InvalidRequest(
            "the client authenticates in two ways at once",
        )),
        (Some(credentials), Some(id), None) if credentials.id != id => Err(
            Refused::InvalidRequest("client_id is another than the one that authenticates"),
        ),
        (Some(credentials), ..) => Ok(Some(credentials)),
        (None, Some(id), Some(secret)) => Ok(Some(Credentials {
            id: id.to_owned(),
            secret: TokenText::new(secret.to_owned()),
        })),
        (None, None, None) => Ok(None),
        (None, ..) => Err(Refused::InvalidClient),
    }
}

/// The pair in the header, each half encoded as in a form.
fn basic(headers: &HeaderMap) -> Result<Option<Credentials>, Refused> {
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        return Ok(None);
    };
    let value = value.to_str().map_err(|_| Refused::InvalidClient)?;
    let Some((scheme, pair)) = value.split_once(' ') else {
        return Ok(None);
    };
    if !scheme.eq_ignore_ascii_case("basic") {
        return Ok(None);
    }
    let pair = BASE64.decode(pair.trim().as_bytes()).ok();
    let pair = pair.and_then(|bytes| String::from_utf8(bytes).ok());
    let halves = pair.as_deref().and_then(|pair| pair.split_once(':'));
    let decoded = halves.and_then(|(id, secret)| Some((decode(id)?, decode(secret)?)));
    let (id, secret) = decoded.ok_or(Refused::InvalidClient)?;
    let secret = TokenText::new(secret);
    Ok(Some(Credentials { id, secret }))
}

fn decode(text: &str) -> Option<String> {
    let spaced = text.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8().ok()?;
    Some(decoded.into_owned())
}
