//! A purge on the wire.

use serde::Serialize;
use tokenry_authority::Authority;
use tokenry_domain::{Purge, Reason, token_filter::TokenFilter};
use utoipa::ToSchema;

use super::time::Moment;

/// Many tokens that go by one filter.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Purge)]
pub(crate) struct PurgeBody<'p> {
    id: i64,
    /// `waiting`, `running`, `done`, `cancelled` or `failed`.
    state: &'static str,
    /// Which tokens are to go: fields of the filter, with moments in place of durations.
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    filter: &'p TokenFilter,
    /// Whether the tokens are only counted.
    dry_run: bool,
    reason: Option<&'p str>,
    /// The username of whoever filed it; none on the server's own console, or
    /// if they are gone.
    filed_by: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    filed_at: Moment,
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Moment>,
    /// How many tokens were found and looked at.
    examined: u64,
    /// How many of them went; in a dry run, how many would have gone.
    deleted: u64,
    /// How many of them stay: they matched no longer, or not yet when the purge was filed.
    kept: u64,
    /// How much of the way lies behind it, from 0 to 1; none where that isn't known.
    progress: Option<f64>,
}

impl<'p> PurgeBody<'p> {
    pub(crate) fn of(purge: &'p Purge, authority: &Authority) -> Self {
        let filer = purge.filed.by.user;
        let filer = filer.and_then(|user| authority.recall_user(user));
        Self {
            id: purge.id.get(),
            state: purge.state(),
            filter: &purge.wanted.filter,
            dry_run: purge.wanted.dry_run,
            reason: purge.wanted.reason.as_ref().map(Reason::as_str),
            filed_by: filer.map(|user| user.username.clone()),
            filed_at: Moment(purge.filed.at),
            ended_at: purge.ended.map(|(at, _)| Moment(at)),
            examined: purge.progress.examined,
            deleted: purge.progress.deleted,
            kept: purge.kept(),
            progress: purge.share(),
        }
    }
}
