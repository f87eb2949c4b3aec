//! The faces of tokenry over HTTP: read the request, call one use case,
//! represent the answer.
//!
//! `/api/v4` speaks GitLab's words: paths, parameters, statuses and bodies are
//! those of spec/rest.md. Nothing here knows of SQL, and no rule lives here.
#![deny(missing_docs)]

mod access;
mod admit;
mod answer;
mod app;
mod call;
mod credential;
mod csv;
mod face;
mod failure;
mod frame;
mod handbook;
mod health;
mod keys;
mod metrics;
mod oauth;
mod openapi;
mod options;
mod origin;
mod paging;
mod params;
mod queries;
mod represent;
mod request_id;
mod router;
mod secret;
mod site;
mod v1;
mod v4;
mod visit;

pub use frame::Framed;
pub use options::WebOptions;
pub use router::{openapi, router};
