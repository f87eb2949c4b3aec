//! `POST /api/v1/tokens`: a token of whichever kind is asked for.

use axum::http::StatusCode;
use serde::Deserialize;
use tokenry_authority::{
    Error,
    issuing::{NewToken, Site, SubjectName},
    places::UserName,
};
use tokenry_domain::{
    AccessLevel, IfExists, Invalid, Kind, PlaceName, Reason, Scopes, UserId,
    invalid::{Findings, readable},
    written,
};
use utoipa::ToSchema;

use super::{
    Answer,
    asked::said,
    once::{self, Repeatable},
    problem::ProblemBody,
};
use crate::{access::Write, call::Call, represent::ledger_token::LedgerToken};

/// The longest path or username that anybody needs to write, in characters.
const LONGEST_NAME: usize = 5_000;

/// What is asked for of a new token. Each kind has some of the fields, and
/// refuses the others by name.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewLedgerToken)]
#[expect(clippy::option_option, reason = "`null` clears, and absence doesn't")]
pub(super) struct IssueForm {
    /// What sort of token, such as `personal`.
    #[serde(default)]
    #[schema(required)]
    kind: String,
    /// What it is to be called: of runners and feature flags clients what is
    /// made with it, of jobs the job.
    name: Option<String>,
    /// What is said of it; at most 255 characters.
    description: Option<String>,
    /// What it may be used for.
    scopes: Option<Vec<String>>,
    /// When it stops working: a date, at 00:00 UTC, or a moment, of which kinds
    /// that end on a date take the date. Null asks for never.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Option<String>>,
    /// The user it acts as, by id or username; by default, whoever asks.
    #[schema(value_type = Option<String>)]
    owner: Option<Name>,
    /// What it is to belong to, such as `{"type": "project", "id": 3}` or
    /// `project:team/app`.
    #[schema(value_type = Option<SubjectForm>)]
    subject: Option<SubjectForm>,
    /// The role of the bot of a project's or group's access token: 10, 15, 20,
    /// 25, 30, 40 or 50, by default 40; no higher than that of whoever asks.
    access_level: Option<i64>,
    /// With which username a deploy token is presented.
    username: Option<String>,
    /// The branch or tag that a job runs for.
    r#ref: Option<String>,
    /// How long a job may run, in seconds: 60 to 604,800; by default, 3,600.
    timeout: Option<i64>,
    /// What becomes of those of the same kind and name that belong to the same
    /// subject or else user: `add` lets them stand, the default; `keep` answers
    /// one that works, without its text, and issues no other; `replace` deletes
    /// them in the same step; `refuse` issues none beside one that works.
    if_exists: Option<String>,
    /// Why; the trail repeats it.
    reason: Option<String>,
}

/// An id, or the name of what has one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged)]
enum Name {
    Id(i64),
    Text(String),
}

impl Name {
    /// The text, if people could read it.
    fn text(self, field: &'static str) -> Result<String, Invalid> {
        let text = match self {
            Self::Id(number) => number.to_string(),
            Self::Text(text) => text,
        };
        readable(field, &text, LONGEST_NAME)?;
        Ok(text)
    }
}

/// What a token is to belong to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged)]
#[schema(as = SubjectAsked)]
enum SubjectForm {
    /// As the filter of the list has it: `group:team`, `project:12`.
    Text(String),
    Named(NamedSubject),
}

/// As tokens tell it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NamedSubject {
    /// `project`, `group` or `cluster_agent`.
    r#type: String,
    /// Its id, or the path of a project or group.
    #[schema(value_type = String)]
    id: Name,
}

impl SubjectForm {
    fn read(self) -> Result<SubjectName, Invalid> {
        let (sort, name) = match self {
            Self::Named(named) => (named.r#type, named.id.text("subject")?),
            Self::Text(text) => {
                readable("subject", &text, LONGEST_NAME)?;
                let parts = text.split_once(':');
                let (sort, name) = parts.ok_or_else(|| {
                    Invalid::field("subject", "takes a type and an id, such as project:12")
                })?;
                (sort.to_owned(), name.to_owned())
            }
        };
        let name = PlaceName::parse(&name);
        Ok(SubjectName { sort, name })
    }
}

impl IssueForm {
    /// What is asked for, and why.
    fn read(self, call: &Call<Write>) -> Result<(NewToken, Option<Reason>), Invalid> {
        let mut found = Findings::default();
        let kind = found.value(kind(&self.kind));
        let scopes = found.optional(self.scopes.map(|names| scopes(&names)));
        let expires = self.expires_at.map(|text| text.as_deref().map(moment));
        let expires = found.optional(expires.map(Option::transpose));
        let owner = found.optional(self.owner.map(user_name));
        let subject = found.optional(self.subject.map(SubjectForm::read));
        let level = found.optional(self.access_level.map(level));
        let reason = found.optional(self.reason.map(Reason::new));
        let if_exists = found.optional(self.if_exists.as_deref().map(if_exists));
        let Some(kind) = kind.filter(|_| found.is_empty()) else {
            return Err(found.into_invalid());
        };
        let new = NewToken {
            kind,
            name: self.name,
            description: self.description,
            scopes,
            expires,
            owner,
            subject,
            level,
            username: self.username,
            r#ref: self.r#ref,
            timeout: self.timeout,
            if_exists: if_exists.unwrap_or_default(),
            site: Site {
                issuer: call.base(),
                host: call.host(),
            },
        };
        Ok((new, reason))
    }
}

fn kind(name: &str) -> Result<Kind, Invalid> {
    Kind::from_name(name).ok_or_else(|| {
        let known: Vec<_> = Kind::all().map(Kind::name).collect();
        Invalid::field("kind", format!("takes one of {}", known.join(", ")))
    })
}

fn scopes(names: &[String]) -> Result<Scopes, Invalid> {
    let scopes = Scopes::from_names(names.iter().map(String::as_str));
    scopes.map_err(|_| Invalid::field("scopes", "can only contain available scopes"))
}

fn moment(text: &str) -> Result<jiff::Timestamp, Invalid> {
    let problem = "takes a date, such as 2031-04-06, or a moment, such as 2031-04-06T07:08:09Z";
    written::moment(text).ok_or_else(|| Invalid::field("expires_at", problem))
}

fn level(number: i64) -> Result<AccessLevel, Invalid> {
    AccessLevel::from_number(number).ok_or_else(|| {
        let known = AccessLevel::ALL.map(|level| level.number().to_string());
        Invalid::field("access_level", format!("takes one of {}", known.join(", ")))
    })
}

fn if_exists(name: &str) -> Result<IfExists, Invalid> {
    IfExists::from_name(name).ok_or_else(|| {
        let known = IfExists::ALL.map(IfExists::name).join(", ");
        Invalid::field("if_exists", format!("takes one of {known}"))
    })
}

/// Digits are an id; one that no user can have is nobody's.
fn user_name(name: Name) -> Result<UserName, Invalid> {
    let text = name.text("owner")?;
    Ok(match PlaceName::parse(&text) {
        PlaceName::Id(number) => UserName::Id(UserId::new(number).unwrap_or(UserId::from_row(0))),
        PlaceName::Path(username) => UserName::Username(username),
    })
}

/// Issue a token
///
/// Of any kind that somebody can ask for, by the rules of that kind and for
/// those who may issue it on its own route. The answer holds its text, this once;
/// or, with an `Idempotency-Key`, to whoever repeats the request within a day.
#[utoipa::path(
    post, path = "/api/v1/tokens", tag = "Tokens",
    params(
        ("if_exists" = Option<String>, Query, description = "As in the body, where that doesn't say."),
        ("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255,
         description = "What the client calls the request: sent again so, it isn't done again, \
            but answered as it was."),
    ),
    request_body = IssueForm,
    responses(
        (status = 200, description = "There is one that was to be kept.", body = LedgerToken<'_>),
        (status = 201, body = LedgerToken<'_>, headers(
            ("Idempotency-Replayed" = bool, description = "There if the answer was given before."),
        )),
        (status = "4XX", body = ProblemBody<'_>, content_type = "application/problem+json"),
    )
)]
pub(super) async fn issue(asked: Repeatable<Write, IssueForm>) -> Answer {
    let Repeatable {
        call,
        mut body,
        retry,
    } = asked;
    let mut reader = call.params.reader();
    let in_address = reader.text("if_exists").map(str::to_owned);
    reader.finish()?;
    body.if_exists = body.if_exists.or(in_address);
    let (new, reason) = body.read(&call).map_err(Error::from)?;
    let answer = once::answered(
        &call,
        retry,
        StatusCode::CREATED,
        move |authority, caller| async move { authority.issue_any(&caller.because(reason), new).await },
    );
    Ok(answer.await?)
}
