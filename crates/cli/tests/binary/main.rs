//! The real binary, from outside: how it starts, what it takes, what it says
//! and how it ends, also when it is killed.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests"
)]

mod bad_input;
mod console;
mod database;
mod deleted;
mod filters;
mod first_start;
mod full_disk;
mod http;
mod issuing;
mod killed;
mod lists;
mod manual;
mod postgres;
mod purge;
mod server;
mod settings;
mod site;
mod site_list;
mod site_purge;
mod site_reasons;
mod stop;
mod subjects;
