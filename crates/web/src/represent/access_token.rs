//! Project and group access tokens on the wire (spec/rest.md section 3.2).

use jiff::Timestamp;
use serde::Serialize;
use tokenry_authority::tokens::Issued;
use tokenry_domain::{AccessLevel, Place, Token};
use utoipa::ToSchema;

use super::token::TokenBody;

/// A project or group access token. Its user is a bot.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AccessToken)]
pub(crate) struct AccessTokenBody<'t> {
    #[serde(flatten)]
    token: TokenBody<'t>,
    /// The bot's role: 10, 15, 20, 25, 30, 40 or 50; null if it is no member
    /// any more.
    #[schema(value_type = Option<i64>)]
    access_level: Option<AccessLevel>,
    /// `project` or `group`.
    resource_type: &'static str,
    /// The id of the project or group.
    resource_id: i64,
}

impl<'t> AccessTokenBody<'t> {
    /// A row of the ledger.
    pub(crate) fn of(
        token: &'t Token,
        place: Place,
        level: Option<AccessLevel>,
        now: Timestamp,
    ) -> Self {
        Self::with(TokenBody::of(token, now), place, level)
    }

    /// A new token, with its secret.
    pub(crate) fn of_issued(
        issued: &'t Issued,
        place: Place,
        level: Option<AccessLevel>,
        now: Timestamp,
    ) -> Self {
        Self::with(TokenBody::of_issued(issued, now), place, level)
    }

    const fn with(token: TokenBody<'t>, place: Place, access_level: Option<AccessLevel>) -> Self {
        let (resource_type, resource_id) = place.parts();
        Self {
            token,
            access_level,
            resource_type,
            resource_id,
        }
    }
}
