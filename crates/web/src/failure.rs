//! Refusals in GitLab's words (spec/rest.md sections 1.2, 1.5, 1.6).

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};
use tokenry_authority::{Error, Refusal, Thing};
use tokenry_domain::{Invalid, UserState, access::Need};

use crate::{answer, params::Trouble};

/// Why a request isn't done.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A use case said so; worded as is usual for it.
    Error(Error),
    /// Worded by the route.
    Worded(StatusCode, Value),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl Failure {
    /// A text under `message`.
    pub(crate) fn message(status: StatusCode, text: impl Into<Value>) -> Self {
        Self::Worded(status, json!({ "message": text.into() }))
    }

    /// A text under `error`.
    pub(crate) fn error(status: StatusCode, text: &str) -> Self {
        Self::Worded(status, json!({ "error": text }))
    }

    /// Parameters that aren't what they should be.
    pub(crate) fn parameters(problems: &str) -> Self {
        Self::error(StatusCode::BAD_REQUEST, problems)
    }

    /// `400 Bad request` with a reason.
    pub(crate) fn bad_request(reason: &str) -> Self {
        let text = format!("400 Bad request - {reason}");
        Self::message(StatusCode::BAD_REQUEST, text)
    }

    /// `403 Forbidden` with a reason.
    pub(crate) fn forbidden(reason: &str) -> Self {
        let text = format!("403 Forbidden - {reason}");
        Self::message(StatusCode::FORBIDDEN, text)
    }

    /// `404` of this thing.
    pub(crate) fn not_found(thing: &str) -> Self {
        Self::message(StatusCode::NOT_FOUND, format!("404 {thing} Not Found"))
    }

    /// `405` on a route that does nothing with what was presented.
    pub(crate) fn method_not_allowed() -> Self {
        Self::message(StatusCode::METHOD_NOT_ALLOWED, "405 Method Not Allowed")
    }

    /// `401` without a reason.
    pub(crate) fn unauthorized() -> Self {
        Self::Error(Refusal::Unknown.into())
    }

    /// What is said of a token that a caller may not see, or that isn't there:
    /// the same, so that nobody learns which. Administrators see everything.
    pub(crate) fn hidden(error: Error, admin: bool) -> Self {
        match error {
            Error::NotFound(_) | Error::NotPermitted(_) | Error::NotRotated(_) if !admin => {
                Self::unauthorized()
            }
            Error::NotFound(_) => Self::message(StatusCode::NOT_FOUND, "404 Not Found"),
            other => Self::Error(other),
        }
    }

    /// What is said to a bearer whose owner may not use the API.
    pub(crate) fn account(state: UserState, base: &str) -> Self {
        match state {
            UserState::Deactivated => Self::forbidden(&format!(
                "Your account has been deactivated by your administrator. \
                 Please log back in from a web browser to reactivate your account at {base}"
            )),
            _ => Self::forbidden("Your account has been blocked."),
        }
    }
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::TooLarge => Self::message(
                StatusCode::PAYLOAD_TOO_LARGE,
                "413 Request Entity Too Large",
            ),
            Trouble::TooSlow => Self::message(StatusCode::REQUEST_TIMEOUT, "408 Request Timeout"),
            Trouble::UnknownType(name) => Self::error(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                &format!("The provided content-type '{name}' is not supported."),
            ),
            Trouble::Malformed(why) => Self::parameters(why),
            Trouble::NotUtf8(place) => Self::parameters(&format!("the {place} isn't valid UTF-8")),
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        match self {
            Self::Worded(status, body) => answer::json(status, &body),
            Self::Error(error) => usual(error),
        }
    }
}

/// The usual words for what a use case says.
fn usual(error: Error) -> Response {
    let worded = match error {
        Error::Refused(refusal) => return refused(&refusal),
        Error::AdminOnly | Error::RoleTooLow(_) | Error::AboveOwnRole => {
            Failure::message(StatusCode::FORBIDDEN, "403 Forbidden")
        }
        Error::NotPermitted(what) => Failure::forbidden(&format!("not permitted to {what}")),
        Error::JobEnded => Failure::forbidden("Job is not running"),
        Error::NotFound(Thing::User) => Failure::not_found("User"),
        Error::NotFound(Thing::Group) => Failure::not_found("Group"),
        Error::NotFound(Thing::Project) => Failure::not_found("Project"),
        Error::NotFound(Thing::Session) => Failure::not_found("Session"),
        Error::NotFound(thing @ (Thing::Holder(_) | Thing::RunnerManager)) => {
            Failure::not_found(&capital(thing.name()))
        }
        Error::NotFound(Thing::Token | Thing::Member | Thing::Purge) => {
            Failure::message(StatusCode::NOT_FOUND, "404 Not found")
        }
        Error::NoKnownPrefix => Failure::message(
            StatusCode::UNPROCESSABLE_ENTITY,
            "Token type not supported.",
        ),
        otherwise @ (Error::IssuedOtherwise(_) | Error::NotRotated(_)) => {
            Failure::message(StatusCode::UNPROCESSABLE_ENTITY, otherwise.to_string())
        }
        Error::Invalid(invalid) => Failure::message(StatusCode::BAD_REQUEST, fields(&invalid)),
        Error::AlreadyRevoked(why) => Failure::bad_request(&why.to_string()),
        Error::WrongState(why) => Failure::forbidden(&why.to_string()),
        many @ Error::TooManyTokens { .. } => Failure::bad_request(&many.to_string()),
        Error::SoleOwner => Failure::message(
            StatusCode::CONFLICT,
            "User cannot be removed while is the sole-owner of a group",
        ),
        taken @ (Error::Taken(_)
        | Error::AlreadyMember
        | Error::PurgeEnded
        | Error::RetentionRunning
        | Error::TokenExists(_)) => Failure::message(StatusCode::CONFLICT, taken.to_string()),
        Error::Cursor(_) => Failure::parameters("cursor is invalid"),
        Error::TooDeep { most } => {
            Failure::error(StatusCode::METHOD_NOT_ALLOWED, &too_deep(most, "Object"))
        }
        slow @ Error::NotIndexed => Failure::bad_request(&format!(
            "{slow}. Narrow the list by user_id or state, sort it by id or created, \
             or read /api/v1/tokens, which answers a part at a time"
        )),
        ours => return answer::fault(of_fault(&ours), ours.to_string()),
    };
    worded.into_response()
}

/// The status of a fault of ours. 507 is of RFC 4918, section 11.5.
pub(crate) fn of_fault(error: &Error) -> StatusCode {
    if error.is_full_disk() {
        StatusCode::INSUFFICIENT_STORAGE
    } else if error.is_passing() {
        StatusCode::SERVICE_UNAVAILABLE
    } else {
        StatusCode::INTERNAL_SERVER_ERROR
    }
}

/// A title as it stands in a sentence of GitLab's.
fn capital(title: &str) -> String {
    let mut letters = title.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

/// All problems by field.
fn fields(invalid: &Invalid) -> Value {
    let mut map = Map::new();
    for problem in &invalid.problems {
        let texts = map.entry(problem.field).or_insert_with(|| json!([]));
        if let Value::Array(texts) = texts {
            texts.push(problem.problem.as_str().into());
        }
    }
    Value::Object(map)
}

/// What is said about a page number that lies too deep in a list of `things`.
pub(crate) fn too_deep(most: u64, things: &str) -> String {
    format!(
        "Offset pagination has a maximum allowed offset of {most} for requests that return \
         objects of type {things}. Remaining records can be retrieved using keyset pagination."
    )
}

fn refused(refusal: &Refusal) -> Response {
    match refusal {
        // The answer to whoever guesses is the cheapest of all.
        Refusal::Missing | Refusal::Unknown | Refusal::WrongPassword => answer::fixed(
            StatusCode::UNAUTHORIZED,
            r#"{"message":"401 Unauthorized"}"#,
        ),
        Refusal::Expired => {
            invalid_token("Token is expired. You can either do re-authorization or token refresh.")
        }
        Refusal::Revoked => {
            invalid_token("Token was revoked. You have to re-authorize from the user.")
        }
        Refusal::ImpersonationDisabled => {
            invalid_token("Token is an impersonation token but impersonation was disabled.")
        }
        // Only what tells of itself says why (spec/rest.md section 2.8).
        Refusal::NotPersonal(Need::RotateSelf) => Failure::method_not_allowed().into_response(),
        Refusal::NotPersonal(_) => {
            Failure::bad_request("This endpoint requires token type to be a personal access token")
                .into_response()
        }
        Refusal::Scope(need) => answer::json(StatusCode::FORBIDDEN, &insufficient_scope(*need)),
        Refusal::Account(state) => Failure::account(*state, "").into_response(),
        Refusal::TooManyGuesses { seconds } => {
            let text = "429 Too Many Requests";
            let mut response =
                Failure::message(StatusCode::TOO_MANY_REQUESTS, text).into_response();
            let headers = response.headers_mut();
            headers.insert(header::RETRY_AFTER, HeaderValue::from(*seconds));
            response
        }
    }
}

fn invalid_token(description: &'static str) -> Response {
    let body = json!({ "error": "invalid_token", "error_description": description });
    let challenge = format!(
        r#"Bearer realm="tokenry", error="invalid_token", error_description="{description}""#
    );
    let mut response = answer::json(StatusCode::UNAUTHORIZED, &body);
    if let Ok(challenge) = HeaderValue::from_str(&challenge) {
        let headers = response.headers_mut();
        headers.insert(header::WWW_AUTHENTICATE, challenge);
    }
    response
}

/// Names the scopes registered for the class of route, as GitLab does, not
/// those that would be enough for the method.
fn insufficient_scope(need: Need) -> Value {
    let scope = match need {
        Need::Write | Need::Read | Need::Own => "api read_api",
        Need::ReadUsers => "api read_api read_user",
        Need::RotateSelf => "api read_api self_rotate",
        Need::CreateRunner => "api read_api create_runner",
        Need::ManageRunner | Need::ReadRunner => "api read_api manage_runner",
        Need::Sudo => "sudo",
    };
    json!({
        "error": "insufficient_scope",
        "error_description": "The request requires higher privileges than provided by the access token.",
        "scope": scope,
    })
}
