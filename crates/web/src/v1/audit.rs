//! `GET /api/v1/audit`: who changed what, when, with what and why.

use serde::Serialize;
use tokenry_authority::Error;
use tokenry_domain::{Invalid, Kind, TokenId, UserId, audit::Action, audit_filter::AuditFilter};
use utoipa::ToSchema;

use super::{Answer, problem::ProblemBody};
use crate::{access::AdminRead, answer, call::Call, params::Reader, represent::audit::AuditBody};

/// Entries a page, unless told otherwise, and at most.
const PER_PAGE: (i64, usize) = (20, 1_000);

/// A part of the trail.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditEvents)]
struct AuditBodies<'a> {
    /// The entries, the newest first. There may be fewer than asked for, or
    /// none, though more follow: a page ends when so many were looked at.
    events: Vec<AuditBody<'a>>,
    /// The `cursor` of what follows; null at the end.
    next_cursor: Option<String>,
}

/// Read the audit trail
///
/// The newest entry first. For administrators. There is one entry for every
/// change; entries name tokens by id, name and hint, never by their text.
#[utoipa::path(
    get, path = "/api/v1/audit", tag = "Audit",
    params(
        ("after" = Option<String>, Query, description = "At this moment or later."),
        ("before" = Option<String>, Query, description = "At this moment or earlier."),
        ("actor" = Option<i64>, Query, description = "Done by the user with this id, or by them in another's name."),
        ("token" = Option<i64>, Query, description = "Done to the token with this id, alone or with others, or done with it."),
        ("kind" = Option<String>, Query, description = "Done to a token of this kind."),
        ("action" = Option<String>, Query, description = "What was done, such as `token_revoked`."),
        ("per_page" = Option<i64>, Query, description = "Entries a page: 20 by default, at most 1,000."),
        ("cursor" = Option<String>, Query, description = "Where a page begins; `next_cursor` of the one before."),
    ),
    responses(
        (status = 200, body = AuditBodies<'_>),
        (status = "4XX", body = ProblemBody<'_>, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(call: Call<AdminRead>) -> Answer {
    let mut reader = call.params.reader();
    let filter = filter(&mut reader);
    let cursor = reader.text("cursor").filter(|text| !text.is_empty());
    let most = per_page(&mut reader);
    reader.finish()?;
    let (filter, most) = (filter?, most?);
    let authority = call.authority();
    let part = authority
        .audit_trail(&call.caller, &filter, cursor, most)
        .await?;
    let entries = part.entries.iter();
    Ok(answer::ok(&AuditBodies {
        events: entries
            .map(|entry| AuditBody::of(entry, authority))
            .collect(),
        next_cursor: part.next,
    }))
}

fn filter(reader: &mut Reader<'_>) -> Result<AuditFilter, Error> {
    let unknown = |field, what| Invalid::field(field, format!("names no {what}"));
    let kind = reader.text("kind").filter(|name| !name.is_empty());
    let kind =
        kind.map(|name| Kind::from_name(name).ok_or_else(|| unknown("kind", "kind of token")));
    let action = reader.text("action").filter(|name| !name.is_empty());
    let action =
        action.map(|name| Action::from_name(name).ok_or_else(|| unknown("action", "action")));
    Ok(AuditFilter {
        after: reader.moment("after"),
        before: reader.moment("before"),
        // What no row can have is the id of no row.
        actor: reader
            .integer("actor")
            .map(|id| UserId::new(id).unwrap_or(UserId::from_row(0))),
        token: reader
            .integer("token")
            .map(|id| TokenId::new(id).unwrap_or(TokenId::from_row(0))),
        kind: kind.transpose()?,
        action: action.transpose()?,
    })
}

fn per_page(reader: &mut Reader<'_>) -> Result<usize, Error> {
    let (usual, most) = PER_PAGE;
    let wanted = reader.integer("per_page").unwrap_or(usual);
    let wanted = usize::try_from(wanted).ok();
    let wanted = wanted.filter(|rows| (1..=most).contains(rows));
    let problem = || Invalid::field("per_page", format!("takes a number from 1 to {most}"));
    Ok(wanted.ok_or_else(problem)?)
}
