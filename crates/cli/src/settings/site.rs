//! Another server, which is reached by its address rather than by its data.

use std::{fs, path::PathBuf};

use clap::Args;
use tokenry_authority::{Clock as _, SystemClock};
use url::{Host, Url};
use zeroize::Zeroizing;

use super::{bad, environment::site_token};
use crate::{console::Secret, exit::Failure, site::Site};

/// Where else than on this machine.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct SiteArguments {
    /// Ask the server at this address instead, over its API: tokenry or GitLab.
    /// The token is read from --token-file or from `TOKENRY_TOKEN`
    #[arg(
        long,
        global = true,
        value_name = "https://…",
        env = "TOKENRY_URL",
        hide_env_values = true
    )]
    url: Option<String>,
    /// File with the token that is presented to that server
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "TOKENRY_TOKEN_FILE",
        hide_env_values = true
    )]
    token_file: Option<PathBuf>,
    /// Send the token even where nothing encrypts the way
    #[arg(long, global = true)]
    plain_http: bool,
}

impl SiteArguments {
    /// The server meant, if one is.
    pub(crate) fn resolve(self) -> Result<Option<Site>, Failure> {
        let Some(url) = self.url else {
            return Ok(None);
        };
        let url = address(&url, self.plain_http)?;
        let token = match self.token_file {
            Some(file) => token_in(&file)?,
            None => site_token()?.ok_or_else(|| {
                bad("--url needs a token: name its file with --token-file, or set TOKENRY_TOKEN")
            })?,
        };
        Ok(Some(Site::new(url, token, SystemClock.now())))
    }
}

/// An address that a token may be sent to.
fn address(text: &str, plain_http: bool) -> Result<Url, Failure> {
    // The text isn't repeated: it may hold a password.
    let url = Url::parse(text).map_err(|_| bad("--url must be an address such as https://…"))?;
    let safe = match url.scheme() {
        "https" => true,
        "http" => plain_http || is_loopback(&url),
        _ => return Err(bad("--url must begin with https://")),
    };
    if !safe {
        return Err(bad(
            "--url begins with http://, where anybody on the way can read the token; \
             use https://, or --plain-http if that is meant",
        ));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(bad("--url takes no user and password; present a token"));
    }
    Ok(url)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn token_in(file: &PathBuf) -> Result<Secret, Failure> {
    let text = fs::read_to_string(file).map(Zeroizing::new);
    let text = text.map_err(|error| bad(format!("{} can't be read: {error}", file.display())))?;
    match text.trim() {
        "" => Err(bad(format!("{} is empty", file.display()))),
        token => Ok(Secret::new(token.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(text: &str, plain_http: bool) -> Result<String, String> {
        let url = address(text, plain_http);
        url.map(|url| url.to_string())
            .map_err(|failure| failure.message)
    }

    #[test]
    fn a_token_goes_only_where_the_way_is_encrypted_or_ends_here() {
        for (url, plain) in [
            ("https://gitlab.example.com/", false),
            ("https://example.com/gitlab", false),
            ("http://127.0.0.1:8080/", false),
            ("http://[::1]:8080/", false),
            ("http://localhost/", false),
            ("http://tokens.example.com/", true),
        ] {
            assert_eq!(taken(url, plain).unwrap(), url);
        }
        for (url, why) in [
            ("http://tokens.example.com", "anybody on the way"),
            ("http://localhost.example.com", "anybody on the way"),
            ("ftp://localhost", "must begin with https://"),
            ("tokens.example.com", "must be an address"),
            ("https://me:hunter2@example.com", "no user and password"),
            ("", "must be an address"),
        ] {
            let refused = taken(url, false).unwrap_err();
            assert!(
                refused.contains(why) && !refused.contains("hunter2"),
                "{refused}"
            );
        }
    }
}
