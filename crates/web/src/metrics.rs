//! `/-/metrics`: what the server knows of itself, in the text format of
//! OpenMetrics, which Prometheus asks for. Administrators may read it.
//!
//! A label has one of a few words for a value, never a name or an id: whoever
//! watches keeps each value that ever comes up.

use std::fmt;

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric, text::encode},
    metrics::{TypedMetric, counter::ConstCounter, gauge::ConstGauge, info::Info},
    registry::Registry,
};
use tokenry_authority::{
    measures::Measures,
    retention::{Behind, Run, Runs},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    access::AdminRead,
    answer,
    app::App,
    call::{Answer, Call},
    openapi::Refusals,
};

/// The type of the answer (OpenMetrics 1.0).
const OPEN_METRICS: HeaderValue =
    HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::default().routes(routes!(metrics))
}

/// Read figures of the server, as Prometheus takes them
#[utoipa::path(
    get, path = "/-/metrics", tag = "Health",
    responses((status = 200, content_type = "application/openmetrics-text", body = String), Refusals)
)]
async fn metrics(call: Call<AdminRead>) -> Answer {
    let measures = call.authority().measure(&call.caller).await?;
    Ok(written(measures).unwrap_or_else(|error| {
        answer::fault(StatusCode::INTERNAL_SERVER_ERROR, error.to_string())
    }))
}

fn written(measures: Measures) -> Result<Response, fmt::Error> {
    let mut registry = Registry::default();
    registry.register_collector(Box::new(Figures(measures)));
    let mut text = String::new();
    encode(&mut text, &registry)?;
    Ok(([(header::CONTENT_TYPE, OPEN_METRICS)], text).into_response())
}

/// All families. `docs/metrics.md` tells of each, in the same words.
#[derive(Debug)]
struct Figures(Measures);

impl Collector for Figures {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut page = Page(encoder);
        page.one(
            "tokenry_build",
            "The version that runs",
            &Info::new([("version", env!("CARGO_PKG_VERSION"))]),
        )?;
        memory(&mut page, &self.0)?;
        purges(&mut page, &self.0)?;
        due(&mut page, &self.0.behind)?;
        runs(&mut page, &self.0.retention)?;
        last_run(&mut page, self.0.retention.last.as_ref())
    }
}

fn memory(page: &mut Page<'_>, measures: &Measures) -> fmt::Result {
    page.one(
        "tokenry_index_tokens",
        "Tokens in the verification index",
        &ConstGauge::new(measures.index.tokens),
    )?;
    page.one(
        "tokenry_index_bytes",
        "Bytes of memory that the verification index takes",
        &ConstGauge::new(measures.index.bytes),
    )?;
    page.one(
        "tokenry_index_whole",
        "1 if the index holds every token, 0 if the database is asked for others",
        &ConstGauge::new(u64::from(measures.index.whole)),
    )?;
    page.one(
        "tokenry_last_uses_unwritten",
        "Tokens whose last use is in memory and not yet in the database",
        &ConstGauge::new(measures.last_uses),
    )
}

fn purges(page: &mut Page<'_>, measures: &Measures) -> fmt::Result {
    page.one(
        "tokenry_purges_open",
        "Purges that wait or run",
        &ConstGauge::new(measures.open_purges),
    )?;
    page.one(
        "tokenry_purge_deleted_tokens",
        "Tokens that purges deleted",
        &ConstCounter::new(measures.purged),
    )
}

fn due(page: &mut Page<'_>, behind: &Behind) -> fmt::Result {
    page.each(
        "tokenry_retention_oldest_due_seconds",
        "For how long the oldest row has been due that is there yet, 0 if none is",
        "rows",
        [
            ("tokens", behind.tokens),
            ("tombstones", behind.tombstones),
            ("audit", behind.audit),
        ]
        .map(|(rows, waited)| (rows, ConstGauge::new(waited.as_secs_f64()))),
    )
}

fn runs(page: &mut Page<'_>, runs: &Runs) -> fmt::Result {
    page.each(
        "tokenry_retention_deleted_rows",
        "Rows that retention deleted",
        "rows",
        [
            ("tokens", runs.ran.tokens),
            ("tombstones", runs.ran.tombstones),
            ("audit", runs.ran.audit),
            ("answers", runs.ran.answers),
        ]
        .map(|(rows, deleted)| (rows, ConstCounter::new(deleted))),
    )?;
    page.one(
        "tokenry_retention_revoked_tokens",
        "Tokens that the rules of hygiene revoked",
        &ConstCounter::new(runs.ran.revoked),
    )?;
    page.each(
        "tokenry_retention_runs",
        "Runs of retention that have ended, by their ends",
        "end",
        runs.ends()
            .map(|(end, runs)| (end.name(), ConstCounter::new(runs))),
    )
}

fn last_run(page: &mut Page<'_>, last: Option<&Run>) -> fmt::Result {
    let ended = last.and_then(|run| Some((run, run.ended?.0)));
    let took = ended.map(|(run, at)| at.duration_since(run.began_at));
    let at = ended.map(|(_, at)| at.as_duration());
    page.one(
        "tokenry_retention_last_run_timestamp_seconds",
        "When the last run of retention ended, 0 if none has",
        &ConstGauge::new(at.unwrap_or_default().as_secs_f64()),
    )?;
    page.one(
        "tokenry_retention_last_run_duration_seconds",
        "How long the last run of retention took",
        &ConstGauge::new(took.unwrap_or_default().as_secs_f64()),
    )?;
    page.one(
        "tokenry_retention_last_run_whole",
        "1 if the last run of retention deleted all that was due, 0 if it ended early or failed",
        &ConstGauge::new(u64::from(last.is_some_and(Run::is_whole))),
    )
}

/// The text, as far as it is written.
struct Page<'p>(DescriptorEncoder<'p>);

impl Page<'_> {
    /// A family of one figure. `_total` behind the names of counters, and
    /// `_info`, come with the type.
    fn one<F>(&mut self, name: &str, help: &str, figure: &F) -> fmt::Result
    where
        F: EncodeMetric + TypedMetric,
    {
        let family = self.0.encode_descriptor(name, help, None, F::TYPE)?;
        figure.encode(family)
    }

    /// A family of several, told apart by a label.
    fn each<F, const N: usize>(
        &mut self,
        name: &str,
        help: &str,
        label: &'static str,
        figures: [(&'static str, F); N],
    ) -> fmt::Result
    where
        F: EncodeMetric + TypedMetric,
    {
        let mut family = self.0.encode_descriptor(name, help, None, F::TYPE)?;
        for (value, figure) in figures {
            figure.encode(family.encode_family(&[(label, value)])?)?;
        }
        Ok(())
    }
}
