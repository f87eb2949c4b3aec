//! Service accounts on the wire (spec/rest.md section 3.3).

use serde::Serialize;
use tokenry_domain::User;
use utoipa::ToSchema;

/// A user that is a machine.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ServiceAccount)]
pub(crate) struct ServiceAccountBody<'u> {
    /// The user's id.
    id: i64,
    /// The name in URLs.
    username: &'u str,
    /// The name people read.
    name: &'u str,
    /// The address mail goes to.
    email: &'u str,
}

impl<'u> ServiceAccountBody<'u> {
    pub(crate) fn of(user: &'u User) -> Self {
        Self {
            id: user.id.get(),
            username: &user.username,
            name: &user.name,
            email: &user.email,
        }
    }
}
