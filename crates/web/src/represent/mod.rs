//! How things look on the wire.

pub(crate) mod agent;
pub(crate) mod application;
pub(crate) mod group;
pub(crate) mod member;
pub(crate) mod project;
pub(crate) mod runner;
pub(crate) mod session;
pub(crate) mod settings;
pub(crate) mod time;
pub(crate) mod token;
pub(crate) mod user;
