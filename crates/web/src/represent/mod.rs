//! How things look on the wire.

pub(crate) mod access_token;
pub(crate) mod agent;
pub(crate) mod application;
pub(crate) mod audit;
pub(crate) mod deploy_token;
pub(crate) mod facts;
pub(crate) mod flags_client;
pub(crate) mod group;
pub(crate) mod identified;
pub(crate) mod job;
pub(crate) mod ledger_token;
pub(crate) mod member;
pub(crate) mod project;
pub(crate) mod purge;
pub(crate) mod retention;
pub(crate) mod runner;
pub(crate) mod scim_token;
pub(crate) mod secret;
pub(crate) mod service_account;
pub(crate) mod session;
pub(crate) mod settings;
pub(crate) mod time;
pub(crate) mod token;
pub(crate) mod tombstone;
pub(crate) mod trigger;
pub(crate) mod user;
