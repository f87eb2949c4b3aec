//! Users that are no people: what they are called where nobody says.

use data_encoding::HEXLOWER;

use crate::{Authority, Error};

/// The host of addresses that no mail reaches, where the server has no name.
const NO_HOST: &str = "tokenry.invalid";

impl Authority {
    /// A username that nobody has: a stem and something random.
    pub(crate) fn machine_username(&self, stem: &str) -> Result<String, Error> {
        let random = HEXLOWER.encode(&self.random::<16>()?);
        Ok(format!("{stem}_{random}"))
    }
}

/// An address that no mail reaches. `host` is the server's name.
pub(crate) fn noreply(username: &str, host: Option<&str>) -> String {
    format!("{username}@noreply.{}", host.unwrap_or(NO_HOST))
}
