//! OAuth 2.0, as far as applications need it that act by themselves: the grant
//! for client credentials (RFC 6749 section 4.4), the end of what it gave
//! (RFC 7009), and the question what a token is (RFC 7662).

mod applications;
mod client;
mod grant;
mod introspect;
mod revoke;

pub use self::{
    applications::{ApplicationChange, NewApplication},
    client::{Client, Credentials},
    introspect::{Asking, Introspected},
};
