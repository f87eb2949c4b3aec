//! How things look on the wire.

pub(crate) mod access_token;
pub(crate) mod group;
pub(crate) mod member;
pub(crate) mod project;
pub(crate) mod service_account;
pub(crate) mod settings;
pub(crate) mod time;
pub(crate) mod token;
pub(crate) mod user;
