//! `/api/v1/purges`: many tokens deleted by one filter, as a job.

use std::{convert::Infallible, sync::Arc};

use axum::{
    http::{HeaderMap, StatusCode, header},
    response::{
        IntoResponse as _,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures_util::{Stream, stream};
use serde::{Deserialize, Serialize};
use tokenry_authority::{Authority, Error, Thing, purges::Watch};
use tokenry_domain::{
    Purge, PurgeId, Reason,
    page::{PerPage, Position, Window},
    purge::NewPurge,
    token_query,
};
use utoipa::ToSchema;

use super::{
    Answer,
    asked::{Asked, is_dry_run},
    problem::{Problem, ProblemBody},
};
use crate::{
    access::{AdminRead, AdminWrite},
    answer,
    call::Call,
    represent::purge::PurgeBody,
};

/// The name by which cursors of this list are signed.
const LIST: &str = "purges";

/// What is to be purged.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewPurge)]
pub(super) struct PurgeForm {
    /// Which tokens are to go, by the fields of the list of tokens. One at least.
    #[schema(value_type = Object)]
    filter: token_query::Asked,
    /// Only count them.
    #[serde(default)]
    dry_run: bool,
    /// Why: the trail and the tombstones repeat it.
    #[serde(default)]
    reason: Option<String>,
}

impl PurgeForm {
    async fn wanted(&self, call: &Call<AdminWrite>) -> Result<NewPurge, Problem> {
        let authority = call.authority();
        let query = self.filter.read(authority.now()).map_err(Error::from)?;
        let reason = self.reason.as_deref().map(Reason::new).transpose();
        Ok(NewPurge {
            filter: authority.settle_tokens(&call.caller, query).await?,
            dry_run: self.dry_run || is_dry_run(call)?,
            reason: reason.map_err(Error::from)?,
        })
    }
}

/// Purges, the newest first.
#[derive(Debug, Serialize, ToSchema)]
struct Purges<'p> {
    purges: Vec<PurgeBody<'p>>,
    /// Where the list goes on; none at its end.
    next_cursor: Option<String>,
}

/// File a purge
///
/// It deletes, in small steps, the tokens that the filter means at this moment:
/// what is issued, revoked or expires later doesn't fall under it, and what
/// ceases to match before its turn stays. A server that is killed goes on where
/// it was.
#[utoipa::path(
    post, path = "/api/v1/purges", tag = "Purges", request_body = PurgeForm,
    params(("dry_run" = Option<bool>, Query, description = "As in the body; if either says so, nothing is changed.")),
    responses(
        (status = 202, description = "It is filed, and waits for its turn.", body = PurgeBody<'_>),
        (status = "4XX", body = ProblemBody<'_>, content_type = "application/problem+json"),
    )
)]
pub(super) async fn file(asked: Asked<AdminWrite, PurgeForm>) -> Answer {
    let Asked { call, body } = asked;
    let wanted = body.wanted(&call).await?;
    let purge = call
        .change(|authority, caller| async move { authority.file_purge(&caller, wanted).await })
        .await?;
    let body = PurgeBody::of(&purge, call.authority());
    Ok(answer::json(StatusCode::ACCEPTED, &body))
}

/// List purges
#[utoipa::path(
    get, path = "/api/v1/purges", tag = "Purges",
    params(
        ("cursor" = Option<String>, Query, description = "Where to go on."),
        ("per_page" = Option<u32>, Query, description = "At most so many, up to 100."),
    ),
    responses(
        (status = 200, body = Purges<'_>),
        (status = "4XX", body = ProblemBody<'_>, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(call: Call<AdminRead>) -> Answer {
    let authority = call.authority();
    let window = window(&call, authority)?;
    let page = authority.list_purges(&call.caller, &window).await?;
    let last = page.rows.last().filter(|_| page.more);
    let next_cursor = last.map(|purge| authority.seal_cursor(LIST, &position(purge)));
    Ok(answer::ok(&Purges {
        purges: page
            .rows
            .iter()
            .map(|purge| PurgeBody::of(purge, authority))
            .collect(),
        next_cursor,
    }))
}

fn window(call: &Call<AdminRead>, authority: &Authority) -> Result<Window, Problem> {
    let mut reader = call.params.reader();
    let cursor = reader.text("cursor");
    let per_page = reader.integer("per_page");
    reader.finish()?;
    let per_page = per_page.map_or(Ok(PerPage::DEFAULT), rows)?;
    let position = cursor.map(|cursor| authority.open_cursor(LIST, cursor));
    Ok(Window::After {
        position: position.transpose()?,
        per_page,
    })
}

fn rows(wanted: i64) -> Result<PerPage, Problem> {
    let most = PerPage::MOST.get();
    let wanted = u64::try_from(wanted).ok();
    let wanted = wanted.filter(|rows| *rows <= u64::from(most));
    let problem = || Problem::field("per_page", format!("takes a number from 1 to {most}"));
    wanted.and_then(PerPage::new).ok_or_else(problem)
}

fn position(purge: &Purge) -> Position {
    Position::of_id(purge.id.get())
}

/// Look at a purge
///
/// With `Accept: text/event-stream`, events named `progress` tell how it goes
/// on, each with the purge as its data, until one named `end`. The last is named
/// `refused`, with a problem, if the token works no more meanwhile.
#[utoipa::path(
    get, path = "/api/v1/purges/{id}", tag = "Purges",
    params(("id" = i64, Path, description = "The purge's id.")),
    responses(
        (status = 200, body = PurgeBody<'_>),
        (status = "4XX", body = ProblemBody<'_>, content_type = "application/problem+json"),
    )
)]
pub(super) async fn show(call: Call<AdminRead>) -> Answer {
    let id = named(&call)?;
    let authority = call.authority();
    if wants_events(&call.parts.headers) {
        let watch = authority.watch_purge(&call.caller, id).await?;
        let events = Sse::new(events(watch, authority.clone()));
        return Ok(events.keep_alive(KeepAlive::default()).into_response());
    }
    let purge = authority.show_purge(&call.caller, id).await?;
    Ok(answer::ok(&PurgeBody::of(&purge, authority)))
}

/// Stop a purge
///
/// What it has deleted stays deleted.
#[utoipa::path(
    post, path = "/api/v1/purges/{id}/cancel", tag = "Purges",
    params(("id" = i64, Path, description = "The purge's id.")),
    responses(
        (status = 200, body = PurgeBody<'_>),
        (status = "4XX", body = ProblemBody<'_>, content_type = "application/problem+json"),
    )
)]
pub(super) async fn cancel(call: Call<AdminWrite>) -> Answer {
    let id = named(&call)?;
    let purge = call
        .change(|authority, caller| async move { authority.cancel_purge(&caller, id).await })
        .await?;
    Ok(answer::ok(&PurgeBody::of(&purge, call.authority())))
}

/// The purge that the path names.
fn named<A>(call: &Call<A>) -> Result<PurgeId, Problem> {
    let mut reader = call.params.reader();
    let id = reader.integer("id").and_then(PurgeId::new);
    reader.finish()?;
    Ok(id.ok_or(Error::NotFound(Thing::Purge))?)
}

fn wants_events(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT);
    let accepted = accepted.and_then(|value| value.to_str().ok());
    accepted.is_some_and(|text| text.contains("text/event-stream"))
}

/// The purge each time that it has come further, and at last why whoever looks
/// on would be let in no more. A fault of ours ends it without a word.
fn events(
    watch: Watch,
    authority: Arc<Authority>,
) -> impl Stream<Item = Result<Event, Infallible>> + Send {
    let begin = (Some(watch), authority);
    stream::unfold(begin, |(watch, authority)| async move {
        let mut watch = watch?;
        match watch.next().await {
            Ok(purge) => {
                let told = told(&purge?, &authority);
                Some((Ok(told), (Some(watch), authority)))
            }
            Err(error) if error.is_ours() => None,
            Err(refusal) => Some((Ok(refused(refusal)), (None, authority))),
        }
    })
}

fn told(purge: &Purge, authority: &Authority) -> Event {
    let name = match purge.ended {
        Some(_) => "end",
        None => "progress",
    };
    let data = PurgeBody::of(purge, authority);
    let event = Event::default().event(name);
    event.json_data(data).unwrap_or_default()
}

fn refused(refusal: Error) -> Event {
    let problem = Problem::from(refusal);
    let event = Event::default().event("refused");
    event.json_data(problem.told(None)).unwrap_or_default()
}
