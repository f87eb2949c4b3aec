//! Refusals as problem details (RFC 9457).

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use tokenry_authority::{Error, Refusal};
use utoipa::ToSchema;

use crate::{
    answer,
    failure::{Failure, of_fault},
    handbook,
};

/// The type of the answer, by which clients tell that it is one.
const PROBLEM: HeaderValue = HeaderValue::from_static("application/problem+json");

/// Why a request isn't done.
#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
    errors: Vec<FieldProblem>,
    retry_after: Option<u64>,
}

/// What is wrong with one field.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FieldProblem {
    /// The field's name.
    pub(crate) field: String,
    /// The rule it breaks.
    pub(crate) problem: String,
}

/// A problem on the wire (RFC 9457 section 3).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemBody<'p> {
    /// The handbook's page of the code, below the address of the instance.
    r#type: String,
    /// What the code means.
    title: &'p str,
    /// The answer's status.
    status: u16,
    /// What happened this time.
    detail: &'p str,
    /// The stable code.
    code: &'p str,
    /// What is wrong with which field, where that can be told.
    #[serde(skip_serializing_if = "<[FieldProblem]>::is_empty")]
    errors: &'p [FieldProblem],
    /// Names the request in the log, where the fault is ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'p str>,
}

impl Problem {
    fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            status,
            code,
            detail: detail.into(),
            errors: Vec::new(),
            retry_after: None,
        }
    }

    /// A field that isn't what it should be.
    pub(crate) fn field(field: &str, problem: impl Into<String>) -> Self {
        let problem = problem.into();
        Self {
            detail: format!("{field} {problem}"),
            errors: vec![FieldProblem {
                field: field.to_owned(),
                problem,
            }],
            ..Self::new(StatusCode::BAD_REQUEST, "invalid", "")
        }
    }

    /// A body that can't be read as what is asked for.
    pub(crate) fn body(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid", detail)
    }

    /// What is said of a thing that a caller may not see, or that isn't there:
    /// the same, so that nobody learns which.
    pub(crate) fn hidden(error: Error, thing: tokenry_authority::Thing) -> Self {
        match error {
            Error::NotPermitted(_) => Error::NotFound(thing).into(),
            other => other.into(),
        }
    }

    /// As it stands on the wire.
    pub(crate) fn told<'p>(&'p self, request_id: Option<&'p str>) -> ProblemBody<'p> {
        ProblemBody {
            r#type: handbook::page_of(self.code),
            title: handbook::error(self.code).map_or("", |line| line.meaning),
            status: self.status.as_u16(),
            detail: &self.detail,
            code: self.code,
            errors: &self.errors,
            request_id,
        }
    }

    /// The code and what happened, for one item of many.
    pub(crate) fn item(&self) -> (&'static str, &str) {
        (self.code, &self.detail)
    }
}

/// A fault of ours, as the frame words it.
pub(crate) fn fault(status: StatusCode, request_id: &str) -> Response {
    const MORE: &str = "the log tells more under the request id";
    const FULL: &str = "nothing was changed; free some space on the disk of the database";
    let (code, detail) = match status {
        StatusCode::SERVICE_UNAVAILABLE => ("unavailable", MORE),
        StatusCode::INSUFFICIENT_STORAGE => ("disk_full", FULL),
        _ => ("internal", MORE),
    };
    written(&Problem::new(status, code, detail), Some(request_id))
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let problem = Self::new(status(&error), error.code(), error.to_string());
        match error {
            Error::Invalid(invalid) => {
                let errors = invalid.problems.into_iter().map(|problem| FieldProblem {
                    field: problem.field.to_owned(),
                    problem: problem.problem,
                });
                Self {
                    errors: errors.collect(),
                    ..problem
                }
            }
            Error::Refused(Refusal::TooManyGuesses { seconds }) => Self {
                retry_after: Some(seconds),
                ..problem
            },
            Error::UnderWay => Self {
                retry_after: Some(1),
                ..problem
            },
            _ => problem,
        }
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Error(error) => error.into(),
            Failure::Worded(status, body) => {
                let texts = [body.get("error"), body.get("message")];
                let said = texts.into_iter().flatten().find_map(|text| text.as_str());
                let code = match status {
                    StatusCode::NOT_FOUND => "not_found",
                    StatusCode::METHOD_NOT_ALLOWED => "method_not_allowed",
                    StatusCode::REQUEST_TIMEOUT => "body_too_slow",
                    StatusCode::PAYLOAD_TOO_LARGE => "body_too_large",
                    StatusCode::UNSUPPORTED_MEDIA_TYPE => "unknown_type",
                    StatusCode::FORBIDDEN => "not_permitted",
                    _ => "invalid",
                };
                Self::new(status, code, said.unwrap_or_default())
            }
        }
    }
}

fn status(error: &Error) -> StatusCode {
    match error {
        Error::Refused(refusal) => match refusal {
            Refusal::NotPersonal(_) | Refusal::Scope(_) | Refusal::Account(_) => {
                StatusCode::FORBIDDEN
            }
            Refusal::TooManyGuesses { .. } => StatusCode::TOO_MANY_REQUESTS,
            _ => StatusCode::UNAUTHORIZED,
        },
        Error::AdminOnly
        | Error::RoleTooLow(_)
        | Error::AboveOwnRole
        | Error::NotPermitted(_)
        | Error::JobEnded => StatusCode::FORBIDDEN,
        Error::NotFound(_) => StatusCode::NOT_FOUND,
        Error::NoKnownPrefix
        | Error::KeyReused
        | Error::IssuedOtherwise(_)
        | Error::NotRotated(_) => StatusCode::UNPROCESSABLE_ENTITY,
        Error::AlreadyRevoked(_)
        | Error::WrongState(_)
        | Error::TooManyTokens { .. }
        | Error::SoleOwner
        | Error::Taken(_)
        | Error::TokenExists(_)
        | Error::PurgeEnded
        | Error::RetentionRunning
        | Error::UnderWay
        | Error::AlreadyMember => StatusCode::CONFLICT,
        ours if ours.is_ours() => of_fault(ours),
        _ => StatusCode::BAD_REQUEST,
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        if self.status.is_server_error() {
            return answer::fault(self.status, self.detail);
        }
        let mut response = written(&self, None);
        let headers = response.headers_mut();
        if self.status == StatusCode::UNAUTHORIZED {
            let bearer = HeaderValue::from_static(r#"Bearer realm="tokenry""#);
            headers.insert(header::WWW_AUTHENTICATE, bearer);
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

fn written(problem: &Problem, request_id: Option<&str>) -> Response {
    let mut response = answer::json(problem.status, &problem.told(request_id));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, PROBLEM);
    response
}
