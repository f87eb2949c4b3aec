//! One request to a server elsewhere, and what it answers.

use std::time::Duration;

use serde_json::Value;
use ureq::{Agent, http::StatusCode};
use url::Url;

use crate::{
    console::Secret,
    exit::{Exit, Failure},
};

/// How long an answer may take in all.
const PATIENCE: Duration = Duration::from_mins(1);
/// The largest answer that is read, in bytes.
const LARGEST: u64 = 16 * 1024 * 1024;

/// What a server answered.
#[derive(Debug)]
pub(super) struct Answer {
    /// The body; null if there is none.
    pub(super) body: Value,
    /// The number of the page that follows, in lists by number.
    pub(super) next_page: Option<String>,
}

/// The way to a server.
#[derive(Debug, Clone)]
pub(super) struct Http {
    agent: Agent,
    base: Url,
    token: Secret,
    face: Face,
    /// The option for which it isn't GitLab's interface that is asked.
    beyond: Option<String>,
}

/// Which of its interfaces a server is asked by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Face {
    /// That of GitLab, which tokenry speaks too.
    Gitlab,
    /// tokenry's own.
    Own,
}

/// What is done to a resource.
#[derive(Debug, Clone, Copy)]
pub(super) enum Method {
    Get,
    Post,
    Patch,
    Delete,
}

impl Http {
    pub(super) fn new(base: Url, token: Secret) -> Self {
        let tls = ureq::tls::TlsConfig::builder()
            .root_certs(ureq::tls::RootCerts::PlatformVerifier)
            .build();
        let config = Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            .http_status_as_error(false)
            // Somewhere else is not whom the token is for.
            .max_redirects(0)
            .tls_config(tls)
            .user_agent(concat!("tokenry/", env!("CARGO_PKG_VERSION")))
            .build();
        Self {
            agent: config.into(),
            base,
            token,
            face: Face::Gitlab,
            beyond: None,
        }
    }

    /// The way to tokenry's own interface on the same server, for the sake of
    /// an option, if GitLab's would do without it.
    pub(super) fn own(&self, beyond: Option<&str>) -> Self {
        Self {
            face: Face::Own,
            beyond: beyond.map(str::to_owned),
            ..self.clone()
        }
    }

    /// Asks for a path below `/api/v4`, or `/api/v1`; whatever isn't a success is a failure.
    pub(super) fn ask(
        &self,
        method: Method,
        path: &[&str],
        query: &[(&str, String)],
        body: Option<&Value>,
    ) -> Result<Answer, Failure> {
        let url = self.address(path, query)?;
        let header = ("PRIVATE-TOKEN", self.token.reveal());
        let sent = match (method, body) {
            (Method::Post, body) => {
                let request = self.agent.post(url.as_str()).header(header.0, header.1);
                match body {
                    Some(body) => request.send_json(body),
                    None => request.send_empty(),
                }
            }
            (Method::Patch, body) => self
                .agent
                .patch(url.as_str())
                .header(header.0, header.1)
                .send_json(body),
            (Method::Get, _) => self
                .agent
                .get(url.as_str())
                .header(header.0, header.1)
                .call(),
            (Method::Delete, None) => self
                .agent
                .delete(url.as_str())
                .header(header.0, header.1)
                .call(),
            (Method::Delete, Some(body)) => self
                .agent
                .delete(url.as_str())
                .header(header.0, header.1)
                .force_send_body()
                .send_json(body),
        };
        let mut response = sent.map_err(|error| self.unreachable(&error))?;
        let status = response.status();
        let next_page = response.headers().get("x-next-page");
        let next_page = next_page
            .and_then(|value| value.to_str().ok())
            .filter(|page| !page.is_empty())
            .map(str::to_owned);
        let text = response
            .body_mut()
            .with_config()
            .limit(LARGEST)
            .read_to_vec();
        let text = text.map_err(|error| self.unreachable(&error))?;
        let body = serde_json::from_slice(&text).unwrap_or(Value::Null);
        if status.is_success() {
            Ok(Answer { body, next_page })
        } else {
            Err(self.refused(status, &body))
        }
    }

    fn address(&self, path: &[&str], query: &[(&str, String)]) -> Result<Url, Failure> {
        let mut url = self.base.clone();
        url.path_segments_mut()
            .map_err(|()| Failure::usage("bad_setting", "--url can't have paths below it"))?
            .pop_if_empty()
            .extend(["api", self.face.version()])
            .extend(path);
        url.set_query(None);
        url.set_fragment(None);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        Ok(url)
    }

    fn host(&self) -> &str {
        self.base.host_str().unwrap_or_default()
    }

    fn unreachable(&self, error: &ureq::Error) -> Failure {
        let host = self.host();
        Failure::fault(
            "site_unreachable",
            format!("{host} doesn't answer: {error}"),
        )
    }

    fn refused(&self, status: StatusCode, body: &Value) -> Failure {
        let texts = ["error_description", "message", "error", "detail"];
        let said = texts.into_iter().find_map(|name| body.get(name));
        let said = match said {
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None => status.canonical_reason().unwrap_or_default().to_owned(),
        };
        let message = format!("{} answered {}: {said}", self.host(), status.as_u16());
        if self.face == Face::Own {
            return refused_by_own(status, body, message, self.beyond.as_deref());
        }
        let (exit, code) = match status.as_u16() {
            404 => (Exit::NotFound, "site_not_found"),
            300..=399 => (Exit::Refused, "site_moved"),
            422 => (Exit::NotFound, "no_known_prefix"),
            500.. => (Exit::Fault, "site_failed"),
            _ => (Exit::Refused, "site_refused"),
        };
        Failure {
            exit,
            code: code.to_owned(),
            message,
        }
    }
}

impl Face {
    const fn version(self) -> &'static str {
        match self {
            Self::Gitlab => "v4",
            Self::Own => "v1",
        }
    }
}

/// tokenry's own refusals have a code, the same as on that server's console. An
/// answer without one is somebody else's.
fn refused_by_own(
    status: StatusCode,
    body: &Value,
    message: String,
    beyond: Option<&str>,
) -> Failure {
    let code = body.get("code").and_then(Value::as_str);
    let (exit, code) = match (status.as_u16(), code) {
        (404, Some(code)) => (Exit::NotFound, code),
        (500.., _) => (Exit::Fault, "site_failed"),
        (_, Some(code)) => (Exit::Refused, code),
        (300..=399, None) => (Exit::Refused, "site_moved"),
        (_, None) => return by_another(&message, beyond),
    };
    Failure {
        exit,
        code: code.to_owned(),
        message,
    }
}

/// Somebody else knows nothing of tokenry's own interface.
fn by_another(message: &str, beyond: Option<&str>) -> Failure {
    match beyond {
        Some(option) => Failure::usage(
            "not_over_url",
            format!("{message}; GitLab's API doesn't know {option}, only tokenry's own, /api/v1"),
        ),
        None => Failure::fault(
            "not_tokenry",
            format!("{message}; this is done by tokenry's own API, /api/v1, on no other server"),
        ),
    }
}
