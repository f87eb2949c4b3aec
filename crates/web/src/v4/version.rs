//! `GET /version` and `/metadata` (spec/rest.md section 4.3).

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    access::ReadUsers,
    answer,
    call::{Answer, Call},
    openapi::Refusals,
};

/// The release of GitLab whose token API is spoken here. Clients compare it to
/// decide what they may use.
const API_LEVEL: &str = "18.5.0";

/// The release of GitLab whose API is spoken, and of tokenry.
#[derive(Debug, Serialize, ToSchema)]
struct Version {
    /// GitLab's.
    version: &'static str,
    /// tokenry's.
    revision: &'static str,
}

const VERSION: Version = Version {
    version: API_LEVEL,
    revision: env!("CARGO_PKG_VERSION"),
};

/// What clients ask about a server.
#[derive(Debug, Serialize, ToSchema)]
struct Metadata {
    #[serde(flatten)]
    version: Version,
    kas: Kas,
    /// Always false.
    enterprise: bool,
}

/// GitLab's agent server for Kubernetes, which isn't here.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Kas {
    enabled: bool,
    external_url: Option<&'static str>,
    external_k8s_proxy_url: Option<&'static str>,
    version: Option<&'static str>,
}

/// Show the version
#[utoipa::path(
    get, path = "/api/v4/version", tag = "Instance",
    responses((status = 200, body = Version), Refusals)
)]
pub(super) async fn version(_: Call<ReadUsers>) -> Answer {
    Ok(answer::ok(&VERSION))
}

/// Show the version and what is switched on
#[utoipa::path(
    get, path = "/api/v4/metadata", tag = "Instance",
    responses((status = 200, body = Metadata), Refusals)
)]
pub(super) async fn metadata(_: Call<ReadUsers>) -> Answer {
    Ok(answer::ok(&Metadata {
        version: VERSION,
        kas: Kas {
            enabled: false,
            external_url: None,
            external_k8s_proxy_url: None,
            version: None,
        },
        enterprise: false,
    }))
}
