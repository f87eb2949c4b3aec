//! What only the server needs to know.

use std::{fmt, net::SocketAddr, time::Duration};

use clap::{Args, ValueEnum};
use serde::Deserialize;
use tokenry_authority::Options;
use tokenry_web::WebOptions;
use url::Url;

use super::{Network, Whereabouts, bad};
use crate::exit::Failure;

/// The longest time between two writes of last uses, in seconds.
const LONGEST_FLUSH: u64 = 3600;

/// The server's settings. Every field is open, so that sources can be laid
/// over each other.
#[derive(Debug, Clone, Default, Args, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub(crate) struct Server {
    /// Address and port to listen on; port 0 takes a free one
    /// [default: 127.0.0.1:8080]
    #[arg(
        long,
        value_name = "ADDRESS:PORT",
        env = "TOKENRY_LISTEN",
        hide_env_values = true
    )]
    pub(crate) listen: Option<SocketAddr>,
    /// What the server is called from outside, for the links in answers
    /// [default: as the request says]
    #[arg(
        long,
        value_name = "URL",
        env = "TOKENRY_EXTERNAL_URL",
        hide_env_values = true
    )]
    pub(crate) external_url: Option<String>,
    /// Proxies whose X-Forwarded-For is believed: addresses or networks,
    /// separated by commas [default: none]
    #[arg(
        long,
        value_name = "NETWORKS",
        value_delimiter = ',',
        env = "TOKENRY_TRUSTED_PROXIES",
        hide_env_values = true
    )]
    pub(crate) trusted_proxies: Option<Vec<Network>>,
    /// Whether the query parameter `private_token` is taken for a token
    /// [default: true]
    #[arg(
        long,
        value_name = "true|false",
        env = "TOKENRY_PRIVATE_TOKEN_PARAMETER",
        hide_env_values = true
    )]
    pub(crate) private_token_parameter: Option<bool>,
    /// Whether impersonation tokens work [default: true]
    #[arg(
        long,
        value_name = "true|false",
        env = "TOKENRY_IMPERSONATION",
        hide_env_values = true
    )]
    pub(crate) impersonation: Option<bool>,
    /// Most tokens kept in memory, about 125 bytes each [default: 8000000]
    #[arg(
        long,
        value_name = "TOKENS",
        env = "TOKENRY_INDEX_CAPACITY",
        hide_env_values = true
    )]
    pub(crate) index_capacity: Option<usize>,
    /// Unknown tokens taken from one address in a minute before it is told to
    /// wait [default: 600]
    #[arg(
        long,
        value_name = "NUMBER",
        env = "TOKENRY_UNKNOWN_TOKEN_LIMIT",
        hide_env_values = true
    )]
    pub(crate) unknown_token_limit: Option<u32>,
    /// Wrong passwords taken from one address in a minute before it is told to
    /// wait [default: 10]
    #[arg(
        long,
        value_name = "NUMBER",
        env = "TOKENRY_WRONG_PASSWORD_LIMIT",
        hide_env_values = true
    )]
    pub(crate) wrong_password_limit: Option<u32>,
    /// Seconds between two writes of last uses; a crash loses no more of them
    /// [default: 30]
    #[arg(
        long,
        value_name = "SECONDS",
        env = "TOKENRY_FLUSH_INTERVAL",
        hide_env_values = true
    )]
    pub(crate) flush_interval: Option<u64>,
    /// What is logged: error, warn, info, debug, trace, or targets such as
    /// `info,tokenry_store=debug` [default: info]
    #[arg(
        long,
        value_name = "LEVEL",
        env = "TOKENRY_LOG",
        hide_env_values = true
    )]
    pub(crate) log: Option<String>,
    /// How it is logged [default: text]
    #[arg(
        long,
        value_name = "FORMAT",
        env = "TOKENRY_LOG_FORMAT",
        hide_env_values = true
    )]
    pub(crate) log_format: Option<LogFormat>,
}

/// The form of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    /// For people
    Text,
    /// For machines: an object a line
    Json,
}

/// The server's settings, settled.
#[derive(Debug)]
pub(crate) struct Serving {
    pub(crate) place: Whereabouts,
    pub(crate) listen: SocketAddr,
    pub(crate) web: WebOptions,
    pub(crate) authority: Options,
    pub(crate) flush_interval: Duration,
    pub(crate) log: String,
    pub(crate) log_format: LogFormat,
}

impl Server {
    /// What holds where no source says otherwise.
    pub(crate) fn defaults() -> Self {
        let options = Options::default();
        Self {
            listen: Some(SocketAddr::from(([127, 0, 0, 1], 8080))),
            external_url: None,
            trusted_proxies: Some(Vec::new()),
            private_token_parameter: Some(true),
            impersonation: Some(options.impersonation),
            index_capacity: Some(options.index_capacity),
            unknown_token_limit: Some(options.unknown_per_minute),
            wrong_password_limit: Some(options.wrong_passwords_per_minute),
            flush_interval: Some(30),
            log: Some("info".to_owned()),
            log_format: Some(LogFormat::Text),
        }
    }

    /// These settings, and another source's where these say nothing.
    pub(crate) fn or(self, other: Self) -> Self {
        Self {
            listen: self.listen.or(other.listen),
            external_url: self.external_url.or(other.external_url),
            trusted_proxies: self.trusted_proxies.or(other.trusted_proxies),
            private_token_parameter: self
                .private_token_parameter
                .or(other.private_token_parameter),
            impersonation: self.impersonation.or(other.impersonation),
            index_capacity: self.index_capacity.or(other.index_capacity),
            unknown_token_limit: self.unknown_token_limit.or(other.unknown_token_limit),
            wrong_password_limit: self.wrong_password_limit.or(other.wrong_password_limit),
            flush_interval: self.flush_interval.or(other.flush_interval),
            log: self.log.or(other.log),
            log_format: self.log_format.or(other.log_format),
        }
    }

    /// The settings, if they can be used. The source no longer matters here,
    /// so every value is checked by the same rule wherever it came from.
    pub(crate) fn checked(self, place: Whereabouts) -> Result<Serving, Failure> {
        let usual = Options::default();
        let web = WebOptions {
            external_url: self.external_url.as_deref().map(check_url).transpose()?,
            trusted_proxies: self
                .trusted_proxies
                .into_iter()
                .flatten()
                .map(|network| network.0)
                .collect(),
            private_token_parameter: self.private_token_parameter.unwrap_or(true),
            ..WebOptions::default()
        };
        let authority = Options {
            index_capacity: self.index_capacity.unwrap_or(usual.index_capacity),
            unknown_per_minute: self.unknown_token_limit.unwrap_or(usual.unknown_per_minute),
            wrong_passwords_per_minute: self
                .wrong_password_limit
                .unwrap_or(usual.wrong_passwords_per_minute),
            impersonation: self.impersonation.unwrap_or(usual.impersonation),
            cell: place.cell,
            ..Options::default()
        };
        Ok(Serving {
            place,
            listen: self.listen.ok_or_else(|| bad("listen isn't set"))?,
            web,
            authority,
            flush_interval: check_interval(self.flush_interval.unwrap_or_default())?,
            log: self.log.unwrap_or_default(),
            log_format: self.log_format.unwrap_or(LogFormat::Text),
        })
    }
}

fn check_interval(seconds: u64) -> Result<Duration, Failure> {
    if (1..=LONGEST_FLUSH).contains(&seconds) {
        return Ok(Duration::from_secs(seconds));
    }
    Err(bad(format!(
        "flush-interval must be from 1 to {LONGEST_FLUSH} seconds"
    )))
}

/// Links are made by putting a path behind it, so it ends without a slash.
fn check_url(text: &str) -> Result<String, Failure> {
    match Url::parse(text) {
        Ok(url)
            if ["http", "https"].contains(&url.scheme())
                && url.has_host()
                && url.query().is_none()
                && url.fragment().is_none() =>
        {
            Ok(text.trim_end_matches('/').to_owned())
        }
        _ => Err(bad("external-url must be like https://tokens.example.com")),
    }
}

/// The settings in force, as one line of the log. No secrets.
impl fmt::Display for Serving {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let none = || "none".to_owned();
        let proxies: Vec<_> = self
            .web
            .trusted_proxies
            .iter()
            .map(ToString::to_string)
            .collect();
        write!(
            f,
            "listen={} data-dir={} database={} external-url={} trusted-proxies={} \
             private-token-parameter={} impersonation={} index-capacity={} \
             unknown-token-limit={} wrong-password-limit={} flush-interval={} cell={} log={} log-format={}",
            self.listen,
            self.place.dir.path().display(),
            self.place.shown_database(),
            self.web.external_url.clone().unwrap_or_else(none),
            Some(proxies.join(","))
                .filter(|list| !list.is_empty())
                .unwrap_or_else(none),
            self.web.private_token_parameter,
            self.authority.impersonation,
            self.authority.index_capacity,
            self.authority.unknown_per_minute,
            self.authority.wrong_passwords_per_minute,
            self.flush_interval.as_secs(),
            self.authority
                .cell
                .map_or_else(none, |cell| cell.to_string()),
            self.log,
            format!("{:?}", self.log_format).to_lowercase(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::super::Place;
    use super::*;

    fn checked(server: Server) -> Result<Serving, String> {
        let place = Place::default().whereabouts().unwrap();
        server
            .or(Server::defaults())
            .checked(place)
            .map_err(|failure| failure.message)
    }

    #[test]
    fn the_defaults_are_those_the_help_tells() {
        let shown = checked(Server::default()).unwrap().to_string();
        let command = <Server as Args>::augment_args(clap::Command::new("x"));
        for argument in command.get_arguments() {
            let help = argument.get_help().unwrap().to_string();
            let (_, default) = help.split_once("[default: ").expect(&help);
            let default = default.trim_end_matches(']');
            let default = if default == "as the request says" {
                "none"
            } else {
                default
            };
            let setting = format!("{}={default}", argument.get_long().unwrap());
            assert!(shown.contains(&setting), "{setting} in {shown}");
        }
    }

    #[test]
    fn a_slash_behind_the_external_url_is_dropped() {
        let server = Server {
            external_url: Some("https://x.example/tokens/".to_owned()),
            ..Server::default()
        };
        let serving = checked(server).unwrap();
        assert_eq!(
            serving.web.external_url.as_deref(),
            Some("https://x.example/tokens")
        );
    }

    #[test]
    fn values_out_of_range_are_refused_by_name() {
        for seconds in [0, 3601] {
            let server = Server {
                flush_interval: Some(seconds),
                ..Server::default()
            };
            assert!(checked(server).unwrap_err().contains("flush-interval"));
        }
        for url in ["", "x.example", "ftp://x", "https://x?a=b", "http://"] {
            let server = Server {
                external_url: Some(url.to_owned()),
                ..Server::default()
            };
            assert!(
                checked(server).unwrap_err().contains("external-url"),
                "{url}"
            );
        }
    }
}
