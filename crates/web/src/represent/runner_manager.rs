//! Managers of runners on the wire (spec/rest.md section 3.8).

use std::net::IpAddr;

use jiff::Timestamp;
use serde::Serialize;
use tokenry_domain::{
    runner::RunnerStatus,
    runner_manager::{Program, RunnerManager},
};
use utoipa::ToSchema;

use super::time::Moment;

/// A machine that works as a runner.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RunnerManager)]
pub(crate) struct RunnerManagerBody<'m> {
    /// The manager's id.
    id: i64,
    /// The id that the machine has chosen for itself.
    system_id: &'m str,
    /// The version of the program that it runs; it says so itself.
    version: Option<&'m str>,
    /// The revision of that program's sources.
    revision: Option<&'m str>,
    /// The operating system that the program is made for.
    platform: Option<&'m str>,
    /// The processor that the program is made for.
    architecture: Option<&'m str>,
    /// When it was heard of first.
    #[schema(value_type = String, format = DateTime)]
    created_at: Moment,
    /// When it was heard of last, five minutes more or less.
    #[schema(value_type = String, format = DateTime)]
    contacted_at: Moment,
    /// From where it was heard of last.
    #[schema(value_type = Option<String>)]
    ip_address: Option<IpAddr>,
    /// `online`, `offline` or, after three months, `stale`.
    status: &'static str,
}

impl<'m> RunnerManagerBody<'m> {
    pub(crate) fn of(manager: &'m RunnerManager, now: Timestamp) -> Self {
        let Program {
            version,
            revision,
            platform,
            architecture,
        } = &manager.said.program;
        Self {
            id: manager.id.get(),
            system_id: &manager.said.system_id,
            version: version.as_deref(),
            revision: revision.as_deref(),
            platform: platform.as_deref(),
            architecture: architecture.as_deref(),
            created_at: Moment(manager.created_at),
            contacted_at: Moment(manager.contacted_at),
            ip_address: manager.said.address,
            status: RunnerStatus::of(Some(manager.contacted_at), now).name(),
        }
    }
}
