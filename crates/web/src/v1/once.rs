//! `Idempotency-Key`: a request that is sent again isn't done again
//! (draft-ietf-httpapi-idempotency-key-header section 2).

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{FromRequest, Request},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode},
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use serde::{Serialize, de::DeserializeOwned};
use tokenry_authority::{
    Authority, Caller, Error,
    issuing::Given,
    once::{Once, Said, Written},
    tokens::Fingerprint,
};

use super::{asked, problem::Problem};
use crate::{
    access::Access, answer, app::App, call::Call, credential, represent::ledger_token::LedgerToken,
};

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Marks an answer that was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// The most characters of a key.
const LONGEST: usize = 255;
/// How many characters a status is written in, and the space behind it.
const STATUS: usize = 4;

/// As [`asked::Asked`], for what is done once where its client says so.
#[derive(Debug)]
pub(super) struct Repeatable<A, T> {
    /// Who asks, and the address's parameters.
    pub(super) call: Call<A>,
    /// What is asked for.
    pub(super) body: T,
    /// By what it is known if it comes again.
    pub(super) retry: Option<Retry>,
}

/// By what a request is known if it comes again.
#[derive(Debug)]
pub(super) struct Retry {
    key: Key,
    request: Fingerprint,
}

/// What a client calls its request. Whoever knows it may be told a secret, so
/// it isn't shown.
pub(crate) struct Key(String);

impl<A: Access, T: DeserializeOwned> FromRequest<App> for Repeatable<A, T> {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        let (call, bytes) = asked::received(request, app).await?;
        let key = Key::of(&call.parts.headers).map_err(Problem::into_response)?;
        let body = asked::read(&bytes).map_err(Problem::into_response)?;
        let retry = key.map(|key| Retry {
            request: fingerprint(&call, &bytes),
            key,
        });
        Ok(Self { call, body, retry })
    }
}

impl Key {
    /// The key that a request names, if it does. A quoted one, as the draft has
    /// it, is the same as one without quotes, as most clients send it.
    pub(crate) fn of(headers: &HeaderMap) -> Result<Option<Self>, Problem> {
        let mut lines = headers.get_all(KEY).iter();
        let key = match (lines.next(), lines.next()) {
            (None, _) => return Ok(None),
            (Some(line), None) => Self::read(line),
            (Some(_), Some(_)) => None,
        };
        let problem = "takes one text of at most 255 printable characters, \
                       without quotation marks inside";
        key.map(Some)
            .ok_or_else(|| Problem::field("Idempotency-Key", problem))
    }

    fn read(line: &HeaderValue) -> Option<Self> {
        let text = line.to_str().ok()?;
        let key = match text.strip_prefix('"') {
            Some(rest) => rest.strip_suffix('"')?,
            // Outside quotes a comma parts two keys (RFC 9110 section 5.3).
            None if text.contains(',') => return None,
            None => text,
        };
        let plain = !key.contains(|letter: char| letter == '"' || letter.is_control());
        let sound = plain && !key.trim().is_empty() && key.len() <= LONGEST;
        sound.then(|| Self(key.to_owned()))
    }

    /// The key itself.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(…)")
    }
}

/// What tells a request from others: method, address and body. With which token
/// it comes is another matter.
fn fingerprint<A>(call: &Call<A>, body: &Bytes) -> Fingerprint {
    let (method, path) = (&call.parts.method, call.parts.uri.path());
    let query = call.params.query();
    let query: Vec<_> = query
        .filter(|(name, _)| !credential::PARAMETERS.contains(name))
        .collect();
    let body = String::from_utf8_lossy(body);
    Fingerprint::of(&format!("{method} {path} {query:?} {body}"))
}

/// Does what is asked for, once where that is asked for too, and answers; with
/// this status if it hands a token over.
pub(super) async fn answered<A, F>(
    call: &Call<A>,
    retry: Option<Retry>,
    status: StatusCode,
    work: impl FnOnce(Arc<Authority>, Caller) -> F + Send + 'static,
) -> Result<Response, Error>
where
    F: Future<Output = Result<Given, Error>> + Send + 'static,
{
    let authority = call.authority().clone();
    let Some(Retry { key, request }) = retry else {
        return Ok(match call.change(work).await? {
            Given::New(issued) => {
                answer::json(status, &LedgerToken::of_issued(&issued, &authority))
            }
            Given::Kept(token) => answer::ok(&LedgerToken::of(&token, &authority)),
        });
    };
    let once = Once::new(key.0, request, move |issued, owner| {
        let body = LedgerToken::of_issued(issued, &authority);
        let body = match owner {
            Some(owner) => body.owned_by(owner),
            None => body,
        };
        written(status, &body)
    });
    let said = call.change(|authority, caller| async move {
        let work = |caller| work(authority.clone(), caller);
        authority.once(caller, once, work).await
    });
    Ok(match said.await? {
        Said::First(written) => response(&written),
        Said::Kept(token) => answer::ok(&LedgerToken::of(&token, call.authority())),
        Said::Again(written) => {
            let mut response = response(&written);
            let headers = response.headers_mut();
            headers.insert(REPLAYED, HeaderValue::from_static("true"));
            response
        }
    })
}

/// An answer as it is kept: its status, and its body.
fn written(status: StatusCode, body: &impl Serialize) -> Written {
    let mut bytes = format!("{} ", status.as_str()).into_bytes();
    // What hands a token over can be written; an answer without a body is none.
    drop(serde_json::to_writer(&mut bytes, body));
    Written::new(bytes)
}

fn response(written: &Written) -> Response {
    let parts = written.split_at_checked(STATUS);
    let parts = parts.filter(|(_, body)| !body.is_empty());
    let read = parts.and_then(|(status, body)| {
        let status = StatusCode::from_bytes(status.trim_ascii_end()).ok()?;
        Some(answer::of_json(status, Body::from(body.to_vec())))
    });
    read.unwrap_or_else(|| {
        let cause = "an answer that was kept can't be read".to_owned();
        answer::fault(StatusCode::INTERNAL_SERVER_ERROR, cause)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(lines: &[&[u8]]) -> Result<Option<String>, ()> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(KEY, HeaderValue::from_bytes(line).unwrap());
        }
        let key = Key::of(&headers).map_err(drop)?;
        Ok(key.map(|key| key.0))
    }

    #[test]
    fn a_key_is_one_text_quoted_or_not() {
        let longest = "k".repeat(LONGEST);
        assert_eq!(key(&[]), Ok(None));
        for (line, own) in [
            ("8e03978e-40d5", "8e03978e-40d5"),
            ("\"8e03978e-40d5\"", "8e03978e-40d5"),
            ("\"a, b\"", "a, b"),
            (&longest, &longest),
        ] {
            assert_eq!(key(&[line.as_bytes()]), Ok(Some(own.to_owned())), "{line}");
        }
        let long = "k".repeat(LONGEST + 1);
        for line in [
            "", " ", "\"\"", "\" \"", "\"", "\"a", "a\"b", "a, b", "a\tb", "é", &long,
        ] {
            assert_eq!(key(&[line.as_bytes()]), Err(()), "{line:?}");
        }
        assert_eq!(key(&[b"a", b"a"]), Err(()));
    }

    #[test]
    fn debug_shows_no_key() {
        assert_eq!(format!("{:?}", Key("secret".into())), "Key(…)");
    }

    #[test]
    fn what_is_kept_is_answered_as_it_was() {
        let kept = written(StatusCode::CREATED, &serde_json::json!({ "id": 1 }));
        assert_eq!(**kept, *b"201 {\"id\":1}");
        assert_eq!(response(&kept).status(), StatusCode::CREATED);
        for broken in ["", "200", "200 ", "abc {}", "20"] {
            let broken = Written::new(broken.as_bytes().to_vec());
            assert_eq!(
                response(&broken).status(),
                StatusCode::INTERNAL_SERVER_ERROR
            );
        }
    }
}
