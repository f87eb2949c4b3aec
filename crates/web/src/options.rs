//! What is settled before the first request.

use ipnet::IpNet;

/// How requests are read and answers addressed.
#[derive(Debug, Clone)]
pub struct WebOptions {
    /// The address clients use, such as `https://tokens.example.com`; what
    /// links in answers begin with. Without it, the request's `Host` is
    /// believed.
    pub external_url: Option<String>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Whether a token may come as parameter `private_token` or
    /// `access_token`. Addresses get logged, so an operator may refuse that.
    pub private_token_parameter: bool,
    /// The largest body, in bytes.
    pub body_limit: usize,
}

impl Default for WebOptions {
    fn default() -> Self {
        Self {
            external_url: None,
            trusted_proxies: Vec::new(),
            private_token_parameter: true,
            body_limit: 1024 * 1024,
        }
    }
}
